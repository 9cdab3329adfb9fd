/**
 * WeIdentity's interface on a whole node: service accounts make WeIDs, issuers and CPTs, credentials with evidence on the
 * ledger, and take in a credential of WeIdentity's own making.
 */
import { readFileSync } from 'node:fs'
import { sampleActor, sampleChainId } from '@chengxin/client'
import { isRefusal, type Json, type JsonObject } from '@chengxin/kernel'
import { createMemoryVault, keptInMemory } from '@chengxin/services'
import {
  Book,
  type CredentialPojo,
  invokeWeid,
  parsePojo,
  serviceKeysInVault,
  type WeidAnswer,
  type WeidBook,
  type WeidService,
  weidCodes,
  weidFunctions,
  withholding,
} from '@chengxin/services/weid-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleOffices } from '../../apps/node/src/sample-city/offices.ts'
import { weidEndpoints } from '../../apps/node/src/serving/weid.ts'
import { fillOffices } from '../../packages/services/src/demo/offices.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const vector = new URL('../../vectors/weid/credential-pojo.json', import.meta.url)
const { credential: published } = JSON.parse(readFileSync(vector, 'utf8')) as { credential: JsonObject }
const schema = {
  title: 'Course',
  properties: { name: { type: 'string', description: 'Name' }, score: { type: 'integer', minimum: 0 } },
  required: ['name'],
}
const expirationDate = '2100-04-18T21:12:33Z'

let sample: SampleNode
let service: WeidService
let issuer: string
let cptId: number
let pojo: CredentialPojo
const clock = { aheadMs: 0, isBusy: false }

beforeAll(async () => {
  sample = await openSampleNode()
  const group = sample.node.group(sample.ledger.groupId)
  await fillOffices(group, 'weid')
  await group.readModelReached(sample.ledger.head().height)
  const authority = sampleActor('issuer-authority').signer
  service = {
    group,
    book: new Book(keptInMemory<WeidBook>()),
    keys: serviceKeysInVault({
      vault: createMemoryVault(),
      chainId: sampleChainId,
      held: [{ signer: authority, account: 'office' }],
    }),
    accountOf: (token) =>
      ({
        'office-token': { name: 'office', isAuthority: true, mostWeids: 1 },
        'school-token': { name: 'school', mostWeids: 3 },
      })[token],
    admits: ({ name }) => !clock.isBusy || name !== 'school',
    registrar: sampleActor('registrar').signer,
    authority,
    nowMs: () => Date.now() + clock.aheadMs,
  }
})
afterAll(() => sample.close())

async function call(name: string, args: object, token?: string, invokerWeId?: string): Promise<WeidAnswer> {
  const transactionArg = invokerWeId === undefined ? {} : { invokerWeId }
  const body = { functionName: name, functionArg: args, transactionArg, v: '1.0.0' }
  return invokeWeid(service, JSON.stringify(body), token)
}

const asSchool = (name: string, args: object, weid = issuer) => call(name, args, 'school-token', weid)
const authorityDid = () => service.authority?.did as string
const asOffice = (name: string, args: object) => call(name, args, 'office-token', authorityDid())
const codeOf = async (answer: Promise<WeidAnswer>) => (await answer).code

async function verified(credential: CredentialPojo): Promise<string | true> {
  const { errorCode, respBody, code } = await call('verifyCredentialPojo', credential)
  expect(errorCode === 0).toBe(respBody === true)
  return errorCode === 0 ? true : (code as string)
}

test('a service account gets a WeID, and anybody reads its document', async () => {
  const made = await call('createWeId', {}, 'school-token')
  expect(made).toMatchObject({ errorCode: 0, errorMessage: 'success' })
  issuer = made.respBody as string
  const { respBody } = await call('getWeIdDocument', { weId: issuer })
  expect(respBody).toMatchObject({
    id: issuer,
    publicKey: [{ id: `${issuer}#key-1`, type: 'P-256', owner: issuer, revoked: false }],
    authentication: [{ publicKey: `${issuer}#key-1` }],
  })
  const text = (await call('getWeIdDocumentJson', { weId: issuer })).respBody as string
  expect(JSON.parse(text)).toEqual(respBody)
  const unknown = `did:weid:sample:0x${'0'.repeat(40)}`
  expect(await codeOf(call('getWeIdDocument', { weId: unknown }))).toBe('weid_not_found')
})

