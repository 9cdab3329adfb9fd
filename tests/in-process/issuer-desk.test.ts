/**
 * From a register to certificates in residents' hands, at the desk of a university on a whole node: entitlements, claims by
 * the bureau's certificate of identity, doubts that a clerk decides, corrections, and acts of two officers.
 */
import { auditFile } from '@chengxin/audit'
import {
  action,
  buildTransaction,
  credentials,
  expectCommitted,
  type GroupClient,
  identity,
  proveIdentityKey,
  sampleActor,
} from '@chengxin/client'
import { nativeSigner } from '@chengxin/client/node'
import { sha256 } from '@chengxin/crypto'
import { expectOk, type GroupId, isRefusal, toBase64url } from '@chengxin/kernel'
import {
  createIssuingOffice,
  createMemoryVault,
  type DeskEndpoint,
  type IssuingOffice,
  type Person,
  publishBundle,
} from '@chengxin/services'
import {
  claimPurpose,
  createIssuerDesk,
  graduationFields,
  type IssuerDesk,
  type IssuerDeskOffice,
  identityFields,
  identityTypeId,
  openIssuerOffice,
  typeFrom,
} from '@chengxin/services/issuer'
import {
  answerRequest,
  firstOptions,
  type HeldCertificate,
  openRequest,
  optionsFor,
  type Received,
  readOffer,
  redeemPreAuthorized,
  requestCertificates,
  verifierEndpoints,
  type Wallet,
} from '@chengxin/services/openid'
import {
  openOffice,
  type Registration,
  registrationDocument,
  requestStores,
  trustedBundle,
} from '@chengxin/services/verifier'
import { newHolderKey } from '@chengxin/testkit/openid-scene'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { officeCertificate } from '../../apps/node/src/sample-city/office-certificate.ts'
import { deskEndpoints } from '../../apps/node/src/serving/desk-endpoints.ts'
import { openidEndpoints } from '../../apps/node/src/serving/openid-endpoints.ts'
import { graduationType } from '../../packages/services/src/demo/graduation-type.ts'
import { ensureAuthorised, ensureType, fillOffices } from '../../packages/services/src/demo/offices.ts'
import { worded, wordsOf } from './officers-word.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const domain = 'university.sample-city.example'
const names = { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' }
const { typeId } = graduationType

/** The bureau's type, with the fields that claims go by. */
const identityType = typeFrom({
  typeId: identityTypeId,
  names,
  fields: identityFields.map((name) => ({ name, labels: names, kind: 'text', isRequired: true })),
  linkage: 'unlinkable',
})

let sample: SampleNode
let group: GroupClient
let bureau: IssuingOffice
let office: IssuerDeskOffice
let desk: IssuerDesk
let anchors: readonly Uint8Array[]
/** The clock by which officers' words grow old. */
let nowMs = Date.now

const university = sampleActor('university')
const signerOf = (name: 'university' | 'transport') => {
  const { did, privateJwk } = sampleActor(name)
  return nativeSigner(privateJwk, { did })
}
const certificate = officeCertificate('university', 'Sample City University', domain)
const registration: Registration = {
  v: 1,
  verifier: university.did,
  domain,
  clientIds: [`x509_hash:${toBase64url(sha256(certificate))}`],
  names,
  purposes: [
    {
      ...{ purposeId: claimPurpose, texts: names, ground: { kind: 'consent' }, keepDays: 1 },
      types: [{ typeId: identityTypeId, fields: identityFields }],
    },
  ],
}

async function send(name: 'registrar' | 'issuer-authority', wanted: Parameters<typeof buildTransaction>[0]['actions']) {
  const { signer } = sampleActor(name)
  const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: wanted }, signer)
  const [outcome] = await group.submit([jws])
  if (outcome) expectCommitted(outcome)
}

