/**
 * A resident whose user agent is another node's loses the phone and recovers there: the ledger alone tells this node's issuer, which
 * suspends what the DID claimed and queues it for a clerk. Killed between the event and the queue, or in the middle of the queue,
 * nothing is lost and nothing stands twice.
 */
import { type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { expectOk } from '@chengxin/kernel'
import { createMemoryVault, type Vault } from '@chengxin/services'
import { graduationFields, type IssuerDeskOffice, openIssuerOffice } from '@chengxin/services/issuer'
import { trustedBundle } from '@chengxin/services/verifier'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import { ensureAuthorised, ensureIdentity, ensureType, fillOffices } from '../../packages/services/src/demo/offices.ts'
import { breakingVault } from './breaking-vault.ts'
import { type Holder, newHolder, recover } from './recovering-holder.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }
const { typeId } = graduationType
const claims = { name_latin: 'Chan Tai Man', birth_date: '2001-02-03', degree_en: 'Bachelor of Science' }
const document = { documentType: 'resident_card', documentNumber: '1000001' }
const chan = { familyName: 'CHAN', givenName: 'TAI MAN', birthDate: '2001-02-03', ...document }

let sample: SampleNode
let group: GroupClient
/** Turned on by the waiting time; ledger and offices read the same clock, as on a real node. */
let aheadMs = 0

beforeAll(async () => {
  const realNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs)
  sample = await openSampleNode()
  group = await sample.node.findGroup()
  await fillOffices(group, 'recovered')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
  await ensureIdentity(group, 'transport')
}, 300_000)
afterAll(async () => {
  await sample?.close()
  vi.restoreAllMocks()
})

const holder = () => newHolder(group)
const recovers = (who: Holder) => recover(group, who, (ms) => (aheadMs += ms))

function open(vault: Vault): Promise<IssuerDeskOffice> {
  const { did, privateJwk } = sampleActor('university')
  return openIssuerOffice({
    ...{ office: 'university', names, group, vault, publicUrl: url, poolMs: 5, failed: () => {} },
    builtIn: [{ type: graduationType, fields: graduationFields, linkage: 'identified' }],
    signer: nativeSigner(privateJwk, { did }),
    trusted: trustedBundle(group, Date.now),
  })
}

async function close({ office, recovered }: IssuerDeskOffice): Promise<void> {
  await recovered.stop()
  await office.close()
}

/** Fetches whatever the claim offers last, into a wallet of another make. */
async function fetched({ office }: IssuerDeskOffice, subject: string, name: string) {
  const [offer] = await office.records.offers.find('subject', subject, { newestFirst: true })
  const wish = { orderId: `order ${name}`, subject: offer?.id ?? '', configurationId: typeId }
  return expectOk(await office.fillOrder({ ...wish, holderKeys: [newHolderKey().jwk] }))
}

/** Certificates of this many entitlements, claimed in the holder's name. */
async function certified(book: IssuerDeskOffice, { person }: Holder, count = 1): Promise<readonly string[]> {
  const rows = Array.from({ length: count }, (_, index) => ({ line: index + 2, claims, ...document }))
  await book.entitlements.make('import_one', typeId, rows)
  await book.claims.recognise(person, chan)
  const subjects = await book.claims.subjectsOf(person.accountId)
  await book.claims.mine(person)
  for (const subject of subjects) await fetched(book, subject, subject)
  return subjects
}

const statusesOf = async ({ office }: IssuerDeskOffice, subjects: readonly string[]) =>
  (await Promise.all(subjects.map((subject) => office.recordsOf(subject)))).flat().map(({ status }) => status)

async function listsToPublish(vault: Vault): Promise<number> {
  const lists = await vault.collection<{ isChanged: boolean }>('issuer-university-lists').list({ limit: 100 })
  return lists.filter(({ value }) => value.isChanged).length
}

