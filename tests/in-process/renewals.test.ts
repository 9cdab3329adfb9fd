/**
 * What becomes of certificates after a recovery, on a whole node: what the resident alone kept is superseded and issued anew by a
 * clerk, what lies in a wallet of another make is revoked, and what the user agent holds stays. The ledger cannot be
 * reached while it begins, so that all of it is taken up again.
 */
import {
  type Action,
  action,
  buildTransaction,
  credentials,
  type GroupClient,
  identity,
  identityStatement,
  type Signer,
  sampleActor,
} from '@chengxin/client'
import { type PrivateJwk, publicPart, signPortably } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import {
  collectForSelf,
  emptyContent,
  holderVoiceType,
  indexOf,
  type OpenidAnswer,
  type OpenidRequest,
  type OwnContent,
  ownWallet,
  readOffer,
  signToken,
  takeForSelf,
} from '@chengxin/holder'
import {
  type Did,
  expectOk,
  fromBase64url,
  fromUtf8,
  type GroupId,
  type JsonObject,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import { createMemoryVault } from '@chengxin/services'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openLog } from '../../apps/node/src/log.ts'
import { openBureauOffice } from '../../apps/node/src/sample-city/bureau-office.ts'
import { firstDay } from '../../apps/node/src/sample-city/first-day.ts'
import { openDesks } from '../../apps/node/src/serving/desks.ts'
import { createBureauDesk } from '../../packages/services/src/bureau/bureau-desk.ts'
import { createAccounts } from '../../packages/services/src/sign-in/accounts.ts'
import { createSessions } from '../../packages/services/src/sign-in/sessions.ts'
import { createSoftPasskey, type SoftPasskey } from '../../packages/services/src/testing/soft-passkey.ts'
import { postWithWord, signerOfPersona } from './officers-word.ts'
import { openSampleNode, type SampleNode } from './sample-node.ts'

const url = 'http://localhost:8080'
const vault = createMemoryVault()
const patiently = { timeout: 120_000, interval: 200 }
let sample: SampleNode
let group: GroupClient
let groupId: GroupId

/** Turned on by the waiting time; ledger and offices read the same clock, as on a real node. */
let aheadMs = 0
/** While true nobody at the desks can publish a status list; `failures` counts the attempts. */
let isCutOff = false
let failures = 0

beforeAll(async () => {
  const realNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs)
  sample = await openSampleNode({
    desks: (node, id) =>
      openDesks({
        ...{ vault, publicUrl: url, chainId: 'sample', isSampleCity: true },
        group: cutOffAtTimes(node.group(id)),
        log: openLog('silent'),
        attemptsPerMinute: 10_000,
      }),
  })
  group = await sample.node.findGroup()
  groupId = group.groupId as GroupId
  await firstDay(group)
  await openBureauOffice(group)
}, 120_000)

afterAll(async () => {
  await sample?.close()
  vi.restoreAllMocks()
})

function cutOffAtTimes(whole: GroupClient): GroupClient {
  return {
    ...whole,
    async submit(transactions) {
      const anchors = ([jws]: readonly string[]) =>
        fromUtf8(fromBase64url(jws?.split('.')[1] ?? '') ?? new Uint8Array())?.includes(
          credentials.anchorStatusList.type,
        )
      if (isCutOff && anchors(transactions)) {
        failures++
        throw new Error('The ledger cannot be reached.')
      }
      return whole.submit(transactions)
    },
  }
}