beforeAll(async () => {
  sample = await openSampleNode({
    desks: async (node, groupId) => {
      group = node.group(groupId)
      const vault = createMemoryVault()
      const trusted = trustedBundle(group, Date.now)
      const common = { group, vault, publicUrl: url, poolMs: 5 }
      // The transport department stands in for the bureau: what counts is a right to the type on the ledger.
      bureau = await createIssuingOffice({
        ...{ ...common, office: 'bureau', names, types: [identityType], signer: signerOf('transport') },
      })
      const asks = openOffice({
        ...{ office: 'university', registration, publicUrl: url, trusted, nowMs: Date.now },
        stores: requestStores(vault, 'university', Date.now),
        signer: { ...signerOf('university'), x509: certificate },
      })
      office = await openIssuerOffice({
        ...{ ...common, office: 'university', names, signer: signerOf('university'), domain, asks, trusted },
        builtIn: [{ type: graduationType, fields: graduationFields, linkage: 'identified' }],
        authority: sampleActor('issuer-authority').signer,
        aloneUpTo: 2,
      })
      desk = createIssuerDesk({ offices: [office], words: wordsOf(group.groupId, 'issuer', vault, () => nowMs()) })
      return {
        endpoints: [
          ...deskEndpoints(desk, { origin: url, personOf: async () => undefined }),
          ...openidEndpoints(bureau.openid, { publicUrl: url, name: 'bureau' }),
          ...openidEndpoints(office.office.openid, { publicUrl: url, name: 'university' }),
          ...openidEndpoints(verifierEndpoints(asks.verifier), { publicUrl: url, name: 'verifiers' }),
        ],
        refusals: desk.refusals,
        async close() {
          await bureau.close()
          await desk.close?.()
        },
      }
    },
  })
  await fillOffices(group, 'desk')
  await ensureType(group, graduationType)
  await ensureAuthorised(group, typeId)
  await ensureType(group, identityType)
  const transport = sampleActor('transport')
  if ((await group.find(`/dids/${encodeURIComponent(transport.did)}`)) === undefined) {
    const proven = await proveIdentityKey(group.groupId as GroupId, transport.signer)
    await send('registrar', [action(identity.create, { did: transport.did, ...proven })])
  }
  const { text, hash } = registrationDocument(registration)
  await send('issuer-authority', [
    action(credentials.authoriseIssuer, { issuer: transport.did, typeId: identityTypeId }),
    action(credentials.registerVerifier, { verifier: university.did, domain, registrationHash: hash }),
  ])
  await current()
  await group.putDocument(hash, text, 'application/json')
  const { ca } = JSON.parse(await group.getText('/genesis')) as { readonly ca: string }
  anchors = [new Uint8Array(Buffer.from(ca, 'base64url'))]
}, 60_000)
afterAll(() => sample.close())

async function current(): Promise<void> {
  await group.readModelReached(sample.ledger.head().height)
}

async function publish(): Promise<void> {
  await current()
  const publicGroupUrl = `${url}/v1/groups/${group.groupId}`
  await publishBundle(group, { directory: sample.directory, publicGroupUrl, nowMs: Date.now() })
  // Desks look again after a while.
  await new Promise((resolve) => setTimeout(resolve, 2100))
}

const officer = (accountId: string): Person => ({
  ...{ accountId, kind: 'officer', office: 'university', roles: ['issuer_clerk', 'issuer_officer'], signedInAtMs: 0 },
})
const resident = (accountId: string): Person => ({
  ...{ accountId, kind: 'resident', roles: [], did: sampleActor('resident-chan').did, signedInAtMs: 0 },
})

/** What a decided act says of the words that were given on it. */
interface Decided {
  readonly proposedWord?: { readonly statement: string }
  readonly decidedWord?: { readonly statement: string }
}

/** What a call at the desk answers, as any member of it. */
type Answer = { readonly [member: string]: unknown }

async function call(id: string, person: Person, body: unknown = {}, params = {}, query = {}): Promise<Answer> {
  const endpoint = desk.endpoints.find((candidate) => candidate.id === id) as DeskEndpoint
  return (await endpoint.handle({ body, params, query, headers: {}, person })) as unknown as Answer
}

/** The same with the officer's word on it, given now. */
async function weigh(id: string, person: Person, body: object, params = {}, member = 'word'): Promise<Answer> {
  const plain = { body, params, query: {}, headers: {}, person }
  const { body: signed } = await worded(desk.endpoints, id, plain, member)
  return call(id, person, signed, params)
}

function wallet(): Wallet {
  return {
    async send({ method, url: address, headers, body }) {
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await sample.send(address, { method, headers: given, ...(method === 'POST' && { body }) })
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
    },
    newKey: async () => newHolderKey(),
    anchors,
    nowMs: Date.now,
  }
}

