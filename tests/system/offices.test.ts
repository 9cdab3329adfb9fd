/**
 * Desks of a city that is no sample: founded with keys of its own, offices opened by the operator, officers come by invitation
 * and residents by passkey. The bureau confirms, the university issues, an employer checks; nothing anywhere knows a public key.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
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
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../apps/node/src/bench/free-port.ts'
import { readingAs } from '../../apps/node/src/offices/reading.ts'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { askWithWord, keyProof, type Resident, register, resident, until, type Visitor } from './desk-visitor.ts'
import { cityGroup, foundOwnCity, type OwnCity } from './own-city.ts'
import { answer, takeOffer } from './wallet-acts.ts'

const place = temporaryData()
const dayMs = 86_400_000
let port: number
let city: OwnCity
let node: RunningNode
let group: GroupClient

const inAll = (text: string) => ({ en: text, 'zh-Hans': text, 'zh-Hant': text, pt: text })
const typeId = 'type_diploma'
const dids: { [office: string]: string } = {}

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--if-changed'], { cwd: home })
  port = await freePort()
  city = await foundOwnCity(place.path, port)
}, 600_000)
afterAll(async () => {
  await node?.kill()
  place.remove()
})

const data = () => join(place.path, 'data')
const start = () => startNode({ data: data(), port, env: city.environment })

async function adminSigner(): Promise<Signer> {
  const passphrase = readFileSync(join(place.path, 'passphrase'), 'utf8').trim()
  return expectOk(await openSigner(join(data(), 'keys'), 'admin', passphrase))
}

/** The committee, which has one seat, gives a role. */
async function grant(role: string, did: string): Promise<void> {
  const change = { kind: 'grantRole', role, did: did as Did, member: 'member_city' } as const
  const wanted = action(governance.proposeChange, { proposalId: `proposal_${role.replaceAll('_', '-')}`, change })
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, await adminSigner())
  const [outcome] = await group.submit([jws])
  expect(outcome).toMatchObject({ status: 'committed' })
}

function officerOf(office: string): Promise<Visitor> {
  const { link } = city.run('office', 'invite', '--office', office)
  const [before, secret] = String(link).split('#invitation=')
  expect(before).toBe(`http://localhost:${port}/sign-in`)
  return register(node.url, secret)
}

test('an operator opens offices with keys of their own', async () => {
  const employer = {
    names: inAll('Employer'),
    domain: 'work.porto.example',
    purposes: [
      {
        purposeId: 'hiring',
        texts: inAll('Confirming a degree'),
        ground: { kind: 'consent' },
        keepDays: 30,
        types: [{ typeId, fields: ['name', 'degree'] }],
      },
    ],
  }
  dids['bureau'] = city.open('bureau', 'bureau', { names: inAll('Bureau'), domain: 'id.porto.example' }).did
  dids['university'] = city.open('university', 'issuer', {
    names: inAll('University'),
    domain: 'edu.porto.example',
  }).did
  dids['academy'] = city.open('academy', 'issuer', { names: inAll('Academy'), domain: 'academy.porto.example' }).did
  dids['employer'] = city.open('employer', 'verifier', employer).did
  for (const kind of ['authority', 'agent', 'keeper']) {
    dids[kind] = String(city.run('office', 'add', '--office', kind, '--kind', kind)['did'])
  }
  for (const kind of ['registrar', 'seat'])
    city.run('office', 'add', '--office', kind, '--kind', kind, '--key', 'admin')
  const { group: named, offices } = city.run('office', 'list') as {
    group: string
    offices: readonly { readonly office: string; readonly certifiedUntil?: string }[]
  }
  expect(named).toBe(cityGroup)
  expect(offices.filter(({ certifiedUntil }) => certifiedUntil).map(({ office }) => office)).toEqual([
    'bureau',
    'university',
    'academy',
    'employer',
  ])
  // Private keys are encrypted, and what stands beside them says so.
  const kept = readFileSync(join(data(), 'keys', 'office-bureau.json'), 'utf8')
  expect(JSON.parse(kept)).toMatchObject({ cipher: { name: 'A256GCM' }, did: dids['bureau'] })
  const requests = JSON.parse(readFileSync(join(data(), 'offices', 'employer.requests.json'), 'utf8')) as {
    by: string
    type: string
  }[]
  expect(requests.map(({ by, type }) => `${by} ${type}`)).toEqual([
    'registrar identity.create',
    'authority credentials.registerVerifier',
  ])
}, 600_000)