/** Somebody's browser: keeps the cookie. */
function browser() {
  let cookie = ''
  async function ask(method: string, path: string, body?: JsonObject | Uint8Array<ArrayBuffer>) {
    const type = body instanceof Uint8Array ? 'image/jpeg' : 'application/json'
    const response = await sample.send(`${url}/v1/desks${path}`, {
      method,
      headers: { cookie, origin: url, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    })
    cookie = response.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie
    const json = (await response.json().catch(() => ({}))) as JsonObject
    return { code: json['code'] as string | undefined, json }
  }
  return {
    get: (path: string) => ask('GET', path),
    post: (path: string, body: object = {}) => ask('POST', path, body as JsonObject),
    picture: (bytes: Uint8Array<ArrayBuffer>) => ask('POST', '/bureau/photos', bytes),
  }
}
type Browser = ReturnType<typeof browser>

async function officer(persona: 'clerk' | 'second-officer'): Promise<Browser> {
  const visitor = browser()
  await visitor.post(`/sign-in/personas/${persona}`)
  return visitor
}

interface Resident extends Browser {
  readonly passkey: SoftPasskey
  readonly did: Did
  readonly signer: Signer
}

async function resident(): Promise<Resident> {
  const [visitor, passkey] = [browser(), createSoftPasskey(url)]
  const challenge = (await visitor.post('/sign-in/passkeys/registration')).json['challenge'] as string
  const shown = { challenge, ...passkey.register(challenge) }
  const { json } = await visitor.post('/sign-in/passkeys/registration/complete', shown)
  const { ownDid: did } = json['person'] as { ownDid: Did }
  const kid = `${did}#key-1`
  const sign = async (bytes: Uint8Array) => passkey.sign(bytes)
  return {
    ...visitor,
    passkey,
    did,
    signer: { did, keyId: 'key-1', kid, alg: 'WebAuthn-ES256', jwk: passkey.jwk, sign },
  }
}

/** The key's word that it wants to be on the ledger under this DID. */
function proofOf(passkey: SoftPasskey, did: Did) {
  const { signature, ...webauthn } = passkey.assert(toBase64url(sha256(identityStatement(groupId, did))))
  return { proof: signature, webauthn }
}

const facts = {
  family_name: 'Chan',
  given_name: 'Siu Ming',
  birth_date: '1990-02-28',
  document_type: 'resident_card',
  document_number: '1000000(8)',
  document_expires: '2039-05-01',
}

/** Confirmed by the bureau, which is the guardian as well; the agent is allowed. */
async function settled(person: Resident): Promise<{ personId: string }> {
  const { post, picture, passkey, did } = person
  await post('/bureau/identity', { key: passkey.jwk, ...proofOf(passkey, did) })
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9])
  const photo = async () => (await picture(jpeg)).json['photoId'] as string
  const application = { facts, documentPhoto: await photo(), facePhoto: await photo() }
  const { applicationId } = (await post('/bureau/applications', application)).json as { applicationId: string }
  const clerk = await officer('clerk')
  await clerk.post(`/bureau/applications/${applicationId}/decision`, { confirm: true })
  const agent = (await person.get('/agent/wallet')).json['agent'] as Did
  const untilMs = Date.now() + 30 * 86_400_000
  const actions = [
    action(identity.delegate, {
      delegationId: 'delegation_agent',
      to: agent,
      scope: ['credentials.*'],
      untilMs,
    } as never),
  ]
  const { jws } = await buildTransaction({ group: groupId, actions }, person.signer)
  const [outcome] = await group.submit([jws])
  expect(outcome).toMatchObject({ status: 'committed' })
  await group.readModelReached(outcome?.height ?? 0)
  return { personId: (await clerk.get(`/bureau/applications/${applicationId}`)).json['personId'] as string }
}

const offered = async (visitor: Browser) => (await visitor.post('/bureau/certificate')).json['uri'] as string

/** Fetches the certificate of identity with a wallet whose keys are its own. */
async function taken(link: string): Promise<OwnContent> {
  const wallet = ownWallet({ send: exchange, anchors: [], nowMs: Date.now })
  let { content } = expectOk(await takeForSelf(wallet, emptyContent, expectOk(await readOffer(wallet, link))))
  // An office that waits for its ledger tells wallets to come back.
  while (content.orders.length > 0) content = await collectForSelf(wallet, content)
  return content
}

async function exchange({ method, url: at, headers, body }: OpenidRequest): Promise<OpenidAnswer> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const answer = await sample.send(at, { method, headers: given, ...(method === 'POST' && { body }) })
  return { status: answer.status, headers: {}, body: await answer.text() }
}

