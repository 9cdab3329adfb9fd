/** What outsiders see, out of a real database: every route answers as its schema says, and agrees with the rules' state. */
import { ruleset } from '@chengxin/domains/ruleset'
import type { Route, Sql } from '@chengxin/module-kit'
import { createEventDecoder, openProjection, type Projection } from '@chengxin/projection'
import { schemaFault } from '@chengxin/testkit/answer-schema'
import { foreignGroupId, foreignPin, foreignRightProof } from '@chengxin/testkit/foreign-group'
import { createMemoryLedger } from '@chengxin/testkit/memory-ledger'
import { anna, bo, eve, operator, pointsScene } from '@chengxin/testkit/points-scene'
import {
  actor,
  bureau,
  type City,
  certificateOf,
  cityGenesis,
  cityStartMs,
  dayMs,
  provenKey,
  university,
} from '@chengxin/testkit/rules-city'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { presentations } from './ruleset.ts'

const hash = (letter: string) => `${letter.repeat(42)}A`
const degree = { issuer: university.did, typeId: 'type_degree' }
let city: City
let projection: Projection

beforeAll(async () => {
  city = livedCity()
  const ledger = createMemoryLedger({ genesis: cityGenesis(), genesisEvents: city.genesisEvents, startMs: cityStartMs })
  for (const { signer, types, events } of city.happened()) ledger.append([{ signer, types, events }])
  projection = await openProjection({
    source: ledger,
    presentations,
    decodeEvent: createEventDecoder(ruleset.domains),
    database: { kind: 'pglite', directory: 'memory://', run: 'inline' },
  })
  await projection.reached(ledger.headHeight())
}, 120_000)

afterAll(() => projection.close())

