/**
 * A verifier's desk on a whole node: the sample city registers it, it asks, a wallet that looks the registration up answers
 * over the node's own addresses, and the report is signed and opened with nothing but the trust bundle.
 */
import { openSignedReport } from '@chengxin/audit'
import { action, buildTransaction, credentials, type GroupClient, sampleActor } from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { expectOk, fromBase64url, type GroupId, isRefusal, type JsonObject } from '@chengxin/kernel'
import {
  anchorBatch,
  createMemoryVault,
  DeskFile,
  deskRefusals,
  type Person,
  planBatch,
  publishBundle,
  publishStatusList,
  type StatusRecord,
  StatusRegister,
  signBatch,
  statusListUri,
  vctOf,
} from '@chengxin/services'
import {
  answerRequest,
  browserAnswer,
  declineRequest,
  type HeldCertificate,
  openBrowserRequest,
  openRequest,
  optionsFor,
  type Wallet,
} from '@chengxin/services/openid'
import {
  claimedRegistration,
  createVerifierDesk,
  judgeRequest,
  type Registration,
  readRegistration,
  registeredAs,
  trustedBundle,
  type VerifierDesk,
} from '@chengxin/services/verifier'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { registerVerifiers } from '../../apps/node/src/sample-city/registrations.ts'
import { deskEndpoints } from '../../apps/node/src/serving/desk-endpoints.ts'
import { openidEndpoints } from '../../apps/node/src/serving/openid-endpoints.ts'
import { sampleVerifierOffices } from '../../apps/node/src/serving/verifier-offices.ts'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import { ensureAuthorised, ensureType } from '../../packages/services/src/demo/offices.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const { typeId } = graduationType
const officer: Person = {
  accountId: 'account_test',
  kind: 'officer',
  office: 'verifier',
  roles: ['verifier_officer'],
  signedInAtMs: 0,
}

let sample: SampleNode
let group: GroupClient
let desk: VerifierDesk
let held: HeldCertificate
let register: StatusRegister
let publish: () => Promise<unknown>
const clock = { aheadMs: 0 }
const nowMs = () => Date.now() + clock.aheadMs

beforeAll(async () => {
  sample = await openSampleNode({
    desks: async (node, groupId) => {
      group = node.group(groupId)
      // Each look is a long time after the one before, so that the newest bundle is always asked for.
      let looks = 0
      const trusted = trustedBundle(group, () => ++looks * 3_600_000)
      const offices = sampleVerifierOffices(url, trusted)
      desk = createVerifierDesk({ group, vault: createMemoryVault(), offices, trusted, nowMs })
      const door = { origin: url, personOf: async () => undefined }
      const openid = openidEndpoints(desk.openid, { publicUrl: url, name: 'verifiers' })
      return {
        endpoints: [...deskEndpoints(desk, door), ...openid],
        refusals: { ...deskRefusals, ...desk.refusals },
        close: async () => desk.close?.(),
      }
    },
  })
  await firstDay(group)
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
  await registerVerifiers(group)
  await issue()
}, 120_000)
afterAll(() => sample.close())