/** The same, with the user agent. */
async function takenByAgent({ post, signer }: Resident, link: string): Promise<void> {
  const { actId, statement } = (await post('/agent/offers', { link })).json as { actId: string; statement: string }
  const assertion = { keyId: 'key-1', signature: toBase64url(await signer.sign(toUtf8(statement))) }
  expect((await post('/agent/offers/acceptance', { actId, assertion })).code).toBeUndefined()
}

const keepVault = (visitor: Browser, content: OwnContent, change: { version: number; anew?: boolean }) =>
  visitor.post('/agent/own-vault', {
    ...change,
    sealed: 'c2VhbGVk',
    keys: [{ credentialId: 'Y3JlZGVudGlhbA', wrapped: 'd3JhcHBlZA' }],
    index: indexOf(content),
  })

type Kept = Pick<OwnContent['holdings'][number], 'issuerUrl' | 'copies'>

/** What the issuer says of a certificate to whoever has its key. */
async function statusAt({ holdings: [held] }: { readonly holdings: readonly Kept[] }) {
  const { issuerUrl = '', copies = [] } = held ?? {}
  const key = copies[0]?.key as PrivateJwk
  const holder = { jwk: publicPart(key), sign: async (bytes: Uint8Array) => signPortably(key, bytes) }
  const asked = { aud: issuerUrl, iat: Math.floor(Date.now() / 1000), wish: 'status' }
  const body = JSON.stringify({ jwt: await signToken(holder, { typ: holderVoiceType, jwk: holder.jwk }, asked) })
  const headers = { 'content-type': 'application/json' }
  return (await sample.send(`${issuerUrl}/holder`, { method: 'POST', headers, body })).json()
}

/** The same for the one certificate that the user agent holds. */
async function statusAtAgent() {
  const [held] = await vault.collection('agent-holdings').list({ limit: 2 })
  return statusAt({ holdings: held === undefined ? [] : [held.value as unknown as Kept] })
}

const openLosses = () => vault.collection('agent-losses').count()

/** Whether readers of the bureau's lists see everything that stands in its records. */
async function listsToPublish(): Promise<number> {
  const lists = await vault.collection<{ isChanged: boolean }>('issuer-bureau-lists').list({ limit: 100 })
  expect(lists).not.toEqual([])
  return lists.filter(({ value }) => value.isChanged).length
}

/** An officer's own key, on the ledger. */
async function sign(by: Browser, persona: 'clerk' | 'second-officer', actId: string, wanted: Action): Promise<void> {
  const { jws } = await buildTransaction({ group: groupId, actions: [wanted] }, signerOfPersona(persona))
  expect((await by.post(`/bureau/acts/${actId}/signature`, { jws })).code).toBeUndefined()
}

/** Two officers agree to a new key, and the waiting time passes. Resolves to a browser signed in with the new passkey. */
async function recovered({ did }: Resident, personId: string): Promise<Browser> {
  const [clerk, second] = [await officer('clerk'), await officer('second-officer')]
  const wanted = { kind: 'recover', personId, reason: 'phone_lost' }
  const opened = await postWithWord(clerk, '/bureau/acts', wanted, signerOfPersona('clerk'))
  const { actId, secret } = opened.json as { actId: string; secret: string }
  const [device, passkey] = [browser(), createSoftPasskey(url)]
  const { challenge } = (await device.post('/bureau/recovery/begin', { secret })).json as { challenge: string }
  await device.post('/bureau/recovery/key', { secret, ...passkey.register(challenge), ...proofOf(passkey, did) })
  const act = (await vault.collection<JsonObject>('bureau-acts').get(actId))?.value ?? {}
  const { keyId, jwk, ...proof } = act['newKey'] as unknown as {
    keyId: string
    jwk: never
    proof: string
    webauthn: never
  }
  const key = { keyId, key: jwk, proof: proof.proof, webauthn: proof.webauthn }
  await sign(clerk, 'clerk', actId, action(identity.requestAtCounter, { did, ...key }))
  await sign(second, 'second-officer', actId, action(identity.approveAtCounter, { did }))
  await upkeep()
  aheadMs += 7 * 86_400_000 + 60_000
  await upkeep()
  const asked = (await device.post('/sign-in/passkeys/challenge')).json['challenge'] as string
  const shown = { challenge: asked, credentialId: passkey.credentialId, ...passkey.assert(asked) }
  expect((await device.post('/sign-in/passkeys/assertion', shown)).json['person']).toMatchObject({ did })
  return device
}

