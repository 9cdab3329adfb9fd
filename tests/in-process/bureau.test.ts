/**
 * The identity bureau on a whole node: residents with passkeys of our own making and officers apply, decide, correct,
 * freeze and recover through the node's addresses, and the ledger is asked what came of it.
 */
import {
  action,
  buildTransaction,
  type GroupClient,
  identity,
  identityStatement,
  type Signer,
  sampleActor,
} from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type Did, type GroupId, type JsonObject, toBase64url } from '@chengxin/kernel'
import { createMemoryVault } from '@chengxin/services'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { openLog } from '../../apps/node/src/log.ts'
import { openBureauOffice } from '../../apps/node/src/sample-city/bureau-office.ts'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { openDesks } from '../../apps/node/src/serving/desks.ts'
import { createBureauDesk } from '../../packages/services/src/bureau/bureau-desk.ts'
import { commitmentOf } from '../../packages/services/src/bureau/bureau-ledger.ts'
import { createAccounts } from '../../packages/services/src/sign-in/accounts.ts'
import { createSessions } from '../../packages/services/src/sign-in/sessions.ts'
import { createSoftPasskey, type SoftPasskey } from '../../packages/services/src/testing/soft-passkey.ts'
import { type Answered, postWithWord, signerOfPersona, wordOver } from './officers-word.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const vault = createMemoryVault()
let sample: SampleNode
let group: GroupClient
let groupId: GroupId

beforeAll(async () => {
  sample = await openSampleNode({
    desks: (node, id) =>
      openDesks({
        ...{ vault, publicUrl: url, chainId: 'sample', isSampleCity: true },
        group: node.group(id),
        log: openLog('silent'),
        attemptsPerMinute: 10_000,
      }),
  })
  group = await sample.node.findGroup()
  groupId = group.groupId as GroupId
  await firstDay(group)
  await openBureauOffice(group)
}, 120_000)
afterEach(() => vi.useRealTimers())
afterAll(() => sample?.close())

/** For desks of which only the upkeep is asked. */
const nobody = () => Promise.reject(new Error('Nobody signs in here.'))

