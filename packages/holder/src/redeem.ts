/** Turns an offer into certificates: token, nonce, proofs of new keys, and a strict look at what comes back. */
import { holderKey, readSdJwt } from '@chengxin/audit'
import { parseJsonObject, sha256 } from '@chengxin/crypto'
import { canonicalize, isRefusal, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { OpenidAnswer, OpenidRequest } from './exchange.ts'
import { asObject, type IssuerFacts, type ReadOffer } from './offer.ts'
import { preAuthorizedGrant } from './protocol.ts'
import { randomSecret } from './secrets.ts'
import {
  formRequest,
  type HeldCertificate,
  type HolderKey,
  jsonRequest,
  secondsOf,
  signToken,
  type Wallet,
} from './wallet.ts'

/** A token, and the key that it is bound to. */
export interface Access {
  readonly offer: ReadOffer
  readonly token: string
  readonly dpopKey?: HolderKey
  readonly clientId?: string
}

export interface IssuerRefused extends Refusal {
  /** The issuer's own code or the standard's word. */
  readonly code: string
}

/** A token for an offer that needs no signing in. Refusals: `offer_grant_not_supported`, those of the issuer. */
export async function redeemPreAuthorized(
  wallet: Wallet,
  offer: ReadOffer,
  txCode?: string,
): Promise<Access | Refusal> {
  const { preAuthorized } = offer
  if (!preAuthorized) return refuse('offer_grant_not_supported')
  const form = {
    grant_type: preAuthorizedGrant,
    'pre-authorized_code': preAuthorized.code,
    ...(txCode !== undefined && { tx_code: txCode }),
  }
  return requestToken(wallet, offer, form, await bindingKey(wallet, offer.metadata))
}

/** Signing in, under way: kept by the wallet until the browser comes back. */
export interface Authorization {
  readonly offer: ReadOffer
  readonly clientId: string
  readonly redirectUri: string
  readonly state: string
  readonly verifier: string
  readonly dpopKey?: HolderKey
  /** Where the holder's browser goes. */
  readonly location: string
}

/** Pushes a request for signing in. Refusals: `offer_grant_not_supported`, those of the issuer. */
export async function beginAuthorization(
  wallet: Wallet,
  offer: ReadOffer,
  { clientId, redirectUri }: { readonly clientId: string; readonly redirectUri: string },
): Promise<Authorization | Refusal> {
  const { pushedEndpoint, authorizationEndpoint, configurations } = offer.metadata
  if (!pushedEndpoint || !authorizationEndpoint || !offer.authorization) return refuse('offer_grant_not_supported')
  const [state, verifier] = [randomSecret(), randomSecret()]
  const dpopKey = await bindingKey(wallet, offer.metadata)
  const { issuerState } = offer.authorization
  const form = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: offer.configurationIds.map((id) => configurations[id]?.scope ?? '').join(' '),
    state,
    code_challenge: toBase64url(sha256(toUtf8(verifier))),
    code_challenge_method: 'S256',
    ...(issuerState !== undefined && { issuer_state: issuerState }),
  }
  const dpop = await dpopHeader(wallet, dpopKey, 'POST', pushedEndpoint)
  const pushed = readAnswer(await wallet.send(formRequest(pushedEndpoint, form, dpop)), 201)
  if (isRefusal(pushed)) return pushed
  const { request_uri: requestUri } = pushed
  if (typeof requestUri !== 'string') return refuse('issuer_answer_malformed')
  const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri })
  const location = `${authorizationEndpoint}?${query.toString()}`
  return { offer, clientId, redirectUri, state, verifier, location, ...(dpopKey && { dpopKey }) }
}

/** The token for the address that the browser came back to. Refusals: `issuer_mismatch` (RFC 9207), those of the issuer. */
export async function completeAuthorization(
  wallet: Wallet,
  { offer, clientId, redirectUri, state, verifier, dpopKey }: Authorization,
  callback: string,
): Promise<Access | Refusal> {
  const { searchParams } = new URL(callback)
  const isOurs = searchParams.get('state') === state && searchParams.get('iss') === offer.issuer
  if (!isOurs) return refuse('issuer_mismatch')
  const code = searchParams.get('code')
  if (code === null) return issuerRefused(searchParams.get('error') ?? 'unknown')
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: clientId,
  }
  const access = await requestToken(wallet, offer, form, dpopKey)
  return isRefusal(access) ? access : { ...access, clientId }
}

async function bindingKey(wallet: Wallet, { hasDpop }: IssuerFacts): Promise<HolderKey | undefined> {
  return hasDpop ? wallet.newKey() : undefined
}

async function requestToken(
  wallet: Wallet,
  offer: ReadOffer,
  form: { readonly [name: string]: string },
  dpopKey: HolderKey | undefined,
): Promise<Access | Refusal> {
  const { tokenEndpoint } = offer.metadata
  const headers = await dpopHeader(wallet, dpopKey, 'POST', tokenEndpoint)
  const answer = readAnswer(await wallet.send(formRequest(tokenEndpoint, form, headers)), 200)
  if (isRefusal(answer)) return answer
  const { access_token: token, token_type: type } = answer
  const expected = dpopKey ? 'dpop' : 'bearer'
  if (typeof token !== 'string' || typeof type !== 'string' || type.toLowerCase() !== expected) {
    return refuse('issuer_answer_malformed')
  }
  return { offer, token, ...(dpopKey && { dpopKey }) }
}

async function dpopHeader(wallet: Wallet, key: HolderKey | undefined, htm: string, htu: string, token?: string) {
  if (!key) return {}
  const ath = token === undefined ? {} : { ath: toBase64url(sha256(toUtf8(token))) }
  const payload = { jti: randomSecret(), htm, htu, iat: secondsOf(wallet.nowMs()), ...ath }
  return { dpop: await signToken(key, { typ: 'dpop+jwt', jwk: key.jwk }, payload) }
}