/** A city in which everything that a view folds has happened at least once. */
function livedCity(): City {
  const lived = pointsScene()
  const { must, decide } = lived
  must(anna.did, 'points.transfer', { from: 'account_anna', to: 'account_bobo', amount: '10' })
  const hold = { from: 'account_anna', to: 'account_bobo', amount: '20', expiresAtMs: cityStartMs + dayMs }
  for (const holdId of ['hold_post', 'hold_void', 'hold_late', 'hold_open'])
    must(anna.did, 'points.hold', { ...hold, holdId })
  must(bo.did, 'points.postHold', { holdId: 'hold_post', amount: '5' })
  must(bo.did, 'points.voidHold', { holdId: 'hold_void' })
  must(bo.did, 'points.redeem', { programId: 'program_city', from: 'account_bobo', amount: '3' })
  must(operator.did, 'points.freezeAccount', { programId: 'program_city', accountId: 'account_bobo' })
  must(operator.did, 'points.unfreezeAccount', { programId: 'program_city', accountId: 'account_bobo' })
  must(operator.did, 'points.freezeAccount', { programId: 'program_city', accountId: 'account_bobo' })

  lived.grant('issuer_authority', bureau.did)
  lived.grant('identity_bureau', bureau.did)
  for (const typeId of ['type_degree', 'type_permit']) {
    must(bureau.did, 'credentials.defineType', { typeId, schemaHash: hash('s'), displayHash: hash('d') })
  }
  must(bureau.did, 'credentials.authoriseIssuer', { ...degree, untilMs: cityStartMs + dayMs, domain: 'uni.test' })
  must(bureau.did, 'credentials.authoriseIssuer', { issuer: university.did, typeId: 'type_permit' })
  must(university.did, 'credentials.anchorBatch', {
    batchId: 'batch_first',
    typeId: 'type_degree',
    root: hash('r'),
    count: 3,
  })
  for (const version of [1, 2]) {
    const list = { listId: 'list_degrees', version, hash: hash(String(version)), validUntilMs: cityStartMs + dayMs }
    must(university.did, 'credentials.anchorStatusList', list)
  }
  must(bureau.did, 'credentials.freezeIssuer', { ...degree, compromisedSinceMs: cityStartMs })
  must(bureau.did, 'credentials.withdrawIssuer', { issuer: university.did, typeId: 'type_permit' })
  must(bureau.did, 'credentials.authoriseIssuer', degree)

  decide(foreignPin())
  decide({ kind: 'setReceiptQuorum', cosignatures: 2 })
  must(bureau.did, 'credentials.defineType', { typeId: 'type_licence', schemaHash: hash('s'), displayHash: hash('d') })
  const right = { issuer: university.did, typeId: 'type_licence' }
  for (const heldAtMs of [cityStartMs, cityStartMs + 1]) {
    const proof = foreignRightProof({ ...right, givenAtMs: cityStartMs, heldAtMs })
    must(university.did, 'credentials.acceptIssuer', { group: foreignGroupId, ...right, proof })
  }

  const registration = { verifier: anna.did, domain: 'verifier.test' }
  for (const letter of ['v', 'w']) {
    must(bureau.did, 'credentials.registerVerifier', { ...registration, registrationHash: hash(letter) })
  }
  must(bureau.did, 'credentials.withdrawVerifier', { verifier: anna.did })
  must(bureau.did, 'credentials.registerVerifier', { ...registration, registrationHash: hash('v') })
  must(university.did, 'credentials.anchorStatements', { root: hash('t') })

  must(bureau.did, 'identity.confirm', { did: anna.did, commitment: hash('c') })
  const delegation = { to: eve.did, scope: ['points.*'], untilMs: cityStartMs + dayMs }
  for (const delegationId of ['delegation_kept', 'delegation_gone']) {
    must(anna.did, 'identity.delegate', { ...delegation, delegationId })
  }
  must(anna.did, 'identity.revokeDelegation', { delegationId: 'delegation_gone' })
  must(anna.did, 'identity.addKey', { keyId: 'key-2', ...provenKey(actor('spare'), anna.did) })
  must(anna.did, 'identity.retireKey', { keyId: 'key-1' })
  for (const officer of [bo, eve]) lived.grant('counter_officer', officer.did)
  must(bo.did, 'identity.requestAtCounter', { did: anna.did, keyId: 'key-3', ...provenKey(actor('new'), anna.did) })
  must(eve.did, 'identity.approveAtCounter', { did: anna.did })
  must(bo.did, 'identity.withdrawAtCounter', { did: anna.did })
  must(anna.did, 'identity.setCounter', { standing: 'closed', delayMs: 30 * dayMs })
  must(anna.did, 'identity.setRecovery', { guardians: [bo.did, eve.did], threshold: 2, delayMs: dayMs })
  must(bo.did, 'identity.requestRecovery', { did: anna.did, keyId: 'key-3', ...provenKey(actor('new'), anna.did) })
  must(eve.did, 'identity.approveRecovery', { did: anna.did })
  must(anna.did, 'identity.cancelRecovery', {})
  must(bo.did, 'identity.requestRecovery', { did: anna.did, keyId: 'key-4', ...provenKey(actor('new'), anna.did) })
  must(bo.did, 'identity.setRecovery', { guardians: [eve.did], threshold: 1, delayMs: dayMs })
  must(eve.did, 'identity.requestRecovery', { did: bo.did, keyId: 'key-2', ...provenKey(actor('next'), bo.did) })

  decide({
    kind: 'rotateMember',
    memberId: 'member_office',
    certificate: certificateOf('member_office', { keyName: 'new' }),
  })
  decide({ kind: 'suspendMember', memberId: 'member_office' })
  decide({ kind: 'reinstateMember', memberId: 'member_office' })
  const { serial } = cityGenesisSerial(lived)
  decide({ kind: 'revokeCertificate', serial })
  decide({ kind: 'freezeRole', role: 'points_operator', did: operator.did })
  decide({ kind: 'activateRuleset', hash: hash('b'), version: '0.2.0', fromLeaf: 5000 })
  decide({ kind: 'activateRuleset', hash: hash('e'), version: '0.3.0', fromLeaf: 4000 })
  decide({ kind: 'removeMember', memberId: 'member_office' })
  const change = { kind: 'grantRole', role: 'registrar', did: anna.did, member: 'member_bureau' }
  for (const proposalId of ['proposal_open', 'proposal_withdrawn']) {
    must(bureau.did, 'governance.proposeChange', { proposalId, change })
  }
  must(bureau.did, 'governance.withdrawChange', { proposalId: 'proposal_withdrawn' })

  lived.passTo(cityStartMs + dayMs)
  must(eve.did, 'points.voidHold', { holdId: 'hold_late' })
  must(eve.did, 'identity.completeRecovery', { did: bo.did })
  must(eve.did, 'identity.deactivate', {})
  return lived
}

