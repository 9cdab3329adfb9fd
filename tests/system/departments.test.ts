/**
 * Departments and programs of a city that is no sample. A department keeps its register at its own desk and answers for licences;
 * another one asks, the resident agrees or a law allows it, and all three have the same receipt. A program that was
 * written for WeIdentity works by the token that the operator gave it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  action,
  buildTransaction,
  createNodeClient,
  type GroupClient,
  governance,
  identity,
  type Signer,
} from '@chengxin/client'
import { openSigner } from '@chengxin/client/node'
import { type Did, expectOk, type GroupId, type TimeMs, toUtf8 } from '@chengxin/kernel'
import { weidCodes } from '@chengxin/services/weid-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../apps/node/src/bench/free-port.ts'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { type Resident, register, resident, until, type Visitor } from './desk-visitor.ts'
import { foundOwnCity, type OwnCity } from './own-city.ts'
import { answer, takeOffer } from './wallet-acts.ts'

const place = temporaryData()
const dayMs = 86_400_000
const typeId = 'type_driving-licence'
const dids: { [office: string]: string } = {}
const tokens: { [account: string]: string } = {}
let port: number
let city: OwnCity
let node: RunningNode
let group: GroupClient
let person: Resident
let police: Visitor
let transport: Visitor

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-changed'], { cwd: home })
  port = await freePort()
  city = await foundOwnCity(place.path, port)
}, 600_000)
afterAll(async () => {
  await node?.kill()
  place.remove()
})

const inAll = (text: string) => ({ en: text, 'zh-Hans': text, 'zh-Hant': text, pt: text })
const data = () => join(place.path, 'data')
const start = () => startNode({ data: data(), port, env: city.environment })
const officerOf = (office: string): Promise<Visitor> => {
  const { link } = city.run('office', 'invite', '--office', office)
  return register(node.url, String(link).split('#invitation=')[1])
}

async function grant(signer: Signer, role: string, did: string): Promise<void> {
  const change = { kind: 'grantRole', role, did: did as Did, member: 'member_city' } as const
  const wanted = action(governance.proposeChange, { proposalId: `proposal_${role.replaceAll('_', '-')}`, change })
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
  expect((await group.submit([jws]))[0]).toMatchObject({ status: 'committed' })
}

const field = (name: string, kind: string, more: object = {}) => ({
  ...{ name, kind, labels: inAll(name), isRequired: true },
  ...more,
})
const licenceType = {
  typeId,
  names: inAll('Driving licence'),
  linkage: 'identified',
  fields: [
    field('name', 'text', { meaning: 'name' }),
    field('birth_date', 'date', { meaning: 'birth_date' }),
    field('licence_number', 'text'),
    field('categories', 'text'),
    field('valid_to', 'date'),
  ],
  catalogue: { typeCode: 'DL01', issuerCode: 'PORTOTRANSPORT0001', elements: { validUntil: 'valid_to' } },
}
const purpose = (purposeId: string, ground: object) => ({
  ...{ purposeId, texts: inAll(purposeId), ground, keepDays: 30 },
  types: [{ typeId, fields: ['name', 'categories', 'valid_to'] }],
})

test('an operator opens a department that answers for licences, an office that asks, and accounts for programs', async () => {
  dids['bureau'] = city.open('bureau', 'bureau', { names: inAll('Bureau'), domain: 'id.porto.example' }).did
  const facts = { names: inAll('Transport'), domain: 'transport.porto.example', types: [licenceType] }
  dids['transport'] = city.open('transport', 'department', facts).did
  const purposes = [
    purpose('roadside', { kind: 'consent' }),
    purpose('accident', { kind: 'law', reference: 'Law 3/2007, article 87' }),
  ]
  dids['police'] = city.open('police', 'verifier', {
    ...{ names: inAll('Police'), domain: 'police.porto.example', purposes },
  }).did
  for (const kind of ['authority', 'agent', 'keeper'])
    dids[kind] = String(city.run('office', 'add', '--office', kind, '--kind', kind)['did'])
  for (const kind of ['registrar', 'seat'])
    city.run('office', 'add', '--office', kind, '--kind', kind, '--key', 'admin')

  const account = (name: string, ...more: string[]) => {
    tokens[name] = String(city.run('office', 'account', '--account', name, ...more)['token'])
  }
  account('registry', '--authority')
  account('school', '--weids', '2')
  expect(() => city.run('office', 'account', '--account', 'other', '--authority')).toThrow('there is one of these')
  const { offices, accounts } = city.run('office', 'list')
  expect(offices).toHaveLength(8)
  expect(accounts).toEqual([
    { account: 'registry', isAuthority: true, mostWeids: 100, callsPerMinute: 600 },
    { account: 'school', mostWeids: 2, callsPerMinute: 600 },
  ])
  const file = readFileSync(join(data(), 'offices.json'), 'utf8')
  for (const token of Object.values(tokens)) expect(file).not.toContain(token)
}, 600_000)

test('they come onto the ledger, types and registrations with them', async () => {
  node = await start()
  group = await createNodeClient({ url: node.url }).findGroup()
  const passphrase = readFileSync(join(place.path, 'passphrase'), 'utf8').trim()
  const admin = expectOk(await openSigner(join(data(), 'keys'), 'admin', passphrase))
  await grant(admin, 'registrar', admin.did)
  await grant(admin, 'identity_bureau', dids['bureau'] as string)
  await grant(admin, 'issuer_authority', dids['authority'] as string)
  await grant(admin, 'statement_keeper', dids['keeper'] as string)
  await until('The registration', async () => group.find(`/verifiers/${encodeURIComponent(dids['police'] as string)}`))
  await until('The trust bundle', () => group.getText('/trust-bundle').catch(() => undefined))
}, 600_000)

const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9)
const facts = {
  ...{ family_name: 'Lei', given_name: 'Ka Ian', birth_date: '1999-03-04' },
  ...{ document_type: 'resident_card', document_number: '5550001(2)', document_expires: '2035-12-31' },
}
const document = { type: facts.document_type, number: '5550001 2' }
const wish = (purposeId: string, fields = ['name', 'categories']) => ({ purposeId, typeId, fields, document })

test('the department takes its register in; nobody can look before the resident has claimed', async () => {
  transport = await officerOf('transport')
  police = await officerOf('police')
  const csv = `name,birth_date,no,categories,until,document\nLei Ka Ian,1999-03-04,DL-7,"B, C1",2031-03-07,${facts.document_number}\n`
  const { importId } = await transport.send<{ importId: string }>(
    `issuer/imports?typeId=${typeId}`,
    'text/csv',
    toUtf8(csv),
  )
  const columns = {
    ...{ name: 'name', birth_date: 'birth_date', licence_number: 'no' },
    ...{ categories: 'categories', valid_to: 'until' },
  }
  const mapping = { columns, documentNumber: 'document', documentType: { always: 'resident_card' } }
  const made = await transport.ask<{ jobId: string }>('POST', `issuer/imports/${importId}/entitlements`, {
    ...{ mapping, leftOut: [] },
  })
  await until('The entitlement', async () => {
    const { state } = await transport.ask<{ state: string }>('GET', `issuer/jobs/${made.jobId}`)
    return state === 'done' ? state : undefined
  })
  await expect(police.ask('POST', 'sharing/query', wish('accident'))).rejects.toMatchObject({
    code: 'licence_not_found',
  })

  const clerk = await officerOf('bureau')
  person = await resident(node.url, group)
  const photo = async () => (await person.send<{ photoId: string }>('bureau/photos', 'image/jpeg', jpeg)).photoId
  const application = { facts, documentPhoto: await photo(), facePhoto: await photo() }
  const { applicationId } = await person.ask<{ applicationId: string }>('POST', 'bureau/applications', application)
  await clerk.ask('POST', `bureau/applications/${applicationId}/decision`, { confirm: true })
  await person.act([
    action(identity.setRecovery, { guardians: [dids['bureau'] as Did], threshold: 1, delayMs: 3 * dayMs }),
    action(identity.delegate, {
      ...{ delegationId: 'delegation_agent', to: dids['agent'] as Did, scope: ['credentials.*'] },
      untilMs: (Date.now() + 90 * dayMs) as TimeMs,
    }),
  ])
  const { uri } = await person.ask<{ uri: string }>('POST', 'bureau/certificate')
  await takeOffer(person, uri)
  const claim = await person.ask<{ claimId: string; link: string }>('POST', 'issuer/claims', { office: 'transport' })
  await answer(person, claim.link)
  const offer = await until('The offer', async () => {
    const path = `issuer/claims/${claim.claimId}`
    const { certificates } = await person.ask<{ certificates: readonly { uri?: string }[] }>('GET', path)
    return certificates[0]?.uri
  })
  await takeOffer(person, offer)
}, 600_000)

interface LicenceSeen {
  readonly statementId: string
  readonly fieldsShown: object
  readonly metadata: { readonly status: string; readonly elements: readonly { name: string; value: string }[] }
}

test('an office asks, the resident agrees and sees each look, and all three hold the same receipt', async () => {
  const catalogue = await police.ask<{ sources: readonly object[] }>('GET', 'sharing/catalogue')
  expect(catalogue.sources).toMatchObject([{ office: 'transport', typeId }])
  const beyond = police.ask('POST', 'sharing/shares', wish('roadside', ['licence_number']))
  await expect(beyond).rejects.toMatchObject({ code: 'field_beyond_registration' })
  const { shareId } = await police.ask<{ shareId: string }>('POST', 'sharing/shares', wish('roadside'))
  const look = () => police.ask<LicenceSeen>('POST', `sharing/shares/${shareId}/licence`)
  await expect(look()).rejects.toMatchObject({ code: 'share_not_agreed' })
  const { shares } = await person.ask<{ shares: readonly { shareId: string; statement: string; consumer: object }[] }>(
    'GET',
    'sharing/resident/shares',
  )
  const asked = shares.find((share) => share.shareId === shareId)
  expect(asked?.consumer).toMatchObject({ office: 'police', domain: 'police.porto.example' })
  const assertion = person.assertion(asked?.statement ?? '')
  await person.ask('POST', `sharing/resident/shares/${shareId}/consent`, { assertion })

  const seen = await look()
  expect(seen.fieldsShown).toEqual({ name: 'Lei Ka Ian', categories: 'B, C1' })
  const elements = new Map(seen.metadata.elements.map(({ name, value }) => [name, value]))
  expect(seen.metadata.status).toBe('draft')
  expect([elements.get('licenceTypeCode'), elements.get('issuerCode'), elements.get('validUntil')]).toEqual([
    ...['DL01', 'PORTOTRANSPORT0001', '2031-03-07'],
  ])
  for (const personal of ['holder', 'licenceNumber', 'licenceIdentifier']) expect(elements.has(personal)).toBe(false)
  const receiptOf = (party: Visitor) =>
    until('The receipt', () => party.ask<object>('GET', `sharing/receipts/${seen.statementId}`).catch(() => undefined))
  const receipts = [await receiptOf(police), await receiptOf(transport), await receiptOf(person)]
  expect(receipts[1]).toEqual(receipts[0])
  expect(receipts[2]).toEqual(receipts[0])
  await expect((await register(node.url)).ask('GET', `sharing/receipts/${seen.statementId}`)).rejects.toMatchObject({
    code: 'share_not_found',
  })
}, 600_000)

test('a program asks and looks in one, by consent or by law; a licence that was revoked is shown to nobody', async () => {
  const byConsent = await police.ask<LicenceSeen>('POST', 'sharing/query', wish('roadside', ['categories']))
  expect(byConsent.fieldsShown).toMatchObject({ categories: 'B, C1' })
  const byLaw = await police.ask<LicenceSeen>('POST', 'sharing/query', wish('accident', ['valid_to']))
  expect(byLaw.fieldsShown).toEqual({ valid_to: '2031-03-07' })
  const { accesses } = await person.ask<{ accesses: readonly { ground: string; law?: string }[] }>(
    'GET',
    'sharing/resident/accesses',
  )
  expect(accesses.map(({ ground, law }) => law ?? ground)).toEqual(['Law 3/2007, article 87', 'consent', 'consent'])
  await expect(person.ask('POST', 'sharing/query', wish('accident'))).rejects.toMatchObject({ code: 'role_needed' })

  const { certificates } = await transport.ask<{ certificates: readonly { reference: string }[] }>(
    'GET',
    `issuer/certificates?typeId=${typeId}&status=valid`,
  )
  const { reference } = certificates[0] as { reference: string }
  const wanted = { references: [reference], word: 'revoked', reasonCode: 'issued_in_error' }
  await transport.ask('POST', 'issuer/certificates/status', wanted)
  await expect(police.ask('POST', 'sharing/query', wish('accident'))).rejects.toMatchObject({
    code: 'licence_not_found',
  })
}, 600_000)

interface Answer {
  readonly errorCode: number
  readonly code?: string
  readonly respBody: unknown
}

async function weid(functionName: string, functionArg: object, by?: string, invokerWeId?: string): Promise<Answer> {
  const transactionArg = invokerWeId === undefined ? {} : { invokerWeId }
  const response = await fetch(`${node.url}/weid/api/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(by && { authorization: `Bearer ${tokens[by] ?? by}` }) },
    body: JSON.stringify({ functionName, functionArg, transactionArg, v: '1.0.0' }),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Answer
}

test('a program that was written for WeIdentity works by the token it was given', async () => {
  expect(await weid('createWeId', {}, 'nobody')).toMatchObject({ code: 'token_unknown', errorCode: 9002 })
  const school = (await weid('createWeId', {}, 'school')).respBody as string
  expect(school).toMatch(/^did:weid:porto:0x/)
  expect((await weid('getWeIdDocument', { weId: school })).respBody).toMatchObject({ id: school })
  const authority = dids['authority'] as string
  const named = { weId: school, name: 'School' }
  expect(await weid('registerAuthorityIssuer', named, 'school', authority)).toMatchObject({ code: 'invoker_not_yours' })
  expect(await weid('registerAuthorityIssuer', named, 'registry', authority)).toMatchObject({ respBody: true })
  expect((await weid('queryAuthorityIssuer', { weId: school })).respBody).toMatchObject({ name: 'School' })
  const cptJsonSchema = { title: 'Course', properties: { name: { type: 'string' } }, required: ['name'] }
  const cpt = await weid('registerCpt', { weId: school, cptJsonSchema }, 'school', school)
  const { cptId } = cpt.respBody as { cptId: number }
  expect((await weid('queryCpt', { cptId })).respBody).toMatchObject({ cptId, cptPublisher: school })
  const wanted = { cptId, issuer: school, expirationDate: '2100-04-18T21:12:33Z', claim: { name: '陳大文' } }
  const credential = (await weid('createCredentialPojo', wanted, 'school', school)).respBody as object
  expect(await weid('verifyCredentialPojo', credential)).toMatchObject({ errorCode: 0, respBody: true })
  const forged = { ...credential, claim: { name: '陳小文' } }
  expect(await weid('verifyCredentialPojo', forged)).toMatchObject({ errorCode: weidCodes.signature_invalid[0] })
  const hash = (await weid('createEvidence', { credential }, 'school', school)).respBody
  expect((await weid('getEvidence', { hashValue: hash })).respBody).toMatchObject({ credentialHash: hash })
  // A resident's key is nobody's to use, whatever the token.
  expect(await weid('createEvidence', { credential }, 'school', person.did)).toMatchObject({ code: 'passkey_needed' })
  expect(await weid('createWeId', {}, 'school')).toMatchObject({ errorCode: 0 })
  expect(await weid('createWeId', {}, 'school')).toMatchObject({ code: 'weids_used_up' })
}, 600_000)

test('a new token ends the old one, and what was made before stays; without accounts there is no such address', async () => {
  const before = tokens['school'] as string
  tokens['school'] = String(city.run('office', 'account', '--account', 'school')['token'])
  await node.stop()
  node = await start()
  expect(await weid('createWeId', {}, before)).toMatchObject({ code: 'token_unknown' })
  expect(await weid('createWeId', {}, 'school')).toMatchObject({ code: 'weids_used_up' })
  for (const account of ['school', 'registry']) city.run('office', 'account', '--account', account, '--remove')
  await node.stop()
  node = await start()
  const response = await fetch(`${node.url}/weid/api/invoke`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(404)
}, 600_000)