test('an authority issuer registers a CPT, by number and with its schema on the ledger by hash', async () => {
  const cpt = { weId: issuer, cptJsonSchema: schema }
  expect(await codeOf(asSchool('registerCpt', cpt))).toBe('issuer_not_registered')
  expect(await codeOf(asSchool('registerAuthorityIssuer', { weId: issuer, name: 'School' }))).toBe('authority_needed')
  expect(await asOffice('registerAuthorityIssuer', { weid: issuer, name: 'School' })).toMatchObject({ respBody: true })
  expect(await codeOf(asOffice('registerAuthorityIssuer', { weId: issuer, name: 'School' }))).toBe(
    'issuer_registered_before',
  )
  expect((await call('queryAuthorityIssuer', { weId: issuer })).respBody).toMatchObject({
    name: 'School',
    weid: issuer,
  })
  expect(await codeOf(asSchool('registerCpt', { ...cpt, cptJsonSchema: { oneOf: [] } }))).toBe('cpt_not_supported')

  const registered = await asSchool('registerCpt', cpt)
  expect(registered).toMatchObject({ errorCode: 0, respBody: { cptId: 2_000_001, cptVersion: 1 } })
  cptId = (registered.respBody as { cptId: number }).cptId
  expect((await call('queryCpt', { cptId })).respBody).toMatchObject({
    cptId,
    cptPublisher: issuer,
    cptJsonSchema: { title: 'Course', required: ['name'] },
  })
  expect(await codeOf(call('queryCpt', { cptId: 1 }))).toBe('cpt_not_found')
})

test('a credential is made with long salts and evidence, and one call verifies all of it', async () => {
  const wanted = { cptId, issuer, expirationDate, claim: { name: '陳大文', score: 90 } }
  expect(await codeOf(asSchool('createCredentialPojo', { ...wanted, claim: { score: 90 } }))).toBe('claim_not_of_cpt')
  expect(await codeOf(asSchool('createCredentialPojo', { ...wanted, expirationDate: '2019-04-18T21:12:33Z' }))).toBe(
    'date_malformed',
  )
  const made = await asSchool('createCredentialPojo', wanted)
  expect(made).toMatchObject({ errorCode: 0, respBody: { cptId, issuer, claim: wanted.claim } })
  pojo = parsePojo(made.respBody) as CredentialPojo
  expect(Object.values(pojo.proof.salt)).toEqual([expect.stringMatching(/^.{22}$/), expect.stringMatching(/^.{22}$/)])
  expect(await verified(pojo)).toBe(true)
  expect(await verified(withholding(pojo, ['name']))).toBe(true)
  expect(await verified({ ...pojo, claim: { ...pojo.claim, score: 100 } })).toBe('signature_invalid')
  expect(await verified({ ...pojo, expirationDate: pojo.expirationDate + 1 })).toBe('signature_invalid')
  clock.aheadMs = pojo.expirationDate * 1000
  expect(await verified(pojo)).toBe('credential_expired')
  clock.aheadMs = 0
  // What was sent to the ledger says nothing of the person.
  const { transactions } = (await service.group.get('/transactions?limit=5')) as { transactions: { id: string }[] }
  const leaves = await Promise.all(transactions.map(({ id }) => service.group.getText(`/receipts/${id}`)))
  for (const leaf of leaves) expect(Buffer.from(leaf.split(' ')[1] ?? '', 'base64').toString()).not.toContain('陳大文')
})

test('evidence is found by its hash, takes logs, and is revoked by whoever made it', async () => {
  const hash = (await asSchool('createEvidence', { credential: pojo, log: 'shown at the counter' })).respBody as string
  const found = await call('getEvidence', { hashValue: hash })
  expect(found.respBody).toMatchObject({
    credentialHash: hash,
    signInfo: {
      [issuer]: { logs: ['shown at the counter'], revoked: false, timestamp: expect.stringMatching(/^\d{10}$/) },
    },
  })
  const other = `0x${'ab'.repeat(32)}`
  expect(await asSchool('createEvidence', { hash: other, cptId })).toMatchObject({ respBody: other })
  expect(await codeOf(call('getEvidence', { hashValue: `0x${'cd'.repeat(32)}` }))).toBe('evidence_missing')
  expect(await codeOf(asOffice('revokeEvidence', { hashValue: hash }))).toBe('evidence_not_yours')
  expect(await asSchool('revokeEvidence', { hashValue: hash })).toMatchObject({ respBody: true })
  expect(await verified(pojo)).toBe('evidence_revoked')
})

test('a credential that WeIdentity signed verifies once an issuer of here has taken it in, marked for its weak salts', async () => {
  const legacy = parsePojo(published) as CredentialPojo
  expect(await verified(legacy)).toBe('credential_not_imported')
  const imported = await asSchool('importCredentialPojo', { credential: published, cptId })
  expect(imported).toMatchObject({ errorCode: 0, warnings: ['weak_salt'] })
  const answer = await call('verifyCredentialPojo', legacy)
  expect(answer).toMatchObject({ errorCode: 0, respBody: true, warnings: ['weak_salt'] })
  const changed = { ...legacy, claim: { ...legacy.claim, content: 'x' } }
  expect(await verified(changed)).toBe('signature_invalid')
  expect(await codeOf(asSchool('importCredentialPojo', { credential: changed as never as Json, cptId }))).toBe(
    'signature_invalid',
  )
})

test('who has no right to the CPT leaves no evidence, and the ledger says why', async () => {
  const other = (await call('createWeId', {}, 'school-token')).respBody as string
  const answer = await asSchool('createEvidence', { hash: `0x${'ef'.repeat(32)}`, cptId }, other)
  expect(answer).toMatchObject({ errorCode: 1006, code: 'ledger_refused', ledgerCode: 'issuer_not_authorised' })
})