/** The serial number of the certificate that the office had from the beginning. */
function cityGenesisSerial({ genesisEvents }: City): { readonly serial: string } {
  const admitted = genesisEvents.find((event) => event['memberId'] === 'member_office')
  return { serial: String(admitted?.['serial']) }
}

const parameters: { readonly [name: string]: string } = {
  memberId: 'member_office',
  proposalId: 'proposal_open',
  did: anna.did,
  batchId: 'batch_first',
  listId: 'list_degrees',
  hash: hash('2'),
  accountId: 'account_anna',
}
const routes = presentations.flatMap((presentation) => presentation.routes)

async function ask(
  path: string,
  query: { readonly [name: string]: string } = {},
  params = parameters,
): Promise<unknown> {
  const route = routes.find((candidate) => candidate.path === path) as Route
  const sql: Sql = { query: (text, values) => projection.sql.query(text, values) }
  const answer = await route.answer({ params, query, sql, reader: undefined })
  if (answer !== undefined) expect(schemaFault(route.response, answer)).toBeUndefined()
  return answer
}

test.each(routes.map(({ path }) => path))('%s answers as its schema says, with something to show', async (path) => {
  const answer = (await ask(path)) as object
  expect(Object.values(answer).some((member) => !Array.isArray(member) || member.length > 0)).toBe(true)
})

test.each(routes.filter(({ params }) => params).map(({ path }) => path))(
  '%s knows what it does not have',
  async (path) => {
    const nothing = Object.fromEntries(Object.keys(parameters).map((name) => [name, 'nothing']))
    const answer = await ask(path, {}, nothing)
    expect(answer === undefined || Object.values(answer as object).every((member) => member.length === 0)).toBe(true)
  },
)

test.each(routes.filter(({ query }) => query?.['before']).map(({ path }) => path))(
  '%s pages to its end',
  async (path) => {
    const [name, whole] = Object.entries((await ask(path, { limit: '200' })) as object)[0] as [string, unknown[]]
    const pieces: unknown[] = []
    let before: string | undefined
    do {
      const page = (await ask(path, { limit: '1', ...(before !== undefined && { before }) })) as {
        readonly [member: string]: unknown
      }
      pieces.push(...(page[name] as unknown[]))
      before = page['next'] as string | undefined
    } while (before !== undefined)
    expect(pieces).toEqual(whole)
  },
)

test.each([{ limit: '0' }, { limit: 'all' }, { limit: '1e9' }, { before: "'; DROP TABLE points_programs" }])(
  'a page asked for with %j is a page all the same',
  async (query) => {
    expect(await ask('/points/transfers', query)).toHaveProperty('transfers')
  },
)

test('balances are those of the rules', async () => {
  const { accounts } = (await ask('/points/accounts')) as { accounts: readonly { readonly [name: string]: string }[] }
  expect(accounts.length).toBe(5)
  for (const { accountId, received, paid, held, incoming, available, balance } of accounts) {
    const row = JSON.parse(city.rows().get(`accounts/balances/${accountId}`) ?? '') as { [name: string]: string }
    expect([received, paid, held, incoming]).toEqual([
      row['creditsPosted'],
      row['debitsPosted'],
      row['debitsPending'],
      row['creditsPending'],
    ])
    expect(BigInt(balance ?? '')).toBe(BigInt(received ?? '') - BigInt(paid ?? ''))
    expect(BigInt(available ?? '')).toBe(BigInt(balance ?? '') - BigInt(held ?? ''))
  }
})

