/**
 * A resident's phone is lost and the node is killed in the middle of what follows, at any write of its agent or its issuer: started
 * again, it does the rest. What was in the resident's own vault waits once, what lay elsewhere is revoked, the agent's stays.
 */
import { type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { type PrivateJwk, publicPart, thumbprint } from '@chengxin/crypto'
import { generatePrivateJwk, sha256 } from '@chengxin/crypto/node'
import { ledgerView } from '@chengxin/holder'
import { expectOk, type JsonObject } from '@chengxin/kernel'
import { createMemoryVault, recoveriesOf, type Vault } from '@chengxin/services'
import { graduationFields, type IssuerDeskOffice, openIssuerOffice } from '@chengxin/services/issuer'
import { trustedBundle } from '@chengxin/services/verifier'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createAgent } from '../../packages/services/src/agent/agent.ts'
import { followLosses } from '../../packages/services/src/agent/losses.ts'
import { agentVault } from '../../packages/services/src/agent/records.ts'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import { ensureAuthorised, ensureIdentity, ensureType, fillOffices } from '../../packages/services/src/demo/offices.ts'
import { breakingVault } from './breaking-vault.ts'
import { type Holder, newHolder, recover } from './recovering-holder.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }
const { typeId } = graduationType
const claims = { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science' }

let sample: SampleNode
let group: GroupClient
let aheadMs = 0

beforeAll(async () => {
  const realNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs)
  sample = await openSampleNode()
  group = await sample.node.findGroup()
  await fillOffices(group, 'loss')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
  await ensureIdentity(group, 'transport')
}, 300_000)
afterAll(async () => {
  await sample?.close()
  vi.restoreAllMocks()
})

function openOffice(vault: Vault): Promise<IssuerDeskOffice> {
  const { did, privateJwk } = sampleActor('university')
  return openIssuerOffice({
    ...{ office: 'university', names, group, vault, publicUrl: url, poolMs: 5, failed: () => {} },
    builtIn: [{ type: graduationType, fields: graduationFields, linkage: 'identified' }],
    signer: nativeSigner(privateJwk, { did }),
    trusted: trustedBundle(group, Date.now),
    hasAgentFor: async () => true,
  })
}

async function close({ office, recovered }: IssuerDeskOffice): Promise<void> {
  await recovered.stop()
  await office.close()
}

/** One round of the node's agent after it has started. */
async function round(vault: Vault, office: IssuerDeskOffice, { did, person }: Holder): Promise<void> {
  const losses = {
    recoveries: recoveriesOf(group),
    accountOf: async (lost: string) => (lost === did ? person.accountId : undefined),
    issuers: () => [office.renewals],
  }
  const agent = createAgent({
    ...{ did: sampleActor('university').did, groupId: group.groupId, ledger: ledgerView(group, Date.now), vault },
    send: async () => ({ status: 404, headers: {}, body: '' }),
    ...{ relyingParty: { rpId: 'localhost', origins: [url] }, nowMs: Date.now, losses },
  })
  await followLosses(agent, losses)
}

/** A certificate of the resident's, under a key that somebody keeps. */
async function certified({ office }: IssuerDeskOffice, { person }: Holder, name: string): Promise<PrivateJwk> {
  const subject = person.accountId
  await office.keepClaims(subject, typeId, claims)
  expectOk(await office.offer(subject, typeId))
  const [offer] = await office.records.offers.find('subject', subject, { newestFirst: true })
  const key = generatePrivateJwk('ES256')
  const wish = { orderId: `order ${name}`, subject: offer?.id ?? '', configurationId: typeId }
  expect(await office.fillOrder({ ...wish, holderKeys: [publicPart(key)] })).toMatchObject({ status: 'ready' })
  return key
}

/** The resident's own vault has one key, the agent another; the third is in a wallet of another make. */
async function keep(
  vault: Vault,
  { did, person: { accountId: account } }: Holder,
  own: PrivateJwk,
  agents: PrivateJwk,
) {
  const kept = agentVault(vault)
  const index = [{ holder: [thumbprint(sha256, publicPart(own))] }]
  const sealed = { account, version: 1, sealed: '', keys: [], index, begunAtMs: 1, changedAtMs: 1 }
  await kept.ownVaults.insert(account, sealed as never)
  const holding = { account, did, copies: [{ key: agents as unknown as JsonObject }] }
  await kept.holdings.insert(`holding_${account}`, holding as never, { account })
}

async function killedAt(at: number, when: 'before' | 'after') {
  const [vault, who] = [createMemoryVault(), await newHolder(group)]
  const before = await openOffice(vault)
  const own = await certified(before, who, 'own')
  const foreign = await certified(before, who, 'foreign')
  const agents = await certified(before, who, 'agent')
  await keep(vault, who, own, agents)
  await close(before)
  await recover(group, who, (ms) => (aheadMs += ms))

  const breaking = breakingVault(vault, at, when)
  const killed = await openOffice(breaking).catch(() => undefined)
  const outcome = await (killed ? round(breaking, killed, who) : Promise.reject(new Error('killed'))).then(
    () => 'done',
    () => 'killed',
  )
  if (killed) await close(killed)

  const after = await openOffice(vault)
  await round(vault, after, who)
  await round(vault, after, who)
  const standing = []
  for (const key of [own, foreign, agents]) standing.push((await after.office.recordOfKey(publicPart(key)))?.status)
  const waiting = await after.renewals.queued()
  const [lost] = await agentVault(vault).ownVaults.list()
  const lists = await vault.collection<{ isChanged: boolean }>('issuer-university-lists').list()
  await close(after)
  return {
    ...{ outcome, writes: breaking.writes(), standing, waiting: waiting.length },
    openLosses: await agentVault(vault).losses.count(),
    ownVault: [lost?.value.index.length, lost?.value.lostAtMs !== undefined],
    unpublished: lists.filter(({ value }) => value.isChanged).length,
  }
}

const allDone = {
  ...{ standing: ['superseded', 'revoked', 'valid'], waiting: 1, openLosses: 0, ownVault: [0, true], unpublished: 0 },
}

test('killed at any write in the middle of a loss, a node does the rest once when it starts again', async () => {
  const { writes, ...whole } = await killedAt(Number.POSITIVE_INFINITY, 'before')
  expect(whole).toEqual({ outcome: 'done', ...allDone })
  expect(writes).toBeGreaterThan(10)
  for (let at = 0; at < writes; at++) {
    for (const when of ['before', 'after'] as const) {
      const { writes: _, ...rest } = await killedAt(at, when)
      expect({ at, when, ...rest }).toEqual({ at, when, outcome: 'killed', ...allDone })
    }
  }
}, 600_000)