/** Somebody's browser: keeps the cookie. */
function browser() {
  let cookie = ''
  async function ask(method: string, path: string, body?: JsonObject | Uint8Array<ArrayBuffer>): Promise<Answered> {
    const isBytes = body instanceof Uint8Array
    const response = await sample.send(`${url}/v1/desks${path}`, {
      method,
      headers: {
        cookie,
        origin: url,
        ...(body === undefined ? {} : { 'content-type': isBytes ? 'image/jpeg' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    })
    cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json') ? (JSON.parse(text) as JsonObject) : {}
    return { status: response.status, code: json['code'] as string | undefined, json }
  }
  return {
    ask,
    get: (path: string) => ask('GET', path),
    post: (path: string, body: object = {}) => ask('POST', path, body as JsonObject),
  }
}
type Browser = ReturnType<typeof browser>

interface Officer extends Browser {
  readonly signer: Signer
  /** Sends an act with the officer's word over it. */
  weigh(path: string, body: object): Promise<Answered>
}

async function officer(persona: 'clerk' | 'second-officer'): Promise<Officer> {
  const visitor = browser()
  await visitor.post(`/sign-in/personas/${persona}`)
  const signer = signerOfPersona(persona)
  return { ...visitor, signer, weigh: (path, body) => postWithWord(visitor, path, body, signer) }
}

interface Resident extends Browser {
  readonly passkey: SoftPasskey
  readonly did: Did
  readonly accountId: string
  readonly signer: Signer
}

async function resident(): Promise<Resident> {
  const [visitor, passkey] = [browser(), createSoftPasskey(url)]
  const begun = await visitor.post('/sign-in/passkeys/registration')
  const challenge = begun.json['challenge'] as string
  const { json } = await visitor.post('/sign-in/passkeys/registration/complete', {
    challenge,
    ...passkey.register(challenge),
  })
  const { ownDid, accountId } = json['person'] as { ownDid: Did; accountId: string }
  const signer: Signer = {
    did: ownDid,
    keyId: 'key-1',
    kid: `${ownDid}#key-1`,
    alg: 'WebAuthn-ES256',
    jwk: passkey.jwk,
    sign: async (bytes) => passkey.sign(bytes),
  }
  return { ...visitor, passkey, did: ownDid, accountId, signer }
}

/** The key's word that it wants to be on the ledger under this DID. */
function proofOf(passkey: SoftPasskey, did: Did) {
  const parts = passkey.assert(toBase64url(sha256(identityStatement(groupId, did))))
  const { signature, ...webauthn } = parts
  return { proof: signature, webauthn }
}

const bringIn = ({ post, passkey, did }: Resident) =>
  post('/bureau/identity', { key: passkey.jwk, ...proofOf(passkey, did) })

let documents = 1_000_000
const factsOf = (change: object = {}) => ({
  family_name: 'Chan',
  given_name: 'Siu Ming',
  birth_date: '1990-02-28',
  document_type: 'resident_card',
  document_number: `${documents++}(8)`,
  document_expires: '2031-05-01',
  ...change,
})

/** The smallest thing that walks like a JPEG. */
const jpeg = (...segments: number[]) =>
  new Uint8Array([0xff, 0xd8, ...segments, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9])

async function photo(visitor: Browser, bytes = jpeg()): Promise<string> {
  return (await visitor.ask('POST', '/bureau/photos', bytes)).json['photoId'] as string
}

async function applied(person: Resident, facts = factsOf()): Promise<string> {
  const body = { facts, documentPhoto: await photo(person), facePhoto: await photo(person) }
  const answer = await person.post('/bureau/applications', body)
  expect(answer.code).toBeUndefined()
  return answer.json['applicationId'] as string
}

async function confirmed(person: Resident, facts = factsOf()): Promise<{ personId: string; applicationId: string }> {
  await bringIn(person)
  const applicationId = await applied(person, facts)
  const clerk = await officer('clerk')
  const decided = await clerk.post(`/bureau/applications/${applicationId}/decision`, { confirm: true })
  expect(decided.json).toEqual({ status: 'confirmed' })
  const { json } = await clerk.get(`/bureau/applications/${applicationId}`)
  return { applicationId, personId: json['personId'] as string }
}

async function onLedger(did: Did) {
  const found = await group.find(`/dids/${encodeURIComponent(did)}`)
  return found as
    | { confirmedAtMs?: number; keys: { keyId: string; retiredAtMs?: number }[]; recovery?: { requestedAtMs?: number } }
    | undefined
}

describe('somebody applies', () => {
  test('comes onto the ledger with the key’s own word, and by nobody else’s', async () => {
    const [person, other] = [await resident(), await resident()]
    const forged = { key: person.passkey.jwk, ...proofOf(other.passkey, person.did) }
    expect((await person.post('/bureau/identity', forged)).code).toBe('ledger_refused')
    expect(await onLedger(person.did)).toBeUndefined()
    expect((await bringIn(person)).json).toEqual({ did: person.did })
    expect(await onLedger(person.did)).toMatchObject({ keys: [{ keyId: 'key-1' }] })
    expect((await bringIn(person)).code).toBeUndefined()
    const { json } = await person.get('/sign-in/session')
    expect(json['person']).toMatchObject({ did: person.did })
  })

  test('is confirmed: the ledger has a commitment that the vault opens, and the wallet is offered a certificate', async () => {
    const person = await resident()
    const facts = factsOf()
    const { personId } = await confirmed(person, facts)
    const kept = (await vault.collection('bureau-people').get(personId))?.value as { salt: string; facts: never }
    const events = JSON.stringify(await group.get('/transactions?limit=20'))
    const state = sample.ledger.row('identity/confirmations', person.did) as { commitment: string; count: number }
    expect(state).toMatchObject({ commitment: commitmentOf(person.did, kept.facts, kept.salt), count: 1 })
    for (const value of [facts.document_number, facts.given_name]) expect(events).not.toContain(value)
    expect(await onLedger(person.did)).toHaveProperty('confirmedAtMs')

    const offer = await person.post('/bureau/certificate')
    expect(offer.json['uri']).toMatch(/^openid-credential-offer:/)
    expect(offer.json['uri']).not.toContain(person.accountId)
    expect((await person.get('/bureau/mine')).json).toMatchObject({
      application: { status: 'confirmed' },
      person: { status: 'confirmed', facts },
      onLedger: true,
    })
  })

  test('is refused with a reason that the resident reads', async () => {
    const person = await resident()
    await bringIn(person)
    const decision = `/bureau/applications/${await applied(person)}/decision`
    const clerk = await officer('clerk')
    expect((await clerk.post(decision, { confirm: false, reason: 'bad_mood' })).status).toBe(400)
    await clerk.post(decision, { confirm: false, reason: 'face_not_matching' })
    expect((await clerk.post(decision, { confirm: true })).code).toBe('application_not_open')
    expect((await person.get('/bureau/mine')).json['application']).toMatchObject({
      status: 'refused',
      reason: 'face_not_matching',
    })
    // Refused is not for ever: a better photograph may be brought.
    await applied(person)
  })

  test.each<[string, object, string]>([
    ['a day that does not exist', { birth_date: '1990-02-30' }, 'facts_malformed'],
    ['a name of white space', { family_name: '   ' }, 'facts_malformed'],
    ['a document that has expired', { document_expires: '2020-01-01' }, 'document_expired'],
  ])('with %s it is not taken', async (_case, change, code) => {
    const person = await resident()
    const body = { facts: factsOf(change), documentPhoto: await photo(person), facePhoto: await photo(person) }
    expect((await person.post('/bureau/applications', body)).code).toBe(code)
  })

  test('twice at once, with photographs of others, or with a document of others, is not taken', async () => {
    const [person, other] = [await resident(), await resident()]
    const facts = factsOf()
    await confirmed(person, facts)
    const mine = { documentPhoto: await photo(person), facePhoto: await photo(person) }
    expect((await person.post('/bureau/applications', { facts, ...mine })).code).toBe('person_already_confirmed')
    expect((await other.post('/bureau/applications', { facts, ...mine })).code).toBe('photo_not_found')
    await bringIn(other)
    const applicationId = await applied(other, facts)
    const again = { facts, documentPhoto: await photo(other), facePhoto: await photo(other) }
    expect((await other.post('/bureau/applications', again)).code).toBe('application_pending')
    const clerk = await officer('clerk')
    expect((await clerk.get(`/bureau/applications/${applicationId}`)).json).toHaveProperty('documentOf')
    const decided = await clerk.post(`/bureau/applications/${applicationId}/decision`, { confirm: true })
    expect(decided.code).toBe('document_of_another')
  })

  test('cannot be confirmed before the key has said that it wants to be here', async () => {
    const person = await resident()
    const applicationId = await applied(person)
    const clerk = await officer('clerk')
    const decide = () => clerk.post(`/bureau/applications/${applicationId}/decision`, { confirm: true })
    expect((await decide()).code).toBe('key_proof_needed')
    await bringIn(person)
    expect((await decide()).json).toEqual({ status: 'confirmed' })
  })

  test('withdraws, and nothing of the application stays', async () => {
    const person = await resident()
    const applicationId = await applied(person)
    await person.ask('DELETE', '/bureau/mine/application')
    const clerk = await officer('clerk')
    expect((await clerk.get(`/bureau/applications/${applicationId}`)).code).toBe('application_not_found')
    expect((await person.get('/bureau/mine')).json).not.toHaveProperty('application')
  })

  test('only officers of the bureau see the queue and photographs, and only residents apply', async () => {
    const person = await resident()
    const photoId = await photo(person)
    for (const path of ['/bureau/applications', `/bureau/photos/${photoId}`, '/bureau/acts']) {
      expect((await person.get(path)).code).toBe('role_needed')
      expect((await browser().get(path)).code).toBe('sign_in_needed')
    }
    const university = browser()
    await university.post('/sign-in/personas/university')
    expect((await university.get('/bureau/applications')).code).toBe('role_needed')
    const clerk = await officer('clerk')
    expect((await clerk.get(`/bureau/photos/${photoId}`)).status).toBe(200)
    const body = { facts: factsOf(), documentPhoto: photoId, facePhoto: photoId }
    expect((await clerk.post('/bureau/applications', body)).code).toBe('role_needed')
  })
})

describe('photographs', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['with what a camera writes', jpeg(0xff, 0xe1, 0, 4, 9, 9), 'photo_has_metadata'],
    ['with a comment', jpeg(0xff, 0xfe, 0, 4, 9, 9), 'photo_has_metadata'],
    ['that end early', jpeg().slice(0, -1), 'photo_not_jpeg'],
    ['that are none', new Uint8Array([137, 80, 78, 71]), 'photo_not_jpeg'],
  ])('%s are not taken', async (_case, bytes, code) => {
    expect((await (await resident()).ask('POST', '/bureau/photos', bytes)).code).toBe(code)
  })

  test('go a set time after the decision, and unused ones after a day', async () => {
    let nowMs = Date.now()
    const own = createMemoryVault()
    const clock = () => nowMs
    const accounts = createAccounts({ vault: own, chainId: 'sample', personas: [], nowMs: clock })
    const desk = createBureauDesk({
      ...{ group, vault: own, publicUrl: url, accounts, nowMs: clock },
      sessions: createSessions(own, clock),
      registrar: sampleActor('registrar').signer,
      bureau: sampleActor('identity-bureau').signer,
      photosKeptMs: 7 * 86_400_000,
      signInAs: nobody,
    })
    const photos = own.collection('bureau-photos')
    const person = { accountId: 'account_a', kind: 'resident', roles: [], signedInAtMs: 0 } as const
    const clerk = { accountId: 'account_c', kind: 'officer', roles: ['bureau_clerk'], signedInAtMs: 0 } as const
    const call = (id: string, who: typeof person | typeof clerk, params: Record<string, string>, body?: unknown) => {
      const endpoint = desk.endpoints.find((one) => one.id === id)
      return endpoint?.handle({ params, query: {}, body, headers: {}, person: who }) as Promise<Record<string, string>>
    }
    const bring = async () => (await call('bringPhoto', person, {}, jpeg()))['photoId']
    const [documentPhoto, facePhoto] = [await bring(), await bring()]
    await bring()
    const taken = await call('apply', person, {}, { facts: factsOf(), documentPhoto, facePhoto })
    nowMs += 86_400_000
    await desk.upkeep()
    expect(await photos.count()).toBe(2)
    const refusal = { confirm: false, reason: 'document_unreadable' }
    await call('decideApplication', clerk, { applicationId: taken['applicationId'] as string }, refusal)
    nowMs += 7 * 86_400_000 - 1
    await desk.upkeep()
    expect(await photos.count()).toBe(2)
    nowMs += 1
    await desk.upkeep()
    expect(await photos.count()).toBe(0)
    await desk.close?.()
  })
})