test('filters keep what they name', async () => {
  const count = async (path: string, query: { readonly [name: string]: string }) =>
    (Object.values((await ask(path, query)) as object)[0] as unknown[]).length
  expect(await count('/points/accounts', { owner: anna.did })).toBe(2)
  expect(await count('/points/accounts', { programId: 'program_campus' })).toBe(2)
  expect(await count('/points/transfers', { account: 'account_bobo' })).toBe(3)
  expect(await count('/points/transfers', { account: 'account_none' })).toBe(0)
  expect(await count('/points/holds', { account: 'account_anna' })).toBe(4)
  expect(await count('/roles', { role: 'points_operator' })).toBe(2)
  expect(await count('/roles', { did: bureau.did })).toBe(2)
  expect(await count('/proposals', { status: 'open' })).toBe(1)
  expect(await count('/dids', { sponsor: 'member_university' })).toBe(1)
  expect(await count('/delegations', { to: eve.did })).toBe(2)
  expect(await count('/delegations', { principal: bo.did })).toBe(0)
  expect(await count('/issuers', { typeId: 'type_degree' })).toBe(2)
  expect(await count('/batches', { issuer: bureau.did })).toBe(0)
})

test('what happened is told as it was', async () => {
  expect(await ask('/points/transfers')).toMatchObject({
    transfers: [{ kind: 'redeemed' }, { kind: 'holdPosted', amount: '5' }, { kind: 'transferred' }, { kind: 'issued' }],
  })
  const { holds } = (await ask('/points/holds')) as { holds: readonly { holdId: string; status: string }[] }
  expect(holds.map(({ holdId, status }) => `${holdId} ${status}`)).toEqual([
    'hold_open pending',
    'hold_late expired',
    'hold_void voided',
    'hold_post posted',
  ])
  expect(await ask('/rulesets')).toMatchObject({
    rulesets: [
      { version: '0.3.0', replaced: false },
      { version: '0.2.0', replaced: true },
      { version: '0.1.0', replaced: false },
    ],
  })
  expect(await ask('/members/:memberId')).toMatchObject({ status: 'removed', certificates: [{}, {}] })
  expect(await ask('/committee')).toMatchObject({ version: 2, seats: [{ did: bureau.did }, { did: university.did }] })
  expect(await ask('/dids/:did')).toMatchObject({
    confirmations: 1,
    keys: [{ keyId: 'key-1', retiredAtMs: cityStartMs }, { keyId: 'key-2' }],
    recovery: { requestedBy: bo.did, approvals: 1, newKeyId: 'key-4', atCounter: false },
    counter: { standing: 'closed', delayMs: 30 * dayMs },
    delegations: [
      { delegationId: 'delegation_gone', revokedAtMs: expect.any(Number) },
      { delegationId: 'delegation_kept' },
    ],
  })
  expect(await ask('/recoveries')).toMatchObject({ recoveries: [{ did: bo.did }] })
  expect(await ask('/status-lists')).toMatchObject({ statusLists: [{ version: 2 }] })
  expect(await ask('/verifiers')).toMatchObject({ verifiers: [{ version: 3, registrationHash: hash('v') }] })
  expect(await ask('/verifiers/:did')).not.toHaveProperty('endedAtMs')
  expect(await ask('/issuers')).toMatchObject({
    issuers: [
      { typeId: 'type_licence', fromGroup: foreignGroupId, untilMs: cityStartMs + 3_600_001 },
      { typeId: 'type_degree', period: 1 },
      { typeId: 'type_permit', endedBy: 'withdrawn' },
      { typeId: 'type_degree', period: 0, endedBy: 'frozen', compromisedSinceMs: cityStartMs, domain: 'uni.test' },
    ],
  })
})