test('a certificate for another key or another domain is not taken', async () => {
  const other = await city.key('office-university')
  for (const [jwk, domain, sentence] of [
    [other.jwk, 'id.porto.example', 'it is for another key'],
    [(await city.key('office-bureau')).jwk, 'edu.porto.example', 'it is not for the domain id.porto.example'],
  ] as const) {
    const file = city.certify('wrong', jwk, domain)
    expect(() => city.run('office', 'certify', '--office', 'bureau', '--certificate', file)).toThrow(sentence)
  }
})

test('they come onto the ledger once the committee has given roles', async () => {
  node = await start()
  const client = createNodeClient({ url: node.url })
  group = await client.findGroup()
  expect((await client.groups()).map(({ chainId, sample }) => [chainId, sample])).toEqual([['porto', false]])
  // The registrar first: roles may be given to DIDs that are yet to come.
  const admin = await adminSigner()
  for (const [role, did] of [
    ['registrar', admin.did],
    ['identity_bureau', dids['bureau']],
    ['issuer_authority', dids['authority']],
    ['statement_keeper', dids['keeper']],
  ] as const) {
    await grant(role, did as string)
  }
  await until('The registration', async () =>
    group.find(`/verifiers/${encodeURIComponent(dids['employer'] as string)}`),
  )
  await until('The trust bundle', () => group.getText('/trust-bundle').catch(() => undefined))
}, 600_000)

/** The smallest thing that walks like a JPEG. */
const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9)
const facts = {
  family_name: 'Lei',
  given_name: 'Ka Ian',
  birth_date: '1999-03-04',
  document_type: 'resident_card',
  document_number: '5550001(2)',
  document_expires: '2035-12-31',
}
let person: Resident

test('the bureau confirms a resident, whose certificate of identity comes into the wallet', async () => {
  const clerk = await officerOf('bureau')
  person = await resident(node.url, group)
  const photo = async () => (await person.send<{ photoId: string }>('bureau/photos', 'image/jpeg', jpeg)).photoId
  const application = { facts, documentPhoto: await photo(), facePhoto: await photo() }
  const { applicationId } = await person.ask<{ applicationId: string }>('POST', 'bureau/applications', application)
  const decision = `bureau/applications/${applicationId}/decision`
  expect(await clerk.ask('POST', decision, { confirm: true })).toEqual({ status: 'confirmed' })
  await person.act([
    action(identity.setRecovery, { guardians: [dids['bureau'] as Did], threshold: 1, delayMs: 3 * dayMs }),
    action(identity.delegate, {
      delegationId: 'delegation_agent',
      to: dids['agent'] as Did,
      scope: ['credentials.*'],
      untilMs: (Date.now() + 90 * dayMs) as TimeMs,
    }),
  ])
  const { uri } = await person.ask<{ uri: string }>('POST', 'bureau/certificate')
  await takeOffer(person, uri)
}, 600_000)

test('the university describes a type, takes its register in, and the resident claims', async () => {
  const officer = await officerOf('university')
  const field = (name: string, kind: string, more: object = {}) => ({
    ...{ name, kind, labels: inAll(name), isRequired: true },
    ...more,
  })
  const fields = [
    field('name', 'text', { meaning: 'name' }),
    field('birth_date', 'date', { meaning: 'birth_date' }),
    field('degree', 'text'),
  ]
  await officer.ask('POST', 'issuer/types', { typeId, names: inAll('Diploma'), fields, linkage: 'identified' })
  expect(await officer.ask('POST', `issuer/types/${typeId}/publication`)).toMatchObject({ state: 'published' })
  const csv = `name,birth_date,degree,document\nLei Ka Ian,1999-03-04,Engineer,${facts.document_number}\n`
  const path = `issuer/imports?typeId=${typeId}`
  const { importId } = await officer.send<{ importId: string }>(path, 'text/csv', toUtf8(csv))
  const mapping = {
    columns: { name: 'name', birth_date: 'birth_date', degree: 'degree' },
    documentNumber: 'document',
    documentType: { always: 'resident_card' },
  }
  const made = await officer.ask<{ jobId: string }>('POST', `issuer/imports/${importId}/entitlements`, {
    mapping,
    leftOut: [],
  })
  await until('The entitlement', async () => {
    const { state } = await officer.ask<{ state: string }>('GET', `issuer/jobs/${made.jobId}`)
    return state === 'done' ? state : undefined
  })
  const claim = await person.ask<{ claimId: string; link: string }>('POST', 'issuer/claims', { office: 'university' })
  await answer(person, claim.link)
  const uri = await until('The offer', async () => {
    const { certificates } = await person.ask<{ certificates: readonly { uri?: string }[] }>(
      'GET',
      `issuer/claims/${claim.claimId}`,
    )
    return certificates[0]?.uri
  })
  await takeOffer(person, uri)
}, 600_000)