describe('acts', () => {
  async function propose(by: Officer, body: object): Promise<string> {
    const answer = await by.weigh('/bureau/acts', body)
    expect(answer.code).toBeUndefined()
    return answer.json['actId'] as string
  }

  test('a freeze takes one officer, the way back two, and nobody agrees to their own', async () => {
    const person = await resident()
    const { personId } = await confirmed(person)
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    await propose(clerk, { kind: 'freeze', personId, reason: 'suspected_misuse' })
    expect((await person.get('/bureau/mine')).json['person']).toMatchObject({ status: 'frozen' })
    expect((await person.post('/bureau/certificate')).code).toBe('person_not_confirmed')

    const own = await propose(second, { kind: 'unfreeze', personId, reason: 'cleared_up' })
    expect((await second.weigh(`/bureau/acts/${own}/decision`, { agree: true })).code).toBe('act_own')
    expect((await clerk.weigh(`/bureau/acts/${own}/decision`, { agree: true })).code).toBe('role_needed')
    expect((await person.get('/bureau/mine')).json['person']).toMatchObject({ status: 'frozen' })
    await second.weigh(`/bureau/acts/${own}/decision`, { agree: false })

    const actId = await propose(clerk, { kind: 'unfreeze', personId, reason: 'cleared_up' })
    expect((await second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })).code).toBeUndefined()
    expect((await second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })).code).toBe('act_not_open')
    const { json } = await clerk.get(`/bureau/people/${personId}`)
    expect(json).toMatchObject({
      status: 'confirmed',
      history: [
        { kind: 'confirm', two: false },
        { kind: 'freeze', two: false, reason: 'suspected_misuse' },
        { kind: 'unfreeze', two: true },
      ],
    })
  })

  test('a change of name is a new commitment, once', async () => {
    const person = await resident()
    const facts = factsOf()
    const { personId } = await confirmed(person, facts)
    const before = sample.ledger.row('identity/confirmations', person.did) as { commitment: string }
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    const changed = { ...facts, family_name: 'Wong' }
    const actId = await propose(clerk, { kind: 'change-name', personId, reason: 'name_changed', facts: changed })
    await second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })
    const after = sample.ledger.row('identity/confirmations', person.did) as { commitment: string; count: number }
    expect(after.count).toBe(2)
    expect(after.commitment).not.toBe(before.commitment)
    expect((await person.get('/bureau/mine')).json['person']).toMatchObject({ facts: { family_name: 'Wong' } })
  })

  test('a death closes the account and ends its sessions', async () => {
    const person = await resident()
    const { personId } = await confirmed(person)
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    const actId = await propose(clerk, { kind: 'death', personId, reason: 'death_registered' })
    await second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })
    expect((await person.get('/bureau/mine')).code).toBe('sign_in_needed')
    expect((await clerk.get(`/bureau/people/${personId}`)).json).toMatchObject({ status: 'deceased' })
    expect((await clerk.weigh('/bureau/acts', { kind: 'freeze', personId, reason: 'court_order' })).code).toBe(
      'person_not_confirmed',
    )
  })

  test('a guardian is linked by two, until a day', async () => {
    const [child, parent] = [await resident(), await resident()]
    const { personId } = await confirmed(child, factsOf({ birth_date: '2015-06-01' }))
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    const untilMs = Date.now() + 86_400_000
    const guardian = { accountId: parent.accountId, untilMs }
    const actId = await propose(clerk, { kind: 'guardian', personId, reason: 'minor', guardian })
    expect((await parent.get('/bureau/mine')).json['wards']).toEqual([])
    await second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })
    expect((await parent.get('/bureau/mine')).json['wards']).toEqual([
      { accountId: child.accountId, did: child.did, untilMs },
    ])
    const session = `/bureau/wards/${child.accountId}/session`
    expect((await (await resident()).post(session)).code).toBe('ward_not_yours')
    expect((await parent.post(session)).json['person']).toMatchObject({ accountId: child.accountId })
    expect((await parent.get('/bureau/mine')).json['person']).toMatchObject({ status: 'confirmed' })
  })

  test.each<[string, object, string]>([
    ['a reason of another act', { kind: 'freeze', reason: 'death_registered' }, 'reason_not_fitting'],
    ['a correction without facts', { kind: 'correct', reason: 'misspelled' }, 'facts_malformed'],
  ])('%s is refused', async (_case, body, code) => {
    const { personId } = await confirmed(await resident())
    expect((await (await officer('clerk')).weigh('/bureau/acts', { personId, ...body })).code).toBe(code)
  })
})

