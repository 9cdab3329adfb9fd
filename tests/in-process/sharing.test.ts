/**
 * Departments sharing a licence on a whole node: asked with a purpose, agreed to by the resident's own key or allowed by a law,
 * looked at, withdrawn; three receipts that are the same, and a ledger that tells nobody anything.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStatement, type StatementReceipt } from '@chengxin/audit'
import { type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { expectOk, isRefusal, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { createMemoryVault, type Desk, type Person, publishBundle } from '@chengxin/services'
import { ledgerView } from '@chengxin/services/agent'
import {
  createSharingDesk,
  createStatementKeeper,
  leavesOfRoot,
  licenceRegister,
  type Sharing,
  type StatementKeeper,
  shareBooks,
} from '@chengxin/services/sharing'
import { trustedBundle } from '@chengxin/services/verifier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { registerVerifiers } from '../../apps/node/src/sample-city/registrations.ts'
import { enterSamples, sampleDocument, sampleSources } from '../../apps/node/src/serving/sharing.ts'
import { sampleVerifierOffices } from '../../apps/node/src/serving/verifier-offices.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const chan = sampleActor('resident-chan')
const officer = (office: string): Person => ({
  accountId: `account_${office}`,
  kind: 'officer',
  office,
  roles: ['department_officer'],
  signedInAtMs: 0,
})
const resident: Person = { accountId: 'account_chan', kind: 'resident', roles: [], did: chan.did, signedInAtMs: 0 }
const stranger: Person = { ...resident, accountId: 'account_silva', did: sampleActor('resident-silva').did }

let sample: SampleNode
let group: GroupClient
let desk: Desk
let keeper: StatementKeeper
let sharing: Sharing
const vault = createMemoryVault()
const clock = { aheadMs: 0 }
const nowMs = () => Date.now() + clock.aheadMs

beforeAll(async () => {
  sample = await openSampleNode()
  const [found] = await sample.node.groups()
  group = sample.node.group(found?.id ?? '')
  await firstDay(group)
  await registerVerifiers(group)
  await publishBundle(group, { directory: sample.directory, publicGroupUrl: group.url, nowMs: Date.now() })
  const trusted = trustedBundle(group, Date.now)
  const { did, privateJwk } = sampleActor('statement-keeper')
  // Nothing is anchored by itself here: the test says when.
  keeper = createStatementKeeper({ group, signer: nativeSigner(privateJwk, { did }), vault, everyMs: 3_600_000 })
  const register = licenceRegister(vault)
  await enterSamples(register)
  sharing = {
    group,
    ledger: ledgerView(group, Date.now),
    books: shareBooks(vault),
    register,
    keeper,
    offices: sampleVerifierOffices(url, trusted),
    sources: sampleSources(),
    trusted,
    relyingParty: { rpId: 'localhost', origins: [url] },
    nowMs,
  }
  desk = createSharingDesk(sharing)
}, 120_000)
afterAll(async () => {
  await desk.close?.()
  await sample.close()
})

function call(id: string, person: Person, params: { [name: string]: string } = {}, body: unknown = {}) {
  const endpoint = desk.endpoints.find((candidate) => candidate.id === id)
  if (!endpoint) throw new Error(`No endpoint ${id}.`)
  return endpoint.handle({ params, query: {}, body, headers: {}, person })
}

const consumer = officer('verifier')
const source = officer('transport')
const wish = {
  purposeId: 'driver-hiring',
  typeId: 'type_driving-licence',
  fields: ['family_name', 'categories'],
  document: sampleDocument,
}
const ask = async (change: object = {}) =>
  expectOk((await call('askForLicence', consumer, {}, { ...wish, ...change })) as JsonObject) as JsonObject & {
    readonly shareId: string
  }
const own = async (shareId: string, person = resident) => {
  const { shares } = (await call('listOwnShares', person)) as { readonly shares: readonly JsonObject[] }
  return shares.find((share) => share['shareId'] === shareId)
}
async function assertionOver(statement: unknown, by = chan) {
  return { assertion: { keyId: 'key-1', signature: toBase64url(await by.signer.sign(toUtf8(String(statement)))) } }
}
async function agreeTo(shareId: string) {
  const assertion = await assertionOver((await own(shareId))?.['statement'])
  return expectOk((await call('agreeToShare', resident, { shareId }, assertion)) as JsonObject)
}
const look = (shareId: string) => call('lookAtLicence', consumer, { shareId })
const receiptOf = (statementId: unknown, person: Person) =>
  call('getStatementReceipt', person, { statementId: String(statementId) })

test('asked, agreed to, looked at: three receipts that are the same, and hold without this node', async () => {
  const { shareId, state } = await ask()
  expect(state).toBe('waiting')
  expect(await look(shareId)).toEqual({ refused: 'share_not_agreed' })
  expect(await own(shareId)).toMatchObject({
    consumer: { names: { pt: 'Serviço de Emprego' }, domain: 'employment.sample-city.example' },
    purpose: { en: 'Confirming a driving licence before hiring a driver' },
    fields: ['family_name', 'categories'],
  })
  await agreeTo(shareId)
  const shown = expectOk((await look(shareId)) as JsonObject)
  expect(shown).toMatchObject({
    fieldsShown: { family_name: 'Chan', categories: 'B, C1' },
    metadata: { status: 'draft' },
  })
  expect(JSON.stringify(shown)).not.toMatch(/1990-05-17|Tai Man|12345678|DL204118/)

  const { accesses } = (await call('listOwnAccesses', resident)) as { readonly accesses: readonly JsonObject[] }
  const [access] = accesses as [JsonObject]
  expect(access).toMatchObject({ purposeId: 'driver-hiring', ground: 'consent', fields: ['family_name', 'categories'] })
  expect(await receiptOf(access['statementId'], resident)).toEqual({ refused: 'receipt_not_ready' })
  await keeper.flush()
  const receipts = await Promise.all(
    [resident, consumer, source].map((person) => receiptOf(access['statementId'], person)),
  )
  expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1)
  expect(await receiptOf(access['statementId'], stranger)).toEqual({ refused: 'share_not_found' })
  const trusted = await sharing.trusted()
  if (!trusted) throw new Error('There is no bundle.')
  const receipt = receipts[0] as unknown as StatementReceipt
  const opened = expectOk(openStatement(receipt as never, trusted))
  expect(opened.statement).toMatchObject({ kind: 'access', resident: chan.did, forPurpose: 'driver-hiring' })
  const changed = { ...receipt, statement: receipt.statement.replace('driver-hiring', 'curiosity') }
  expect(openStatement(changed as never, trusted)).toEqual({ refused: 'statement_not_anchored' })
  const otherSalt = { ...receipt, salt: 'A'.repeat(22) }
  expect(openStatement(otherSalt as never, trusted)).toEqual({ refused: 'statement_not_anchored' })
  expect(openStatement({ ...receipt, path: 'x' }, trusted)).toEqual({ refused: 'statement_malformed' })
})

test('the ledger knows neither who nor which department nor which type nor how many', async () => {
  for (let asked = 0; asked < 3; asked++) await agreeTo((await ask()).shareId)
  await keeper.flush()
  const { roots } = (await group.get('/statement-roots')) as { readonly roots: readonly JsonObject[] }
  expect(roots.length).toBeGreaterThan(1)
  for (const root of roots) {
    expect(Object.keys(root).sort()).toEqual(['anchoredAtMs', 'keeper', 'root', 'transactionId'])
    expect(root['keeper']).toBe(sampleActor('statement-keeper').did)
    const transaction = JSON.stringify(await group.get(`/transactions/${root['transactionId'] as string}`))
    for (const secret of [
      chan.did,
      sampleActor('transport').did,
      sampleActor('verifier').did,
      'driving',
      'share_',
      'driver',
    ]) {
      expect(transaction).not.toContain(secret)
    }
  }
  const { statementId } = (await call('listOwnAccesses', resident).then(
    (answer) => (answer as never as { accesses: [JsonObject] }).accesses[0],
  )) as never
  const receipt = (await receiptOf(statementId, resident)) as unknown as StatementReceipt
  expect(receipt.batchSize).toBe(leavesOfRoot)
})

test('only the resident’s live key agrees, to exactly this, once', async () => {
  const { shareId } = await ask()
  const statement = (await own(shareId))?.['statement']
  const agree = (body: object, person = resident) => call('agreeToShare', person, { shareId }, body)
  expect(await agree(await assertionOver(statement, sampleActor('resident-silva')))).toEqual({
    refused: 'assertion_not_over_this',
  })
  expect(await agree(await assertionOver((statement as string).replace('categories', 'valid_until')))).toEqual({
    refused: 'assertion_not_over_this',
  })
  expect(await agree({ assertion: { keyId: 'key-9', signature: 'AA' } })).toEqual({ refused: 'assertion_key_unknown' })
  expect(await agree(await assertionOver(statement), stranger)).toEqual({ refused: 'share_not_found' })
  expect(isRefusal(await agree(await assertionOver(statement)))).toBe(false)
  expect(await agree(await assertionOver(statement))).toEqual({ refused: 'share_decided_before' })
  const other = await ask()
  const replay = await assertionOver(statement)
  expect(await call('agreeToShare', resident, { shareId: other.shareId }, replay)).toEqual({
    refused: 'assertion_not_over_this',
  })
})

test('a consent that is withdrawn shows nothing more, nor one whose time is over, nor one refused', async () => {
  const { shareId } = await ask()
  expect(await call('withdrawShare', resident, { shareId })).toEqual({ refused: 'consent_not_in_force' })
  await agreeTo(shareId)
  expect(isRefusal(await look(shareId))).toBe(false)
  expect(await call('withdrawShare', resident, { shareId })).toMatchObject({ state: 'withdrawn' })
  expect(await look(shareId)).toEqual({ refused: 'share_withdrawn' })

  const refused = await ask()
  await call('refuseShare', resident, { shareId: refused.shareId })
  expect(await look(refused.shareId)).toEqual({ refused: 'share_refused' })

  const late = await ask()
  await agreeTo(late.shareId)
  clock.aheadMs = 31 * 86_400_000
  expect(await look(late.shareId)).toEqual({ refused: 'share_ended' })
  clock.aheadMs = 0
})

test('a law allows a look without consent, to no more than it says, and the resident sees it', async () => {
  const lawful = { purposeId: 'public-transport-safety', fields: ['categories', 'valid_until'] }
  const { shareId, state } = await ask(lawful)
  expect(state).toBe('lawful')
  expect(await look(shareId)).toMatchObject({ fieldsShown: { valid_until: '2031-03-07' }, ground: 'law' })
  const { accesses } = (await call('listOwnAccesses', resident)) as { readonly accesses: readonly JsonObject[] }
  expect(accesses[0]).toMatchObject({ ground: 'law', law: 'Sample City Labour Act, art. 9' })
  const beyond = { ...wish, ...lawful, fields: ['family_name'] }
  expect(await call('askForLicence', consumer, {}, beyond)).toEqual({ refused: 'field_beyond_registration' })
  expect(await call('queryLicence', consumer, {}, { ...wish, ...lawful })).toMatchObject({ ground: 'law' })
})

test('who asks by consent is not told whether there is a licence', async () => {
  const nobody = { type: 'bir', number: '7654321(0)' }
  const known = await ask()
  const unknown = await ask({ document: nobody })
  const shape = ({
    shareId: _id,
    document: _document,
    askedAtMs: _at,
    decideByMs: _by,
    untilMs: _until,
    ...rest
  }: JsonObject) => rest
  expect(shape(unknown)).toEqual(shape(known))
  expect(await look(unknown.shareId)).toEqual({ refused: 'share_not_agreed' })
  expect(await call('queryLicence', consumer, {}, { ...wish, document: nobody })).toEqual({
    refused: 'share_not_agreed',
  })
})

test.each([
  ['an office that takes no part', officer('bureau'), {}, 'office_not_a_party'],
  ['a purpose that is not registered', consumer, { purposeId: 'curiosity' }, 'purpose_not_registered'],
  [
    'a type that nobody answers for',
    consumer,
    { purposeId: 'job-application', typeId: 'type_graduation-v1', fields: ['name_zh'] },
    'licence_source_missing',
  ],
  ['a field beyond the registration', consumer, { fields: ['birth_date'] }, 'field_beyond_registration'],
] as const)('%s is refused', async (_case, person, change, code) => {
  expect(await call('askForLicence', person, {}, { ...wish, ...change })).toEqual({ refused: code })
})

test('nothing personal is in what the node writes: neither names nor numbers nor purposes', async () => {
  await keeper.flush()
  const bytes = readdirSync(sample.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
  const isWritten = (text: string) => bytes.some((file) => file.includes(text))
  // The search finds what is there: a DID that acted, and the purpose in the public registration.
  expect(isWritten(sampleActor('statement-keeper').did)).toBe(true)
  expect(isWritten('driver-hiring')).toBe(true)
  for (const secret of [
    '1234567(8)',
    '12345678',
    'DL-204-118',
    'DL204118',
    '1990-05-17',
    'share_',
    'access_',
    'B, C1',
  ]) {
    expect(isWritten(secret), secret).toBe(false)
  }
})

test('statements that wait survive the process, and are anchored once', async () => {
  const { shareId } = await ask()
  await agreeTo(shareId)
  const { did, privateJwk } = sampleActor('statement-keeper')
  const before = ((await group.get('/statement-roots')) as { roots: readonly unknown[] }).roots.length
  const again = createStatementKeeper({ group, signer: nativeSigner(privateJwk, { did }), vault, everyMs: 3_600_000 })
  await again.flush()
  await again.flush()
  expect(((await group.get('/statement-roots')) as { roots: readonly unknown[] }).roots.length).toBe(before + 1)
  const statementId = (await own(shareId))?.['statementId']
  expect(await receiptOf(statementId, resident)).toHaveProperty('receipt')
  await again.close()
})