async function upkeep(): Promise<void> {
  const accounts = createAccounts({ vault, chainId: 'sample', personas: [], nowMs: Date.now })
  const desk = createBureauDesk({
    ...{ group, vault, publicUrl: url, accounts, nowMs: Date.now, sessions: createSessions(vault, Date.now) },
    registrar: sampleActor('registrar').signer,
    bureau: sampleActor('identity-bureau').signer,
    signInAs: () => Promise.reject(new Error('Nobody signs in here.')),
  })
  await desk.upkeep()
  await desk.close?.()
}

test('after a recovery own keeping is issued anew, foreign wallets’ is revoked, the agent’s stays', async () => {
  const person = await resident()
  const { personId } = await settled(person)
  const own = await taken(await offered(person))
  const foreign = await taken(await offered(person))
  await takenByAgent(person, await offered(person))
  expect((await keepVault(person, own, { version: 0 })).json).toEqual({ version: 1 })
  expect(await statusAtAgent()).toMatchObject({ status: 'valid' })

  // The ledger is out of reach for three rounds, each of which gets further than the one before.
  isCutOff = true
  const back = await recovered(person, personId)
  const renewals = async () =>
    (await back.get('/agent/renewals')).json['renewals'] as { reference: string; state: string }[]
  await expect.poll(() => failures, patiently).toBeGreaterThanOrEqual(3)
  expect(await renewals()).toMatchObject([{ state: 'queued' }])
  expect(await openLosses()).toBe(1)
  isCutOff = false
  await expect.poll(openLosses, patiently).toBe(0)
  expect(await listsToPublish()).toBe(0)
  expect(await statusAt(own)).toMatchObject({ status: 'superseded', reasonCode: 'key_lost' })
  expect(await statusAt(foreign)).toMatchObject({ status: 'revoked', reasonCode: 'key_lost' })
  expect(await statusAtAgent()).toMatchObject({ status: 'valid' })

  // The old vault stays until the resident begins a new one.
  expect((await back.get('/agent/own-vault')).json['vault']).toHaveProperty('lostAtMs')
  expect((await keepVault(back, emptyContent, { version: 1 })).code).toBe('own_vault_lost')
  expect((await keepVault(back, emptyContent, { version: 1, anew: true })).json).toEqual({ version: 2 })

  const reference = (await renewals())[0]?.reference ?? ''
  const offer = (visitor: Browser) => visitor.post(`/agent/renewals/${reference}/offer`)
  expect((await offer(back)).code).toBe('renewal_not_open')
  const clerk = await officer('clerk')
  expect((await clerk.get('/bureau/renewals')).json).toMatchObject({ count: 1, renewals: [{ reference }] })
  const decide = () => clerk.post(`/bureau/renewals/${reference}/decision`, { agree: true })
  expect((await decide()).json).toEqual({ done: true })
  expect((await decide()).code).toBe('renewal_not_open')
  expect((await offer(await resident())).code).toBe('renewal_not_open')
  const renewed = await taken((await offer(back)).json['uri'] as string)
  expect((await keepVault(back, renewed, { version: 2 })).json).toEqual({ version: 3 })
  await expect.poll(renewals, patiently).toEqual([])
  expect(await statusAt(renewed)).toMatchObject({ status: 'valid' })
  expect(await statusAt(own)).toMatchObject({ status: 'superseded', reasonCode: 'key_lost' })
  expect((await offer(back)).code).toBe('renewal_not_open')
})