describe('an officer’s word', () => {
  const freeze = (personId: string) => ({ kind: 'freeze', personId, reason: 'own_request' })
  async function scene() {
    const { personId } = await confirmed(await resident())
    return { personId, clerk: await officer('clerk'), second: await officer('second-officer') }
  }

  test('is wanted, counts once, and stays with the act', async () => {
    const { personId, clerk } = await scene()
    expect((await clerk.post('/bureau/acts', freeze(personId))).code).toBe('officer_word_needed')
    const asked = await clerk.post('/bureau/acts/word', freeze(personId))
    const body = { ...freeze(personId), word: await wordOver(asked, clerk.signer) }
    const { json } = await clerk.post('/bureau/acts', body)
    const kept = (await vault.collection<JsonObject>('bureau-acts').get(json['actId'] as string))?.value
    expect(kept).toMatchObject({ proposedWord: { statement: asked.json['statement'], keyId: 'key-1' } })
    const said = JSON.parse(asked.json['statement'] as string) as JsonObject
    expect(said).toMatchObject({ act: 'proposeAct', kind: 'freeze', subject: personId, desk: 'bureau', group: groupId })
    expect((await clerk.post('/bureau/acts', body)).code).toBe('officer_word_not_open')
  })

  test('of two calls at once counts for one', async () => {
    const { personId, clerk, second } = await scene()
    await clerk.weigh('/bureau/acts', freeze(personId))
    const unfreeze = { kind: 'unfreeze', personId, reason: 'cleared_up' }
    const { json } = await clerk.weigh('/bureau/acts', unfreeze)
    const path = `/bureau/acts/${json['actId'] as string}/decision`
    const asked = await second.post(`${path}/word`, { agree: true })
    const body = { agree: true, word: await wordOver(asked, second.signer) }
    const answers = await Promise.all([second.post(path, body), second.post(path, body)])
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1)
  })

  test('holds for exactly this act', async () => {
    const { personId, clerk } = await scene()
    const asked = await clerk.post('/bureau/acts/word', freeze(personId))
    const word = await wordOver(asked, clerk.signer)
    for (const change of [
      { reason: 'court_order' },
      { kind: 'death', reason: 'death_registered' },
      { personId: 'other' },
    ]) {
      const answer = await clerk.post('/bureau/acts', { ...freeze(personId), ...change, word })
      expect(answer.code, JSON.stringify(change)).toBe('officer_word_of_another_act')
    }
    expect((await clerk.post('/bureau/acts', { ...freeze(personId), word })).code).toBeUndefined()
  })

  test('is nobody else’s: not by another officer, not by another key, not over other bytes', async () => {
    const { personId, clerk, second } = await scene()
    const asked = await clerk.post('/bureau/acts/word', freeze(personId))
    const send = (by: Browser, word: object) => by.post('/bureau/acts', { ...freeze(personId), word })
    const word = await wordOver(asked, clerk.signer)
    expect((await send(second, word)).code).toBe('officer_word_not_open')
    expect((await send(clerk, await wordOver(asked, second.signer))).code).toBe('assertion_not_over_this')
    expect((await send(clerk, { ...word, keyId: 'key-2' })).code).toBe('assertion_key_unknown')
    const other = await clerk.post('/bureau/acts/word', freeze(personId))
    expect((await send(clerk, { ...word, wordId: other.json['wordId'] as string })).code).toBe(
      'assertion_not_over_this',
    )
    expect((await send(clerk, word)).code).toBeUndefined()
  })

  test('of an officer who signed in by passkey is an assertion of that passkey', async () => {
    const { personId } = await scene()
    const [visitor, passkey] = [browser(), createSoftPasskey(url)]
    const invitation = await invited()
    const begun = await visitor.post('/sign-in/passkeys/registration', { invitation })
    const challenge = begun.json['challenge'] as string
    const made = { challenge, invitation, ...passkey.register(challenge) }
    expect((await visitor.post('/sign-in/passkeys/registration/complete', made)).code).toBeUndefined()
    const own = { keyId: 'key-1', sign: async (bytes: Uint8Array) => passkey.sign(bytes) }
    const thief = createSoftPasskey(url)
    const stolen = { keyId: 'key-1', sign: async (bytes: Uint8Array) => thief.sign(bytes) }
    const act = freeze(personId)
    expect((await postWithWord(visitor, '/bureau/acts', act, stolen)).code).toBe('assertion_not_over_this')
    expect((await postWithWord(visitor, '/bureau/acts', act, own)).code).toBeUndefined()

    async function invited(): Promise<string> {
      const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
      const { json } = await clerk.post('/sign-in/invitations', { roles: ['bureau_clerk'] })
      const approved = await second.post(`/sign-in/invitations/${json['invitationId'] as string}/approval`)
      return approved.json['secret'] as string
    }
  })
})