async function fetchWith(holder: Wallet, link: string, wanted: string): Promise<readonly HeldCertificate[]> {
  const access = expectOk(await redeemPreAuthorized(holder, expectOk(await readOffer(holder, link))))
  return (expectOk(await requestCertificates(holder, access, wanted)) as Received).certificates
}

/** The bureau's certificate of identity of somebody. */
async function identityOf(holder: Wallet, subject: string, change: { readonly [field: string]: string } = {}) {
  const facts = { family_name: 'CHAN', given_name: 'TAI MAN', birth_date: '2001-02-03', document_type: 'resident_card' }
  await bureau.keepClaims(subject, identityTypeId, { ...facts, document_number: '1234567(8)', ...change })
  return fetchWith(holder, expectOk(await bureau.offer(subject, identityTypeId)).uri, identityTypeId)
}

/** Claims at the university, with a certificate of identity; what the claim then shows. */
async function claimWith(holder: Wallet, person: Person, held: readonly HeldCertificate[]) {
  const { claimId, link } = expectOk(await call('claim', person, { office: 'university' })) as {
    readonly claimId: string
    readonly link: string
  }
  const asked = expectOk(await openRequest(holder, link))
  expectOk(await answerRequest(holder, asked, firstOptions(expectOk(optionsFor(asked, held)))))
  return { claimId, claim: await call('getClaim', person, {}, { claimId }) }
}

const columns = Object.fromEntries(graduationFields.map(({ name }) => [name, name]))
const mapping = { columns, documentNumber: 'bir_no', documentType: { always: 'resident_card' } }
const header = `${graduationFields.map(({ name }) => name).join(',')},bir_no`
const degree = 'BSC,理學士,Licenciatura,Bachelor of Science,會計,Contabilidade,Accounting,3.10,,2026-05-30'
const register = [
  header,
  `DC2200001,陳大文,Chan Tai Man,2001-02-03,${degree},1234567(8)`,
  `DC2200002,李小明,Lei Sio Meng,2002-03-04,${degree},7654321(0)`,
].join('\n')

async function importRegister(text: string): Promise<void> {
  const clerk = officer('account_clerk')
  const taken = await call('takeRegister', clerk, new TextEncoder().encode(text), {}, { typeId })
  const { importId } = expectOk(taken) as { readonly importId: string }
  const trial = await call('tryRegister', clerk, { mapping, leftOut: [] }, { importId })
  expect(trial).toMatchObject({ faultCount: 0 })
  const { jobId } = (await call('makeEntitlements', clerk, { mapping, leftOut: [] }, { importId })) as { jobId: string }
  await office.imports.settled()
  expect(await call('getJob', clerk, {}, { jobId })).toMatchObject({ state: 'done' })
}

async function verdictOf(text: string) {
  const bundle = await group.getText('/trust-bundle')
  return auditFile(text, { bundle, pins: { group: group.groupId as GroupId }, nowMs: Date.now() })
}

describe('claims', () => {
  test('whoever shows the certificate of identity gets what the register says, and nobody gets it twice', async () => {
    await importRegister(register)
    const [holder, chan] = [wallet(), resident('account_chan')]
    const held = await identityOf(holder, 'chan')
    await publish()
    const { claim } = await claimWith(holder, chan, held)
    expect(claim).toMatchObject({ state: 'matched', certificates: [{ typeId, state: 'offered' }], withClerk: 0 })
    const [{ uri }] = claim['certificates'] as readonly [{ readonly uri: string }]
    const [graduation] = await fetchWith(holder, uri, typeId)
    await publish()
    const report = await verdictOf(graduation?.text ?? '')
    expect(report.verdict).toBe('valid')
    expect(report.certificate?.claims).toMatchObject({ name_latin: 'Chan Tai Man', weid: chan.did })
    const again = await claimWith(holder, chan, held)
    expect(again.claim).toMatchObject({ state: 'matched', certificates: [] })
    expect(await call('getClaim', resident('account_other'), {}, { claimId: again.claimId })).toEqual({
      refused: 'claim_not_found',
    })
  }, 60_000)

  test('a number that fits another person goes to a clerk, who grants or refuses; nothing is guessed', async () => {
    const [holder, lei] = [wallet(), resident('account_lei')]
    const other = { family_name: 'LEI', given_name: 'SIO MENG', birth_date: '2002-04-03', document_number: '76543210' }
    const held = await identityOf(holder, 'lei', other)
    await publish()
    const { claimId, claim } = await claimWith(holder, lei, held)
    expect(claim).toMatchObject({ state: 'matched', certificates: [], withClerk: 1 })
    const { doubts } = (await call('listDoubts', officer('account_clerk'))) as unknown as {
      readonly doubts: readonly { readonly doubtId: string; readonly doubt: { readonly differs: readonly string[] } }[]
    }
    expect(doubts.map(({ doubt }) => doubt.differs)).toEqual([['birth_date']])
    const params = { doubtId: doubts[0]?.doubtId ?? '' }
    expect(await call('decideDoubt', officer('account_clerk'), { grant: true }, params)).toMatchObject({
      state: 'granted',
    })
    expect(await call('decideDoubt', officer('account_clerk'), { grant: true }, params)).toEqual({
      refused: 'doubt_not_found',
    })
    expect(await call('getClaim', lei, {}, { claimId })).toMatchObject({
      certificates: [{ state: 'offered' }],
      withClerk: 0,
    })
  }, 60_000)
})