describe('a holder who recovered through another node', () => {
  test('finds the certificate suspended, and fetches a new one once a clerk has agreed', async () => {
    const [vault, who, other] = [createMemoryVault(), await holder(), await holder()]
    const book = await open(vault)
    const subjects = await certified(book, who)
    await book.recovered.turn()
    expect(await book.renewals.count()).toBe(0)
    await recovers(other)
    await book.recovered.turn()
    expect([await book.renewals.count(), await statusesOf(book, subjects)]).toEqual([0, ['valid']])
    await recovers(who)
    await book.recovered.turn()
    await book.recovered.turn()
    expect(await book.renewals.queued()).toMatchObject([{ typeId, state: 'queued', recovery: expect.any(String) }])
    expect(await book.office.recordsOf(subjects[0] as string)).toMatchObject([
      { status: 'suspended', reasonCode: 'key_lost' },
    ])
    expect(await listsToPublish(vault)).toBe(0)

    const shown = async () => (await book.claims.mine(who.person))[0]?.['certificates']
    expect(await shown()).toMatchObject([{ state: 'issued', status: 'suspended' }])
    const [{ reference } = { reference: '' }] = await book.renewals.queued()
    expect(await book.renewals.decide(reference, true, 'account_clerk')).toBeUndefined()
    expect(await shown()).toMatchObject([{ state: 'offered', uri: expect.stringContaining('credential') }])
    expect(await fetched(book, subjects[0] as string, 'anew')).toMatchObject({ status: 'ready' })
    expect(await statusesOf(book, subjects)).toEqual(['superseded', 'valid'])
    expect(await shown()).toMatchObject([{ state: 'issued', status: 'valid' }])
    await close(book)
  }, 300_000)

  test('is good again where a clerk finds that nothing was lost, and waits anew after another loss', async () => {
    const [vault, who] = [createMemoryVault(), await holder()]
    const book = await open(vault)
    const subjects = await certified(book, who)
    await recovers(who)
    await book.recovered.turn()
    const [first] = await book.renewals.queued()
    expect(await book.renewals.decide(first?.reference ?? '', false, 'account_clerk')).toBeUndefined()
    await book.recovered.turn()
    expect([await book.renewals.count(), await statusesOf(book, subjects)]).toEqual([0, ['valid']])
    await recovers(who)
    await book.recovered.turn()
    expect([await book.renewals.count(), await statusesOf(book, subjects)]).toEqual([1, ['suspended']])
    await close(book)
  }, 300_000)
})

describe('killed while a recovery is taken up', () => {
  async function killedAt(at: number, when: 'before' | 'after') {
    const [vault, who] = [createMemoryVault(), await holder()]
    const before = await open(vault)
    const subjects = await certified(before, who, 2)
    await close(before)
    await recovers(who)
    const breaking = breakingVault(vault, at, when)
    const killed = await open(breaking).catch(() => undefined)
    const outcome = await (killed?.recovered.turn() ?? Promise.reject(new Error('killed'))).then(
      () => 'done',
      () => 'killed',
    )
    if (killed) await close(killed)
    const after = await open(vault)
    await after.recovered.turn()
    const waiting = (await after.renewals.queued()).map(({ subject }) => subject)
    const statuses = await statusesOf(after, subjects)
    await close(after)
    return { outcome, writes: breaking.writes(), subjects, waiting, statuses, unpublished: await listsToPublish(vault) }
  }

  test('at any write: each certificate waits once, suspended where readers can see it', async () => {
    const { writes } = await killedAt(Number.POSITIVE_INFINITY, 'before')
    expect(writes).toBeGreaterThan(8)
    for (let at = 0; at < writes; at++) {
      for (const when of ['before', 'after'] as const) {
        const { outcome, subjects, waiting, statuses, unpublished } = await killedAt(at, when)
        expect([at, when, outcome]).toEqual([at, when, 'killed'])
        expect(waiting.toSorted()).toEqual(subjects.toSorted())
        expect([at, when, statuses, unpublished]).toEqual([at, when, ['suspended', 'suspended'], 0])
      }
    }
  }, 600_000)
})