async function authorised(wallet: Wallet, { token, dpopKey }: Access, request: OpenidRequest): Promise<OpenidAnswer> {
  const scheme = dpopKey ? 'DPoP' : 'Bearer'
  const proof = await dpopHeader(wallet, dpopKey, request.method, request.url, token)
  const headers = { ...request.headers, ...proof, authorization: `${scheme} ${token}` }
  return wallet.send({ ...request, headers })
}

export interface Received {
  readonly certificates: readonly HeldCertificate[]
  readonly notificationId?: string
}

/** The issuer needs time: come back with this. */
export interface Deferred {
  readonly transactionId: string
  readonly retryAfterSeconds: number
  readonly keys: readonly HolderKey[]
  readonly vct: string
}

/** Asks for certificates, each under a new key. Refusals: those of the issuer, `certificate_malformed`. */
export async function requestCertificates(
  wallet: Wallet,
  access: Access,
  configurationId: string,
  count = 1,
): Promise<Received | Deferred | Refusal> {
  const { credentialEndpoint, nonceEndpoint, configurations } = access.offer.metadata
  const vct = configurations[configurationId]?.vct
  if (vct === undefined) return refuse('offer_malformed')
  const fresh = readAnswer(await wallet.send({ method: 'POST', url: nonceEndpoint, headers: {}, body: '' }), 200)
  if (isRefusal(fresh)) return fresh
  const { c_nonce: nonce } = fresh
  if (typeof nonce !== 'string') return refuse('issuer_answer_malformed')
  const keys = await Promise.all(Array.from({ length: count }, () => wallet.newKey()))
  const jwt = await Promise.all(keys.map((key) => keyProof(wallet, access, key, nonce)))
  const body = { credential_configuration_id: configurationId, proofs: { jwt } }
  return readIssued(await authorised(wallet, access, jsonRequest(credentialEndpoint, body)), keys, vct)
}

function keyProof(wallet: Wallet, { offer, clientId }: Access, key: HolderKey, nonce: string): Promise<string> {
  const named = clientId === undefined ? {} : { iss: clientId }
  const payload = { aud: offer.issuer, iat: secondsOf(wallet.nowMs()), nonce, ...named }
  return signToken(key, { typ: 'openid4vci-proof+jwt', jwk: key.jwk }, payload)
}

/** Asks again. Refusals as of `requestCertificates`, and `offer_grant_not_supported` where nothing can be deferred. */
export async function requestDeferredCertificates(
  wallet: Wallet,
  access: Access,
  { transactionId, keys, vct }: Deferred,
): Promise<Received | Deferred | Refusal> {
  const { deferredEndpoint } = access.offer.metadata
  if (!deferredEndpoint) return refuse('offer_grant_not_supported')
  const request = jsonRequest(deferredEndpoint, { transaction_id: transactionId })
  return readIssued(await authorised(wallet, access, request), keys, vct)
}

/** Tells the issuer what became of the certificates. */
export async function notifyIssuer(
  wallet: Wallet,
  access: Access,
  notificationId: string,
  event: string,
): Promise<Refusal | undefined> {
  const { notificationEndpoint } = access.offer.metadata
  if (!notificationEndpoint) return undefined
  const request = jsonRequest(notificationEndpoint, { notification_id: notificationId, event })
  const answer = await authorised(wallet, access, request)
  return answer.status === 204 ? undefined : (readAnswer(answer, 204) as Refusal)
}

function readIssued(answer: OpenidAnswer, keys: readonly HolderKey[], vct: string): Received | Deferred | Refusal {
  const body = readAnswer(answer, answer.status === 202 ? 202 : 200)
  if (isRefusal(body)) return body
  const { transaction_id: transactionId, interval, credentials, notification_id: notificationId } = body
  if (answer.status === 202) {
    if (typeof transactionId !== 'string' || typeof interval !== 'number') return refuse('issuer_answer_malformed')
    return { transactionId, retryAfterSeconds: interval, keys, vct }
  }
  if (!Array.isArray(credentials) || credentials.length !== keys.length) return refuse('issuer_answer_malformed')
  const texts = (credentials as readonly JsonObject[]).map((entry) => asObject(entry)?.['credential'])
  const certificates: HeldCertificate[] = []
  for (const text of texts) {
    const held = typeof text === 'string' ? holdingOf(text, keys, vct) : undefined
    if (!held || certificates.some(({ key }) => key === held.key)) return refuse('certificate_malformed')
    certificates.push(held)
  }
  return { certificates, ...(typeof notificationId === 'string' && { notificationId }) }
}

/** The certificate with the key among ours that it is bound to; issuers need not keep the order. */
function holdingOf(text: string, keys: readonly HolderKey[], vct: string): HeldCertificate | undefined {
  const sdJwt = readSdJwt(sha256, text)
  if (isRefusal(sdJwt) || sdJwt.keyBinding || sdJwt.claims['vct'] !== vct) return undefined
  if (sdJwt.issuerJwt.header['typ'] !== 'dc+sd-jwt') return undefined
  const bound = holderKey(sdJwt.claims)
  const key = bound && keys.find(({ jwk }) => canonicalize(jwk) === canonicalize(bound))
  return key && { text, key }
}

function readAnswer({ status, body }: OpenidAnswer, expected: number): JsonObject | Refusal {
  const object = parseJsonObject(body)
  if (status === expected) return object ?? refuse('issuer_answer_malformed')
  const code = object?.['code'] ?? object?.['error']
  return issuerRefused(typeof code === 'string' ? code : `status ${status}`)
}

function issuerRefused(code: string): IssuerRefused {
  return { ...refuse('issuer_refused'), code }
}