test('the sample city’s node serves it, with public tokens and keys in its vault', async () => {
  const [endpoint] = weidEndpoints({
    group: service.group,
    vault: createMemoryVault(),
    chainId: sampleChainId,
    isSampleCity: true,
    offices: sampleOffices(),
    publicUrl: 'http://localhost:8080',
    log: {} as never,
  })
  async function post(functionName: string, functionArg: object, token?: string): Promise<WeidAnswer> {
    const body = Buffer.from(JSON.stringify({ functionName, functionArg, transactionArg: {}, v: '1.0.0' }))
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await endpoint?.answer({ body, headers } as never)
    return JSON.parse((answer as { body: string }).body) as WeidAnswer
  }
  expect(endpoint).toMatchObject({ method: 'POST', path: '/weid/api/invoke' })
  expect(await post('createWeId', {})).toMatchObject({ code: 'token_missing' })
  const { respBody: weId } = await post('createWeId', {}, 'sample-service')
  expect((await post('getWeIdDocument', { weId })).respBody).toMatchObject({ id: weId })
})

test('an account has as many WeIDs as it may have, calls as often as it may, and keeps no key that the ledger did not take', async () => {
  const before = await call('createWeId', {}, 'school-token')
  expect(before).toMatchObject({ errorCode: 0, loopback: null })
  const both = await Promise.all([1, 2].map(() => call('createWeId', {}, 'office-token')))
  expect(both.map(({ code = 'made' }) => code).sort()).toEqual(['made', 'weids_used_up'])
  expect(await codeOf(call('createWeId', {}, 'school-token'))).toBe('weids_used_up')
  clock.isBusy = true
  expect(await codeOf(asSchool('registerCpt', {}))).toBe('too_many_calls')
  expect((await call('getWeIdDocument', { weId: issuer })).errorCode).toBe(0)
  clock.isBusy = false

  const taken: string[] = []
  const keys = { ...service.keys, forget: async (weid: string) => void taken.push(weid) }
  // Whoever has no role brings nobody in.
  const stranger = { ...service, keys, registrar: sampleActor('university').signer }
  const roomy = { ...stranger, accountOf: () => ({ name: 'roomy', mostWeids: 5 }) }
  const wanted = JSON.stringify({ functionName: 'createWeId', functionArg: {}, transactionArg: {}, v: '1.0.0' })
  expect(await invokeWeid(roomy, wanted, 'x')).toMatchObject({ code: 'ledger_refused', errorCode: 1006 })
  expect(taken).toEqual([expect.stringMatching(/^did:weid:/)])
  const { registrar: _none, authority: _neither, ...without } = service
  expect(await invokeWeid({ ...without, accountOf: roomy.accountOf }, wanted, 'x')).toMatchObject({
    code: 'role_not_here',
  })
})

test('the page for those who move has an example of each function that is not refused for its form, and every number', async () => {
  const page = readFileSync(new URL('../../docs/weidentity.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text) as JsonObject)
  expect(new Set(examples.map(({ functionName }) => functionName))).toEqual(new Set(Object.keys(weidFunctions)))
  for (const example of examples) {
    // Nobody holds the keys of the page's WeIDs, so the caller's own take their place.
    const transactionArg = { invokerWeId: issuer }
    const { code = 'none' } = await invokeWeid(service, JSON.stringify({ ...example, transactionArg }), 'school-token')
    expect([example['functionName'], code]).not.toEqual([
      example['functionName'],
      expect.stringMatching(/^(input_|function_|credential_malformed|claim_not|date_)/),
    ])
  }
  for (const [code, [number, sentence]] of Object.entries(weidCodes)) {
    expect(page).toContain(`| ${number} | \`${code}\` | ${sentence} |`)
  }
})

test.each<[string, () => Promise<WeidAnswer>]>([
  ['input_malformed', () => invokeWeid(service, 'no JSON')],
  ['input_malformed', () => invokeWeid(service, '{"functionName":1,"functionArg":{},"v":"1.0.0"}')],
  ['input_missing', () => invokeWeid(service, '{"functionName":"createWeId"}')],
  ['input_missing', () => call('getWeIdDocument', {})],
  ['function_unknown', () => call('toString', {})],
  ['token_missing', () => call('createWeId', {})],
  ['token_unknown', () => call('createWeId', {}, 'another')],
  ['key_type_not_supported', () => call('createWeIdWithPubKey', { publicKeySecp256k1: 'x' }, 'school-token')],
  ['input_missing', () => call('registerCpt', {}, 'school-token')],
  ['input_malformed', () => call('registerCpt', {}, 'school-token', 'admin')],
  ['passkey_needed', () => asSchool('createEvidence', {}, sampleActor('resident-chan').did)],
  ['invoker_not_yours', () => asSchool('createEvidence', {}, authorityDid())],
  ['credential_malformed', () => call('verifyCredentialPojo', { claim: {} })],
])('%s', async (code, ask) => {
  const answer = await ask()
  expect(answer).toMatchObject({ code, respBody: null, errorCode: weidCodes[code as keyof typeof weidCodes][0] })
  expect(isRefusal(answer)).toBe(false)
})