async function issue(): Promise<void> {
  const { did, privateJwk } = sampleActor('university')
  const signer = nativeSigner(privateJwk, { did })
  const publicGroupUrl = `${url}/v1/groups/${group.groupId}`
  register = StatusRegister.create('list_test', statusListUri(publicGroupUrl, 'list_test'))
  const key = newHolderKey(generatePrivateJwk('ES256'))
  const claims = { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science', gpa: '3.10' }
  const vct = vctOf(group.groupId, typeId)
  const plan = planBatch([{ reference: 'one', holderKey: key.jwk, claims }], {
    batchId: 'batch_test',
    typeId,
    vct,
    issuer: did,
    register,
    nowMs: Date.now(),
  })
  const keep = <T>(value: T) => {
    let kept: T | undefined = value
    return {
      load: async () => kept,
      save: async (next: T) => void (kept = next),
      erase: async () => void (kept = undefined),
    }
  }
  const batch = await anchorBatch(keep(plan), { group, signer, nowMs: Date.now })
  for await (const certificate of signBatch(batch, signer)) held = { text: certificate.text, key }
  const keptStatus = keep<StatusRecord>(register.record())
  publish = async () => {
    await publishStatusList(register, keptStatus, { group, signer, nowMs: Date.now })
    await publishBundle(group, { directory: sample.directory, publicGroupUrl, nowMs: Date.now() })
  }
  await publish()
}

function call(id: string, given: { body?: unknown; params?: { [name: string]: string }; person?: Person } = {}) {
  const endpoint = desk.endpoints.find((candidate) => candidate.id === id)
  if (!endpoint) throw new Error(`No endpoint ${id}.`)
  const { body, params = {}, person = officer } = given
  return endpoint.handle({ params, query: {}, body, headers: {}, person })
}

const wish = { purposeId: 'job-application', typeId, fields: ['name_latin', 'degree_en'], device: 'other' }
const ask = async (change: object = {}) =>
  expectOk((await call('openRequest', { body: { ...wish, ...change } })) as JsonObject) as JsonObject & {
    readonly requestId: string
    readonly link: string
  }
const look = async (requestId: string) => (await call('getRequest', { params: { requestId } })) as JsonObject

async function wallet(): Promise<Wallet> {
  const { ca } = JSON.parse(await group.getText('/genesis')) as { readonly ca: string }
  return {
    async send({ method, url: address, headers, body }) {
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await sample.send(address, { method, headers: given, ...(method === 'POST' && { body }) })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
    newKey: async () => newHolderKey(),
    anchors: [fromBase64url(ca) as Uint8Array],
    nowMs: Date.now,
  }
}

/** What a holder's side learns of the one that asks, from the ledger alone. */
async function registrationOf(verifierInfo: unknown): Promise<Registration> {
  const claim = claimedRegistration(verifierInfo as never)
  const listed = await registeredAs(group, claim?.verifier as never)
  expect(listed?.registrationHash).toBe(claim?.registrationHash)
  const hash = listed?.registrationHash ?? ''
  return expectOk(readRegistration(await group.getText(`/documents/${hash}`), hash))
}

describe('asking', () => {
  test('the wallet finds the registration on the ledger, shows what was asked, and the answer is signed as a report', async () => {
    const { requestId, link } = await ask()
    expect(await look(requestId)).toMatchObject({ status: 'open', link })
    const holder = await wallet()
    const asked = expectOk(await openRequest(holder, link))
    const registration = await registrationOf(asked.verifierInfo)
    const judged = expectOk(judgeRequest(registration, group.groupId, asked))
    expect(judged).toMatchObject({
      purpose: { purposeId: 'job-application', keepDays: 90 },
      items: [{ typeId, fields: ['name_latin', 'degree_en'] }],
    })
    expect(judgeRequest(registration, group.groupId, { ...asked, clientId: 'x509_hash:other' })).toEqual({
      refused: 'request_client_mismatch',
    })
    expect(await answerRequest(holder, asked, expectOk(optionsFor(asked, [held])))).toEqual({})
    const view = await look(requestId)
    expect(view).toMatchObject({
      status: 'accepted',
      shown: {
        claims: { name_latin: 'Chan Tai Man', degree_en: 'Bachelor of Science' },
        report: { verdict: 'valid', nextStep: 'accept' },
      },
    })
    expect(JSON.stringify(view)).not.toContain('3.10')
    // It is still there at the next look, and the list says no more than the verdict.
    expect(await look(requestId)).toEqual(view)
    const { requests } = (await call('listRequests')) as { readonly requests: readonly JsonObject[] }
    expect(requests.find((listed) => listed['requestId'] === requestId)).toMatchObject({ verdict: 'valid' })
    expect(JSON.stringify(requests)).not.toContain('Chan Tai Man')

    const file = (await call('getReport', { params: { requestId } })) as DeskFile
    const trusted = await trustedBundle(group, nowMs)()
    if (!trusted) throw new Error('There is no bundle.')
    const opened = expectOk(await openSignedReport(String(file.bytes), trusted))
    expect(opened).toMatchObject({
      organisation: 'Sample City Employment Service 示例城就業服務處',
      domain: 'employment.sample-city.example',
      purposeId: 'job-application',
      items: [{ report: { verdict: 'valid' } }],
    })
    expect(opened.items[0]?.report.checks.map(({ name }) => name)).toContain('holder')
    const [header = '', payload = '', signature = ''] = String(file.bytes).split('.')
    const forged = `${header}.${payload.slice(0, -4)}${payload.endsWith('fQ') ? 'fX0' : 'fQ'}.${signature}`
    expect(isRefusal(await openSignedReport(forged, trusted))).toBe(true)
  })

  test('through the browser: the answer comes back to the page that asked', async () => {
    const opened = (await ask({ device: 'browser' })) as unknown as {
      readonly requestId: string
      readonly ticket: string
      readonly digital: { readonly requests: readonly { protocol: string; data: JsonObject }[] }
    }
    const [request] = opened.digital.requests as [{ protocol: string; data: JsonObject }]
    const holder = await wallet()
    const asked = expectOk(await openBrowserRequest(holder, request, url))
    expect(judgeRequest(await registrationOf(asked.verifierInfo), group.groupId, asked)).toMatchObject({
      purpose: { purposeId: 'job-application' },
    })
    const data = await browserAnswer(holder, asked, expectOk(optionsFor(asked, [held])))
    const body = JSON.stringify({ ticket: opened.ticket, protocol: request.protocol, data })
    const headers = { 'content-type': 'application/json', origin: url }
    const answer = await sample.send(`${url}/v1/verifiers/verifier/browser-responses`, {
      method: 'POST',
      headers,
      body,
    })
    expect(answer.status).toBe(200)
    expect(await look(opened.requestId)).toMatchObject({ status: 'accepted' })
  })

  test('a holder who refuses is an answer too, and there is nothing to report', async () => {
    const { requestId, link } = await ask()
    expect(await call('getReport', { params: { requestId } })).toEqual({ refused: 'asked_not_answered' })
    const holder = await wallet()
    await declineRequest(holder, expectOk(await openRequest(holder, link)))
    expect(await look(requestId)).toMatchObject({ status: 'refused', code: 'wallet_refused' })
    expect(await call('eraseRequest', { params: { requestId } })).toEqual({ erased: true })
    expect(await look(requestId)).toEqual({ refused: 'asked_not_found' })
  })

  test.each([
    ['purpose_not_registered', { purposeId: 'curiosity' }],
    ['type_beyond_registration', { typeId: 'type_identity' }],
    ['field_beyond_registration', { fields: ['name_latin', 'gpa'] }],
  ])('%s: nothing beyond the registration is asked', async (code, change) => {
    expect(await call('openRequest', { body: { ...wish, ...change } })).toEqual({ refused: code })
  })

  test('an office sees its own requests only, and an office that is none asks nobody', async () => {
    const { requestId } = await ask()
    const transport = { ...officer, office: 'transport' }
    expect(await call('getRequest', { params: { requestId }, person: transport })).toEqual({
      refused: 'asked_not_found',
    })
    const bureau = { ...officer, office: 'bureau' }
    expect(await call('openRequest', { body: wish, person: bureau })).toEqual({ refused: 'office_not_a_verifier' })
  })

  test('what was shown is gone when the purpose’s time is over', async () => {
    const { requestId, link } = await ask()
    const holder = await wallet()
    const asked = expectOk(await openRequest(holder, link))
    await answerRequest(holder, asked, expectOk(optionsFor(asked, [held])))
    expect(await look(requestId)).toMatchObject({ status: 'accepted' })
    clock.aheadMs = 91 * 86_400_000
    expect(await look(requestId)).toEqual({ refused: 'asked_not_found' })
    clock.aheadMs = 0
  })

  test('many files: each has its own answer, in order, and the report names them by their hashes', async () => {
    const [jwt = ''] = held.text.split('~')
    const files = [
      { name: 'good.sd-jwt', text: held.text },
      { name: 'holiday.jpg', text: 'not a certificate' },
      { name: 'changed.sd-jwt', text: held.text.replace(jwt.slice(-20), 'A'.repeat(20)) },
    ]
    const { results } = (await call('checkFiles', { body: { files } })) as {
      readonly results: readonly { readonly name: string; readonly report: { readonly verdict: string } }[]
    }
    expect(results.map(({ name, report }) => `${name} ${report.verdict}`)).toEqual([
      'good.sd-jwt valid',
      'holiday.jpg not_valid',
      'changed.sd-jwt not_valid',
    ])
    const file = (await call('reportFiles', { body: { files } })) as DeskFile
    const trusted = await trustedBundle(group, nowMs)()
    if (!trusted) throw new Error('There is no bundle.')
    const opened = expectOk(await openSignedReport(String(file.bytes), trusted))
    expect(new Set(opened.items.map(({ hash }) => hash)).size).toBe(3)
  })

  test('a revoked certificate is refused by name of the check, and the office keeps why', async () => {
    const { requestId, link } = await ask()
    const [index] = Object.keys(register.record().statuses)
    register.set(Number(index), 'revoked')
    await publish()
    const holder = await wallet()
    const asked = expectOk(await openRequest(holder, link))
    expect(await answerRequest(holder, asked, expectOk(optionsFor(asked, [held])))).toEqual({
      refused: 'presentation_not_valid',
    })
    const view = await look(requestId)
    expect(view).toMatchObject({ status: 'refused', code: 'presentation_not_valid' })
    expect(JSON.stringify(view)).toContain('status_revoked')
    const file = (await call('getReport', { params: { requestId } })) as DeskFile
    expect(String(file.bytes).split('.')).toHaveLength(3)
  })

  test('an office whose registration ended asks nobody any more', async () => {
    const withdraw = action(credentials.withdrawVerifier, { verifier: sampleActor('verifier').did })
    const { signer } = sampleActor('issuer-authority')
    const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [withdraw] }, signer)
    const [outcome] = await group.submit([jws])
    await group.readModelReached(outcome?.height ?? 0)
    expect(await call('openRequest', { body: wish })).toEqual({ refused: 'verifier_not_registered' })
  })
})