test('a queue of thousands is read page by page', async () => {
  const clerk = await officer('clerk')
  const applications = vault.collection<JsonObject>('bureau-applications')
  for (let index = 0; index < 10_000; index++) {
    const value = { facts: factsOf(), status: 'refused', submittedAtMs: index }
    await applications.insert(`application_many-${index}`, value, { status: 'refused' })
  }
  const seen = new Set<string>()
  let next: string | undefined
  do {
    const { json } = await clerk.get(`/bureau/applications?status=refused${next === undefined ? '' : `&after=${next}`}`)
    const rows = json['applications'] as readonly { applicationId: string }[]
    expect(rows.length).toBeLessThanOrEqual(50)
    for (const { applicationId } of rows) seen.add(applicationId)
    next = json['next'] as string | undefined
  } while (next !== undefined && seen.size < 500)
  expect(seen.size).toBe(500)
  const { json } = await clerk.get('/bureau/applications')
  expect((json['counts'] as { refused: number }).refused).toBeGreaterThanOrEqual(10_000)
})

describe('the counter', () => {
  test('takes somebody down who has no phone; a colleague decides, and a ticket connects the key later', async () => {
    const [clerk, second, person] = [await officer('clerk'), await officer('second-officer'), await resident()]
    const taken = await clerk.post('/bureau/counter/applications', { facts: factsOf() })
    const { applicationId, secret } = taken.json as { applicationId: string; secret: string }
    const decision = `/bureau/applications/${applicationId}/decision`
    expect((await clerk.post(decision, { confirm: true })).code).toBe('own_application')
    expect((await second.post(decision, { confirm: true })).json).toEqual({ status: 'awaiting-key' })
    expect((await person.post('/bureau/tickets', { secret })).code).toBe('key_proof_needed')
    await bringIn(person)
    expect((await person.post('/bureau/tickets', { secret })).code).toBeUndefined()
    expect((await person.get('/bureau/mine')).json['person']).toMatchObject({ status: 'confirmed' })
    expect((await (await resident()).post('/bureau/tickets', { secret })).code).toBe('ticket_not_valid')
  })

  async function withGuardian(): Promise<{ person: Resident; personId: string }> {
    const person = await resident()
    const { personId } = await confirmed(person)
    const guardians = [sampleActor('identity-bureau').did]
    const named = action(identity.setRecovery, { guardians, threshold: 1, delayMs: 3_600_000 })
    const closed = action(identity.setCounter, { standing: 'closed', delayMs: 7 * 86_400_000 })
    await signed(person, [named, closed])
    return { person, personId }
  }

  async function signed({ signer }: Resident, actions: Parameters<typeof buildTransaction>[0]['actions']) {
    const { jws } = await buildTransaction({ group: groupId, actions }, signer)
    const [outcome] = await group.submit([jws])
    expect(outcome).toMatchObject({ status: 'committed' })
    await group.readModelReached(outcome?.height ?? 0)
  }

  async function giveKey(secret: string): Promise<SoftPasskey> {
    const [device, passkey] = [browser(), createSoftPasskey(url)]
    const { json } = await device.post('/bureau/recovery/begin', { secret })
    const { challenge, did } = json as { challenge: string; did: Did }
    const body = { secret, ...passkey.register(challenge), ...proofOf(passkey, did) }
    expect((await device.post('/bureau/recovery/key', body)).code).toBeUndefined()
    expect((await device.post('/bureau/recovery/key', body)).code).toBe('ticket_not_valid')
    return passkey
  }

  async function begunRecovery() {
    const { person, personId } = await withGuardian()
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    const opened = await clerk.weigh('/bureau/acts', { kind: 'recover', personId, reason: 'phone_lost' })
    const { actId, secret } = opened.json as { actId: string; secret: string }
    const agree = () => second.weigh(`/bureau/acts/${actId}/decision`, { agree: true })
    expect((await agree()).code).toBe('act_lacks_key')
    const passkey = await giveKey(secret)
    expect((await agree()).code).toBeUndefined()
    return { person, passkey, actId, second, personId }
  }

  async function upkeep(nowMs: () => number): Promise<void> {
    const accounts = createAccounts({ vault, chainId: 'sample', personas: [], nowMs })
    const desk = createBureauDesk({
      ...{ group, vault, publicUrl: url, accounts, nowMs, sessions: createSessions(vault, nowMs) },
      registrar: sampleActor('registrar').signer,
      bureau: sampleActor('identity-bureau').signer,
      signInAs: nobody,
    })
    await desk.upkeep()
    await desk.close?.()
  }

  const statusOf = async (actId: string) =>
    (await vault.collection<{ status: string }>('bureau-acts').get(actId))?.value.status

  test('is stopped by a key that was not lost after all', async () => {
    const { person, actId } = await begunRecovery()
    await signed(person, [action(identity.cancelRecovery, {})])
    await upkeep(Date.now)
    expect(await statusOf(actId)).toBe('declined')
    expect((await person.get('/bureau/mine')).code).toBeUndefined()
  })

  test('helps nobody who has taken it out and named no guardian', async () => {
    const person = await resident()
    const { personId } = await confirmed(person)
    await signed(person, [action(identity.setCounter, { standing: 'closed', delayMs: 7 * 86_400_000 })])
    const clerk = await officer('clerk')
    const opened = await clerk.weigh('/bureau/acts', { kind: 'recover', personId, reason: 'phone_lost' })
    expect(opened.code).toBe('act_needs_guardian')
  })

  /** Somebody who has named nobody: confirmed, and no more. */
  async function atCounter() {
    const person = await resident()
    const { personId } = await confirmed(person)
    const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
    const opened = await clerk.weigh('/bureau/acts', { kind: 'recover', personId, reason: 'phone_lost' })
    const { actId, secret } = opened.json as { actId: string; secret: string }
    return { person, actId, secret, clerk, second }
  }

  const newKeyOf = async (actId: string) =>
    (await vault.collection<JsonObject>('bureau-acts').get(actId))?.value['newKey'] as {
      keyId: string
      jwk: never
      proof: string
      webauthn: never
    }

  async function sign(
    by: Officer,
    actId: string,
    wanted: Parameters<typeof buildTransaction>[0]['actions'][number],
  ): Promise<Answered> {
    const { jws } = await buildTransaction({ group: groupId, actions: [wanted] }, by.signer)
    return by.post(`/bureau/acts/${actId}/signature`, { jws })
  }

  async function asksLedger(by: Officer, actId: string, did: Did): Promise<Answered> {
    const { keyId, jwk, proof, webauthn } = await newKeyOf(actId)
    return sign(by, actId, action(identity.requestAtCounter, { did, keyId, key: jwk, proof, webauthn }))
  }

  test('asks for nothing without two officers’ own keys, and suspends with the first', async () => {
    const { person, actId, secret, clerk, second } = await atCounter()
    expect((await asksNothing()).code).toBe('act_lacks_key')
    const passkey = await giveKey(secret)
    // The session and the word of the second officer are not enough: the ledger wants their own key.
    const decision = `/bureau/acts/${actId}/decision`
    expect((await second.weigh(decision, { agree: true })).code).toBe('act_signed_on_ledger')
    const agreed = action(identity.approveAtCounter, { did: person.did })
    expect((await sign(second, actId, agreed)).json).toMatchObject({ ledgerCode: 'recovery_not_requested' })
    expect((await asksLedger(clerk, actId, person.did)).code).toBeUndefined()
    expect(await onLedger(person.did)).toHaveProperty('recovery.atCounter', true)
    expect(await onLedger(person.did)).not.toHaveProperty('recovery.completableAtMs')
    expect((await sign(clerk, actId, agreed)).json).toMatchObject({ ledgerCode: 'recovery_already_approved' })
    expect(await statusOf(actId)).toBe('proposed')
    expect((await sign(second, actId, agreed)).code).toBeUndefined()
    expect(await statusOf(actId)).toBe('approved')
    const wait = (await onLedger(person.did)) as unknown as {
      recovery: { completableAtMs: number; requestedAtMs: number }
    }
    expect(wait.recovery.completableAtMs - wait.recovery.requestedAtMs).toBeGreaterThanOrEqual(7 * 86_400_000)
    expect(passkey.credentialId).toBeDefined()

    // Whoever still has the phone stops it.
    await signed(person, [action(identity.cancelRecovery, {})])
    await upkeep(Date.now)
    expect(await statusOf(actId)).toBe('declined')
    expect((await person.get('/bureau/mine')).code).toBeUndefined()

    function asksNothing(): Promise<Answered> {
      return sign(clerk, actId, action(identity.approveAtCounter, { did: person.did }))
    }
  })

  test('takes back what it asked for, by one officer', async () => {
    const { person, actId, secret, clerk, second } = await atCounter()
    await giveKey(secret)
    await asksLedger(clerk, actId, person.did)
    expect((await sign(second, actId, action(identity.withdrawAtCounter, { did: person.did }))).code).toBeUndefined()
    expect(await statusOf(actId)).toBe('declined')
    expect(await onLedger(person.did)).not.toHaveProperty('recovery')
  })

  test('does not take a signature over another key than the resident has given', async () => {
    const { person, actId, secret, clerk } = await atCounter()
    await giveKey(secret)
    const thief = createSoftPasskey(url)
    const args = { did: person.did, keyId: 'key-thief', key: thief.jwk, ...proofOf(thief, person.did) }
    const answer = await sign(clerk, actId, action(identity.requestAtCounter, args))
    expect(answer.code).toBe('signature_of_another_act')
    await signed(person, [action(identity.cancelRecovery, {})])
  })

  async function signedByTwo() {
    const begun = await atCounter()
    const passkey = await giveKey(begun.secret)
    await asksLedger(begun.clerk, begun.actId, begun.person.did)
    await sign(begun.second, begun.actId, action(identity.approveAtCounter, { did: begun.person.did }))
    return { ...begun, passkey }
  }

  // Last, because it turns the clock, and a ledger's clock never goes back.
  test('gives a new key by two officers after the waiting time, and the old one and its sessions end', async () => {
    const [named, atTheCounter] = [await begunRecovery(), await signedByTwo()]
    const { person, passkey, actId } = atTheCounter
    expect(await onLedger(person.did)).toHaveProperty('recovery.requestedAtMs')
    await upkeep(Date.now)
    expect(await statusOf(actId)).toBe('approved')

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_700_000 })
    await upkeep(Date.now)
    // Whoever named the bureau a guardian chose an hour; who named nobody has seven days to object.
    expect([await statusOf(named.actId), await statusOf(actId)]).toEqual(['done', 'approved'])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7 * 86_400_000 })
    await upkeep(Date.now)
    expect(await statusOf(actId)).toBe('done')
    expect((await person.get('/bureau/mine')).code).toBe('sign_in_needed')
    const back = browser()
    const shown = async (shownKey: SoftPasskey) => {
      const challenge = (await back.post('/sign-in/passkeys/challenge')).json['challenge'] as string
      const body = { challenge, credentialId: shownKey.credentialId, ...shownKey.assert(challenge) }
      return back.post('/sign-in/passkeys/assertion', body)
    }
    expect((await shown(person.passkey)).code).toBe('passkey_not_known')
    const { json } = await shown(passkey)
    expect(json['person']).toMatchObject({ accountId: person.accountId, did: person.did })
    const [{ keyId }] = (json['person'] as { passkeys: [{ keyId: string }] }).passkeys
    const live = (await onLedger(person.did))?.keys.filter(({ retiredAtMs }) => retiredAtMs === undefined)
    expect(live).toMatchObject([{ keyId }])
  })
})
