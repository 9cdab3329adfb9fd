/**
 * A university is dissolved and the transport office succeeds it, on a whole node: two officers agree, the ledger names the
 * successor, entitlements and certificates are with it, a stranger's check says so, and the successor revokes. Killed at any write,
 * all of it is done once.
 */
import { auditFile } from '@chengxin/audit'
import { action, credentials, type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { expectOk, type GroupId } from '@chengxin/kernel'
import { createMemoryVault, type DeskEndpoint, type Person, publishBundle, type Vault } from '@chengxin/services'
import {
  createSuccessionDesk,
  graduationFields,
  type IssuerDeskOffice,
  openIssuerOffice,
  type RegisterRow,
  type SuccessionDesk,
} from '@chengxin/services/issuer'
import { trustedBundle } from '@chengxin/services/verifier'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import { ensureIdentity, fillOffices } from '../../packages/services/src/demo/offices.ts'
import { displayDocument, schemaDocument } from '../../packages/services/src/issuer/certificate-type.ts'
import { breakingVault } from './breaking-vault.ts'
import { worded, wordsOf } from './officers-word.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'
import { sendAs } from './send-as.ts'

const url = 'http://localhost:8080'
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }
const claims = { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science' }
const row = (line: number, documentNumber: string): RegisterRow => ({
  ...{ line, claims, documentType: 'resident_card', documentNumber },
})

let sample: SampleNode
let group: GroupClient

beforeAll(async () => {
  sample = await openSampleNode()
  group = await sample.node.findGroup()
  await fillOffices(group, 'succession')
  await ensureIdentity(group, 'transport')
}, 300_000)
afterAll(() => sample.close())

const officer = (accountId: string, office: string): Person => ({
  ...{ accountId, kind: 'officer', office, roles: ['issuer_officer'], signedInAtMs: 0 },
})
const [one, other, theirs] = [
  officer('account_one', 'university'),
  officer('account_other', 'university'),
  officer('account_theirs', 'transport'),
]

/** What wants the officer's word. */
const weighty = new Set(['proposeSuccession', 'decideSuccession'])

interface Offices {
  readonly old: IssuerDeskOffice
  readonly heir: IssuerDeskOffice
  readonly desk: SuccessionDesk
  call(id: string, person: Person, body?: object, query?: object): Promise<{ readonly [member: string]: unknown }>
  close(): Promise<void>
}

async function open(vault: Vault, types: readonly `type_${string}`[]): Promise<Offices> {
  const common = { names, group, vault, publicUrl: url, poolMs: 5, trusted: trustedBundle(group, Date.now) }
  const builtIn = types.map((typeId) => ({
    ...{ type: { ...graduationType, typeId }, fields: graduationFields, linkage: 'identified' as const },
  }))
  const signerOf = (name: 'university' | 'transport') => {
    const { did, privateJwk } = sampleActor(name)
    return nativeSigner(privateJwk, { did })
  }
  const old = await openIssuerOffice({ ...common, office: 'university', signer: signerOf('university'), builtIn })
  const heir = await openIssuerOffice({ ...common, office: 'transport', signer: signerOf('transport'), builtIn: [] })
  const desk = await createSuccessionDesk({
    ...{ group, vault, offices: [old, heir], authority: sampleActor('issuer-authority').signer, nowMs: Date.now },
    ...{ published: () => {}, failed: () => {}, words: wordsOf(group.groupId, 'succession', vault) },
  })
  return {
    ...{ old, heir, desk },
    async call(id, person, body = {}, query = {}) {
      const endpoint = desk.endpoints.find((candidate) => candidate.id === id) as DeskEndpoint
      const { successionId, ...rest } = body as { readonly successionId?: string }
      const params = successionId === undefined ? {} : { successionId }
      const plain = { body: rest, params, query: query as never, headers: {}, person }
      const asked = weighty.has(id) ? await worded(desk.endpoints, id, plain) : plain
      return (await endpoint.handle(asked)) as unknown as { readonly [member: string]: unknown }
    },
    async close() {
      await desk.close?.()
      for (const { office, recovered } of [old, heir]) {
        await recovered.stop()
        await office.close()
      }
    },
  }
}

/** A type that the university may issue. */
async function defined(typeId: `type_${string}`): Promise<void> {
  const type = { ...graduationType, typeId }
  const [schema, display] = [schemaDocument(type), displayDocument(type)]
  const issuer = sampleActor('university').did
  await sendAs(group, 'issuer-authority', [
    action(credentials.defineType, { typeId, schemaHash: schema.hash, displayHash: display.hash }),
    action(credentials.authoriseIssuer, { issuer, typeId }),
  ])
  for (const { hash, text } of [schema, display]) await group.putDocument(hash, text, 'application/json')
}

async function certified({ office }: IssuerDeskOffice, subject: string, typeId: string): Promise<string> {
  await office.keepClaims(subject, typeId, claims)
  expectOk(await office.offer(subject, typeId))
  const [offer] = await office.records.offers.find('subject', subject, { newestFirst: true })
  const wish = { orderId: `order ${subject} ${office.office}`, subject: offer?.id ?? '', configurationId: typeId }
  const filled = expectOk(await office.fillOrder({ ...wish, holderKeys: [newHolderKey().jwk] }))
  return filled.status === 'ready' ? (filled.certificates[0] ?? '') : ''
}

async function checked(text: string) {
  await group.readModelReached(sample.ledger.head().height)
  const publicGroupUrl = `${url}/v1/groups/${group.groupId}`
  await publishBundle(group, { directory: sample.directory, publicGroupUrl, nowMs: Date.now() })
  const bundle = await group.getText('/trust-bundle')
  const report = await auditFile(text, { bundle, pins: { group: group.groupId as GroupId }, nowMs: Date.now() })
  const check = (name: string) => report.checks.find((each) => each.name === name)
  return { verdict: report.verdict, issuer: check('issuer'), status: check('status') }
}

/** Proposed by one officer and agreed to by another. */
async function dissolve({ call }: Offices, typeId: string) {
  const wish = { typeId, successor: 'transport' }
  const proposed = await call('proposeSuccession', one, wish)
  const waiting = (await call('listProposedSuccessions', one)) as { proposals: { successionId: string }[] }
  const successionId = (proposed['successionId'] ?? waiting.proposals[0]?.successionId) as string
  return call('decideSuccession', other, { successionId, agree: true })
}

describe('a dissolved university', () => {
  const typeId = 'type_degree-of-old'

  test('passes rights, entitlements, certificates and status lists to a successor, whom a stranger sees and who revokes', async () => {
    await defined(typeId)
    const offices = await open(createMemoryVault(), [typeId])
    const { old, heir, call } = offices
    await old.entitlements.make('import_one', typeId, [row(2, '1000001'), row(3, '1000002'), row(4, '1000003')])
    const [claimed] = await old.entitlements.findFor('resident_card', '1000002')
    const [fetched] = await old.entitlements.findFor('resident_card', '1000003')
    for (const each of [claimed, fetched]) await old.entitlements.claim(each?.entitlementId ?? '')
    const text = await certified(old, fetched?.entitlementId ?? '', typeId)
    expect(await checked(text)).toMatchObject({ verdict: 'valid', issuer: { result: 'pass', facts: {} } })

    expect(await call('getSuccessionOverview', one)).toMatchObject({
      types: [{ typeId, state: 'here', certificates: 1, entitlements: 1, successors: ['transport'] }],
      ...{ statusLists: 1, passed: [], proposals: [] },
    })
    const wish = { typeId, successor: 'transport' }
    expect(await call('proposeSuccession', one, { ...wish, successor: 'university' })).toEqual({
      refused: 'successor_unknown',
    })
    const { successionId } = (await call('proposeSuccession', one, wish)) as { successionId: string }
    expect(await call('proposeSuccession', other, wish)).toEqual({ refused: 'succession_open' })
    expect(await call('getSuccessionOverview', one)).toMatchObject({
      ...{ types: [{ state: 'proposed' }], proposals: [{ successionId, mine: true }] },
    })
    const agree = (person: Person) => call('decideSuccession', person, { successionId, agree: true })
    expect(await agree(one)).toEqual({ refused: 'second_officer_needed' })
    expect(await agree(theirs)).toEqual({ refused: 'succession_not_found' })
    expect(await agree(other)).toEqual({ state: 'done', entitlements: 2, certificates: 1 })

    // What nobody has a certificate of is open at the successor, under the same document; the old office has nothing left.
    for (const number of ['1000001', '1000002']) {
      expect(await heir.entitlements.findFor('resident_card', number)).toMatchObject([
        { entitlement: { state: 'open' } },
      ])
      expect(await old.entitlements.findFor('resident_card', number)).toEqual([])
    }
    expect(await old.entitlements.findFor('resident_card', '1000003')).toMatchObject([
      { entitlement: { state: 'claimed' } },
    ])

    const after = await checked(text)
    expect(after).toMatchObject({ verdict: 'valid', issuer: { result: 'pass', code: 'issuer_succeeded' } })
    expect(after.issuer?.facts).toMatchObject({
      ...{ issuer: old.did, successor: heir.did, keptSinceMs: expect.any(Number) },
    })
    expect(after.status).toMatchObject({ result: 'pass', facts: { publishedBy: heir.did } })

    const asked = { office: 'university', typeId, status: 'valid' }
    const { certificates } = (await call('listInheritedCertificates', theirs, {}, asked)) as {
      certificates: { reference: string }[]
    }
    const references = certificates.map(({ reference }) => reference)
    const change = { office: 'university', typeId, references, word: 'revoked', reasonCode: 'issued_in_error' }
    expect(await call('setInheritedStatus', one, change)).toEqual({ refused: 'type_not_issued' })
    expect(await call('setInheritedStatus', theirs, { ...change, typeId: 'type_other' })).toEqual({
      refused: 'type_not_issued',
    })
    expect(await call('setInheritedStatus', theirs, { ...change, references: ['cert_none'] })).toEqual({
      refused: 'issued_certificate_not_found',
    })
    expect(await call('setInheritedStatus', theirs, change)).toEqual({ changed: 1 })
    expect(await checked(text)).toMatchObject({ verdict: 'not_valid', status: { code: 'status_revoked' } })
    await offices.close()
  }, 300_000)

  test('stays passed when the node starts again: the successor goes on with the lists', async () => {
    const typeId = 'type_degree-again'
    const vault = createMemoryVault()
    await defined(typeId)
    const before = await open(vault, [typeId])
    const text = await certified(before.old, 'chan', typeId)
    expect(await dissolve(before, typeId)).toMatchObject({ state: 'done' })
    await before.close()
    const again = await open(vault, [typeId])
    expect(await again.old.office.offer('chan', typeId)).toEqual({ refused: 'type_not_issued' })
    const [record] = await again.old.office.recordsOf('chan')
    expect(await again.old.office.suspend(record?.reference ?? '', 'under_review')).toMatchObject({
      status: 'suspended',
    })
    expect(await checked(text)).toMatchObject({ status: { code: 'status_suspended' } })
    await again.close()
  }, 300_000)
})

describe('killed in the middle of a succession', () => {
  async function killedAt(at: number, when: 'before' | 'after') {
    const typeId = `type_killed-${when}-${Number.isFinite(at) ? at : 'never'}` as const
    await defined(typeId)
    const vault = createMemoryVault()
    const before = await open(vault, [typeId])
    await before.old.entitlements.make('import_one', typeId, [row(2, '1000001'), row(3, '1000002')])
    const [claimed] = await before.old.entitlements.findFor('resident_card', '1000002')
    await before.old.entitlements.claim(claimed?.entitlementId ?? '')
    const text = await certified(before.old, 'chan', typeId)
    await before.close()

    const breaking = breakingVault(vault, at, when)
    const killed = await open(breaking, [typeId]).catch(() => undefined)
    const outcome = await (killed === undefined ? Promise.reject(new Error('killed')) : dissolve(killed, typeId)).then(
      () => 'done',
      () => 'killed',
    )
    await killed?.close()

    const after = await open(vault, [typeId])
    await after.desk.upkeep()
    // Cut off before anything was agreed, the officers agree again.
    const { passed } = (await after.call('getSuccessionOverview', one)) as { passed: readonly unknown[] }
    if (passed.length === 0) expect(await dissolve(after, typeId)).toMatchObject({ state: 'done' })
    await after.desk.upkeep()
    return { typeId, outcome, writes: breaking.writes(), after, text }
  }

  test('at any write: everything passes once, and nothing is lost', async () => {
    const whole = await killedAt(Number.POSITIVE_INFINITY, 'before')
    await whole.after.close()
    expect(whole.writes).toBeGreaterThan(8)
    for (let at = 0; at < whole.writes; at++) {
      const when = at % 2 === 0 ? 'before' : 'after'
      const { typeId, after, text } = await killedAt(at, when)
      for (const number of ['1000001', '1000002']) {
        expect(await after.heir.entitlements.findFor('resident_card', number)).toMatchObject([
          { entitlement: { state: 'open', typeId } },
        ])
      }
      expect(await after.heir.entitlements.count(typeId, 'open')).toBe(2)
      expect(await after.old.entitlements.count(typeId, 'open')).toBe(0)
      const { passed } = (await after.call('getSuccessionOverview', one)) as { passed: readonly object[] }
      expect(passed).toMatchObject([{ typeId, certificates: 1, listsPassed: true }])
      const heard = await checked(text)
      expect([at, when, heard.verdict, heard.issuer?.code]).toEqual([at, when, 'valid', 'issuer_succeeded'])
      expect(heard.status?.facts).toMatchObject({ publishedBy: after.heir.did })
      await after.close()
    }
  }, 600_000)
})