test('the bureau makes the university a registrar, by two; it brings a student in by passport, who finds what waits there', async () => {
  const [one, other] = [await officerOf('bureau'), await officerOf('bureau')]
  const officer = await officerOf('university')
  const passport = {
    ...facts,
    family_name: 'Silva',
    given_name: 'Rui',
    document_type: 'passport',
    document_number: 'PX1234567',
  }
  const invite = () => officer.ask<{ secret: string }>('POST', 'registrars/newcomers', { facts: passport })
  await expect(invite()).rejects.toMatchObject({ code: 'office_not_a_registrar' })

  const wish = { did: dids['university'], kind: 'grant' }
  const { authorisationId } = await one.ask<{ authorisationId: string }>('POST', 'registrars/authorisations', wish)
  const decision = `registrars/authorisations/${authorisationId}/decision`
  await expect(one.ask('POST', decision, { agree: true })).rejects.toMatchObject({ code: 'authorisation_own' })
  expect(await other.ask('POST', decision, { agree: true })).toMatchObject({ state: 'done' })
  const { registrars } = await one.ask<{ registrars: readonly { did: string }[] }>('GET', 'registrars/registrars')
  expect(registrars.map(({ did }) => did)).toContain(dids['university'])
  await expect(one.ask('POST', 'registrars/authorisations', wish)).rejects.toMatchObject({
    code: 'registrar_as_before',
  })

  const csv = `name,birth_date,degree,document\nSilva Rui,${facts.birth_date},Physicist,PX1234567\n`
  const taken = await officer.send<{ importId: string }>(`issuer/imports?typeId=${typeId}`, 'text/csv', toUtf8(csv))
  const mapping = {
    columns: { name: 'name', birth_date: 'birth_date', degree: 'degree' },
    documentNumber: 'document',
    documentType: { always: 'passport' },
  }
  await officer.ask('POST', `issuer/imports/${taken.importId}/entitlements`, { mapping, leftOut: [] })
  await until('The entitlement', async () => {
    const { types } = await officer.ask<{ types: readonly { entitlements: { open: number } }[] }>(
      'GET',
      'issuer/office',
    )
    return types.some(({ entitlements }) => entitlements.open > 0) ? true : undefined
  })
  const { secret } = await invite()
  const [student, thief] = [await register(node.url), await register(node.url)]
  const comeIn = (visitor: typeof student) => {
    const proof = keyProof(visitor, visitor.did as Did, group)
    return visitor.ask<{ did: string }>('POST', 'registrars/admission', { secret, proof })
  }
  expect(await student.ask('POST', 'registrars/invitation', { secret })).toMatchObject({
    office: 'university',
    given_name: 'Rui',
  })
  expect(await comeIn(student)).toEqual({ did: student.did })
  await expect(comeIn(thief)).rejects.toMatchObject({ code: 'newcomer_not_found' })
  // The group shows DIDs to its members only.
  const asMember = readingAs(await adminSigner(), group.groupId, fetch)
  const reader = createNodeClient({ url: node.url, fetch: asMember }).group(group.groupId)
  const known = (visitor: typeof student) => reader.find(`/dids/${encodeURIComponent(visitor.did as string)}`)
  expect(await known(student)).toMatchObject({ sponsor: 'member_city' })
  expect(await known(thief)).toBeUndefined()
  const { claims } = await student.ask<{ claims: readonly { certificates: readonly object[] }[] }>(
    'GET',
    'issuer/claims',
  )
  expect(claims.map(({ certificates }) => certificates)).toMatchObject([[{ typeId, state: 'offered' }]])
}, 600_000)

test('an employer asks; the node is killed and started again, and the answer to the open request is valid', async () => {
  const officer = await officerOf('employer')
  const wish = { purposeId: 'hiring', typeId, fields: ['name', 'degree'], device: 'other' }
  const { requestId, link } = await officer.ask<{ requestId: string; link: string }>('POST', 'verifier/requests', wish)
  await node.kill()
  node = await start()
  group = await createNodeClient({ url: node.url }).findGroup()
  await answer(person, link)
  const asked = await until('The verdict', async () => {
    const seen = await officer.ask<{ status: string; shown?: { claims: object; report: { verdict: string } } }>(
      'GET',
      `verifier/requests/${requestId}`,
    )
    return seen.status === 'open' ? undefined : seen
  })
  expect(asked).toMatchObject({
    status: 'accepted',
    shown: { claims: { name: 'Lei Ka Ian', degree: 'Engineer' }, report: { verdict: 'valid' } },
  })
}, 600_000)