describe('certificates', () => {
  test('corrected: the old one is superseded when the new one is fetched, and not before', async () => {
    const clerk = officer('account_clerk')
    const { certificates } = (await call(
      'listCertificates',
      clerk,
      {},
      {},
      { typeId, status: 'valid' },
    )) as unknown as {
      readonly certificates: readonly { readonly reference: string }[]
    }
    const params = { reference: certificates[0]?.reference ?? '' }
    expect(await call('correctCertificate', clerk, { claims: { gpa: '9.99' } }, params)).toEqual({
      refused: 'claims_malformed',
    })
    const made = await call('correctCertificate', clerk, { claims: { gpa: '3.90' } }, params)
    const { uri } = expectOk(made) as unknown as { readonly uri: string }
    expect(await office.office.recordOf(params.reference)).toMatchObject({ status: 'valid' })
    await fetchWith(wallet(), uri, typeId)
    expect(await office.office.recordOf(params.reference)).toMatchObject({
      status: 'superseded',
      reasonCode: 'corrected',
    })
  }, 60_000)

  test('many at once are proposed by one officer and agreed to by another', async () => {
    const [one, two] = [officer('account_one'), officer('account_two')]
    const references = ['cert_none-1', 'cert_none-2']
    for (const subject of ['ana', 'bo', 'carla']) {
      await office.office.keepClaims(subject, typeId, { name_latin: subject })
      await fetchWith(wallet(), expectOk(await office.office.offer(subject, typeId)).uri, typeId)
      references.push((await office.office.recordsOf(subject))[0]?.reference ?? '')
    }
    const wish = { references, word: 'revoked', reasonCode: 'issued_in_error' }
    // The session alone proposes nothing and agrees to nothing: the officer's key does, over exactly this.
    expect(await call('setStatus', one, wish)).toEqual({ refused: 'officer_word_needed' })
    const { actId } = (await weigh('setStatus', one, wish, {}, 'officersWord')) as { readonly actId: string }
    expect(actId).toMatch(/^act_/)
    const listed = (await call('listActs', one)) as { readonly acts: readonly object[] }
    expect(listed).toMatchObject({ acts: [{ actId, count: 5, isOwn: true }] })
    expect(listed.acts[0]).not.toHaveProperty('proposedWord')
    const agree = { approve: true }
    expect(await weigh('decideAct', one, agree, { actId })).toEqual({ refused: 'second_officer_needed' })
    expect(await office.office.recordsOf('ana')).toMatchObject([{ status: 'valid' }])
    expect(await call('decideAct', two, agree, { actId })).toEqual({ refused: 'officer_word_needed' })
    const done = (await weigh('decideAct', two, agree, { actId })) as unknown as Decided
    expect(done).toMatchObject({ state: 'done', changed: 3 })
    // Both words stay with the act, each over what its officer sent.
    const [proposed, decided] = [done.proposedWord, done.decidedWord].map(
      (word) => JSON.parse(word?.statement ?? '{}') as object,
    )
    expect(proposed).toMatchObject({ act: 'setStatus', kind: 'revoked', officer: 'account_one', desk: 'issuer' })
    expect(decided).toMatchObject({ act: 'decideAct', kind: 'agree', subject: actId, officer: 'account_two' })
    expect(await office.office.recordsOf('ana')).toMatchObject([{ status: 'revoked' }])
    expect(await weigh('decideAct', two, agree, { actId })).toEqual({ refused: 'act_not_found' })
    expect(await call('setStatus', one, { ...wish, references: ['cert_none-1'] })).toEqual({
      refused: 'issued_certificate_not_found',
    })
  }, 60_000)

  test('a word on many is for exactly these, and none that was asked for ten minutes ago', async () => {
    const one = officer('account_one')
    const wish = { references: ['cert_a', 'cert_b', 'cert_c'], word: 'revoked', reasonCode: 'issued_in_error' }
    const plain = { body: wish, params: {}, query: {}, headers: {}, person: one }
    const { body } = await worded(desk.endpoints, 'setStatus', plain, 'officersWord')
    const others = { ...(body as object), references: ['cert_a', 'cert_b', 'cert_d'] }
    expect(await call('setStatus', one, others)).toEqual({ refused: 'officer_word_of_another_act' })
    expect(await call('setStatus', officer('account_two'), body)).toEqual({ refused: 'officer_word_not_open' })
    nowMs = () => Date.now() + 10 * 60_000
    try {
      expect(await call('setStatus', one, body)).toEqual({ refused: 'officer_word_too_old' })
      // Asked again, the same act goes through.
      expect(await weigh('setStatus', one, wish, {}, 'officersWord')).toHaveProperty('actId')
    } finally {
      nowMs = Date.now
    }
  })
})