test('the consent is withdrawn: the employer is told, what was shown is gone there, and the proof of it stays', async () => {
  const officer = await officerOf('employer')
  const { requests } = await officer.ask<{ requests: readonly { requestId: string }[] }>('GET', 'verifier/requests')
  const path = `verifier/requests/${requests[0]?.requestId}`
  interface Consents {
    readonly consents: readonly { readonly consentId: string }[]
  }
  const { consents } = await person.ask<Consents>('GET', 'agent/consents')
  const withdrawal = `agent/consents/${consents[0]?.consentId}/withdrawal`
  expect(await person.ask('POST', withdrawal)).toMatchObject({ state: 'withdrawn', isVerifierTold: true })
  const kept = await officer.ask<object>('GET', path)
  expect(kept).toMatchObject({
    withdrawnAtMs: expect.any(Number),
    fields: ['name', 'degree'],
    shown: { hash: expect.any(String), claims: {}, report: { verdict: 'valid' } },
  })
  expect(JSON.stringify(kept)).not.toContain('Lei Ka Ian')
  // Told once more, nothing changes; by who cannot prove the key, nothing is learned.
  await person.ask('POST', withdrawal)
  expect(await officer.ask('GET', path)).toEqual(kept)
  const forged = await fetch(`${node.url}/v1/verifiers/employer/withdrawals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jwt: 'e30.e30.AA' }),
  })
  expect([forged.status, await forged.json()]).toMatchObject([400, { code: 'holder_proof_malformed' }])
}, 600_000)

test('the university is dissolved: by two of its officers its type passes to the academy, and anyone can read that', async () => {
  const [one, other] = [await officerOf('university'), await officerOf('university')]
  const academy = await officerOf('academy')
  const wish = { typeId, successor: 'academy' }
  await expect(one.ask('POST', 'succession/proposals', wish)).rejects.toMatchObject({ code: 'officer_word_needed' })
  const { successionId } = await askWithWord<{ successionId: string }>(one, 'succession/proposals', wish)
  const decision = `succession/proposals/${successionId}/decision`
  const agreeing = (officer: Visitor) => askWithWord(officer, decision, { agree: true })
  await expect(agreeing(one)).rejects.toMatchObject({ code: 'second_officer_needed' })
  await expect(agreeing(academy)).rejects.toMatchObject({ code: 'succession_not_found' })
  expect(await agreeing(other)).toMatchObject({ state: 'done' })
  const right = async (office: string) => {
    const path = `/issuers?typeId=${typeId}&issuer=${encodeURIComponent(dids[office] as string)}`
    const { issuers } = (await group.get(path)) as { readonly issuers: readonly { readonly endedBy?: string }[] }
    return issuers.map(({ endedBy = 'entitled' }) => endedBy)
  }
  expect([await right('university'), await right('academy')]).toEqual([['withdrawn'], ['entitled']])
  const stranger = await fetch(`${node.url}/v1/desks/succession/successions`)
  expect(await stranger.json()).toMatchObject({
    successions: [{ typeId, from: { office: 'university' }, to: { office: 'academy', did: dids['academy'] } }],
  })
  const { types } = await academy.ask<{ types: readonly { typeId: string }[] }>('GET', 'issuer/office')
  expect(types.map((type) => type.typeId)).toEqual([typeId])
  await expect(askWithWord(one, 'succession/proposals', wish)).rejects.toMatchObject({ code: 'successor_unknown' })
}, 600_000)

test('whoever is no officer of an office gets nowhere there, and there are no personas to try', async () => {
  const officer = await officerOf('employer')
  await expect(officer.ask('GET', 'bureau/applications')).rejects.toMatchObject({ code: 'role_needed' })
  await expect(officer.ask('POST', 'sign-in/personas/clerk')).rejects.toMatchObject({ code: expect.any(String) })
  expect(existsSync(join(data(), 'samples'))).toBe(false)
})

test('an office that is removed is shut from the next start on', async () => {
  city.run('office', 'remove', '--office', 'employer')
  await node.stop()
  node = await start()
  const visitor = await register(node.url)
  const { offices } = await visitor.ask<{ offices: readonly { office: string }[] }>('GET', 'issuer/claimable')
  expect(offices.map(({ office }) => office)).toEqual(['university', 'academy'])
  const registered = await group.find(`/verifiers/${encodeURIComponent(dids['employer'] as string)}`)
  expect(registered).toMatchObject({ verifier: dids['employer'] })
  expect(() => city.run('office', 'invite', '--office', 'employer')).toThrow('This node has no office employer.')
}, 600_000)