describe('types', () => {
  test('are drafted in a form, published by hash, and issued from then on', async () => {
    const clerk = officer('account_clerk')
    const field = { name: 'award', labels: names, kind: 'text', isRequired: true }
    const draft = { typeId: 'type_award-v1', names, fields: [field], linkage: 'unlinkable' }
    expect(await call('draftType', clerk, { ...draft, fields: [{ ...field, name: 'iat' }] })).toEqual({
      refused: 'type_malformed',
    })
    expect(await call('draftType', clerk, draft)).toMatchObject({ state: 'draft' })
    expect(await office.office.offer('ana', 'type_award-v1')).toEqual({ refused: 'type_not_issued' })
    const published = await call('publishType', clerk, {}, { typeId: 'type_award-v1' })
    expect(published).toMatchObject({ state: 'published' })
    await current()
    const { types } = (await group.get('/credential-types')) as {
      types: readonly { typeId: string; schemaHash: string }[]
    }
    const listed = types.find((each) => each.typeId === 'type_award-v1')
    expect(listed?.schemaHash).toBe(published['schemaHash'])
    expect(JSON.parse(await group.getText(`/documents/${listed?.schemaHash}`))).toMatchObject({ required: ['award'] })
    expect(await call('draftType', clerk, draft)).toEqual({ refused: 'type_not_a_draft' })
    expect(await call('draftType', clerk, { ...draft, typeId })).toEqual({ refused: 'type_name_taken' })
  }, 60_000)

  test('of the kind that links nobody wait until enough residents share a root', async () => {
    const people = ['p1', 'p2', 'p3', 'p4', 'p5']
    for (const person of people) await office.office.keepClaims(person, 'type_award-v1', { award: person })
    const offers = await Promise.all(people.map((person) => office.office.offer(person, 'type_award-v1')))
    const links = offers.map((offer) => expectOk(offer).uri)
    const holder = wallet()
    const access = expectOk(await redeemPreAuthorized(holder, expectOk(await readOffer(holder, links[0] ?? ''))))
    const first = requestCertificates(holder, access, 'type_award-v1')
    await expect.poll(() => office.office.waiting('type_award-v1')).toBe(1)
    await Promise.all([first, ...links.slice(1).map((link) => fetchWith(wallet(), link, 'type_award-v1'))])
    for (const person of people) {
      expect(await office.office.recordsOf(person)).toMatchObject([{ residentsInRoot: 5 }])
    }
  }, 60_000)
})

test('an officer of an office that issues nothing is turned away', async () => {
  const stranger: Person = { ...officer('account_x'), office: 'library' }
  expect(await call('getOffice', stranger)).toEqual({ refused: 'office_not_an_issuer' })
  expect(isRefusal(await call('getOffice', officer('account_one')))).toBe(false)
})
