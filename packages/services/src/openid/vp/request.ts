/**
 * Requests for a presentation (OpenID4VP 1.0 section 5): a signed object that the wallet fetches, by GET or by POST with a
 * nonce of its own, or that the browser hands to it (Digital Credentials API, appendix A).
 */
import { joinJws, jwsSigningInput } from '@chengxin/crypto'
import { parseDcql, requestObjectType } from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import { type OpenidAnswer, type OpenidRequest, readForm, textAnswer } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { randomSecret } from '../secrets.ts'
import { x5cOf } from '../x509-chain.ts'
import { createEncryptionKey, encryptionMetadata } from './encryption.ts'
import type { Session, Verifier } from './verifier.ts'

const requestForMs = 5 * 60_000
const walletAudience = 'https://self-issued.me/v2'

export interface PresentationOptions {
  /** DCQL. */
  readonly query: JsonObject
  /** Whether the answer is encrypted; true if absent. */
  readonly encrypted?: boolean
  /** Where the holder's browser goes afterwards, when the wallet is on the same device. */
  readonly redirectUri?: string
  /** What others attest of the verifier, such as its registration (section 5.1, `verifier_info`). */
  readonly verifierInfo?: readonly JsonObject[]
}

export interface OpenRequest {
  /** For a QR code or a link. */
  readonly link: string
  readonly requestUri: string
  /** Fetches the result; it stays with the browser session that asked. */
  readonly ticket: string
}

/** Opens a request. Refusals: those of `parseDcql`, `too_busy`. */
export async function startPresentation(
  verifier: Verifier,
  { query, encrypted = true, redirectUri, verifierInfo }: PresentationOptions,
): Promise<OpenRequest | Refusal> {
  const parsed = parseDcql(query)
  if (isRefusal(parsed)) return parsed
  const [state, ticket, requestId] = [randomSecret(), randomSecret(), randomSecret()]
  const sessionKey = keyOf(state)
  const session: Session = {
    mode: encrypted ? 'direct_post.jwt' : 'direct_post',
    nonce: randomSecret(),
    query,
    ...(encrypted && { encryption: await createEncryptionKey(sessionKey) }),
    audience: verifier.clientId,
    resultKey: keyOf(ticket),
    state,
    ...(redirectUri !== undefined && { redirectUri }),
    ...(verifierInfo && { verifierInfo }),
    isSigned: true,
  }
  const { sessions, requests } = verifier.stores
  const untilMs = verifier.nowMs() + requestForMs
  if (!(await sessions.add(sessionKey, session, untilMs))) return refuse('too_busy')
  if (!(await requests.add(keyOf(requestId), { sessionKey }, untilMs))) return refuse('too_busy')
  const requestUri = `${verifier.baseUrl}/requests/${requestId}`
  const parameters = { client_id: verifier.clientId, request_uri: requestUri, request_uri_method: 'post' }
  return { link: `openid4vp://?${new URLSearchParams(parameters).toString()}`, requestUri, ticket }
}

/**
 * GET or POST of a request object. Refusals: those of a form, `wallet_nonce_malformed`, `request_not_found` (also answered
 * or past its time).
 */
export async function answerRequestObject(
  verifier: Verifier,
  requestId: string,
  request: OpenidRequest,
): Promise<OpenidAnswer | Refusal> {
  const walletNonce = readWalletNonce(request)
  if (isRefusal(walletNonce)) return walletNonce
  const known = await verifier.stores.requests.get(keyOf(requestId))
  const session = known && (await verifier.stores.sessions.get(known.sessionKey))
  if (!session) return refuse('request_not_found')
  const payload = {
    ...requestMembers(session),
    client_id: verifier.clientId,
    response_uri: `${verifier.baseUrl}/responses`,
    state: session.state,
    ...(walletNonce !== undefined && { wallet_nonce: walletNonce }),
  }
  return textAnswer(`application/${requestObjectType}`, await signRequest(verifier, payload))
}

function readWalletNonce(request: OpenidRequest): string | undefined | Refusal {
  if (request.method !== 'POST') return undefined
  const form = readForm(request)
  if (isRefusal(form)) return form
  const nonce = form.get('wallet_nonce')
  // It is signed and sent back, so it must be no more than a nonce.
  return nonce === undefined || /^[\x21-\x7e]{1,512}$/.test(nonce) ? nonce : refuse('wallet_nonce_malformed')
}

function requestMembers({ mode, nonce, query, encryption, verifierInfo }: Session) {
  const algorithms = { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] }
  return {
    response_type: 'vp_token',
    response_mode: mode,
    nonce,
    dcql_query: query,
    ...(verifierInfo && { verifier_info: verifierInfo }),
    client_metadata: {
      vp_formats_supported: { 'dc+sd-jwt': algorithms },
      ...(encryption && encryptionMetadata(encryption)),
    },
  }
}

async function signRequest(verifier: Verifier, members: object): Promise<string> {
  const header = { alg: 'ES256', typ: requestObjectType, x5c: x5cOf(verifier.chain) }
  const iat = Math.floor(verifier.nowMs() / 1000)
  const payload = { aud: walletAudience, iat, exp: iat + requestForMs / 1000, ...members }
  const input = jwsSigningInput(JSON.stringify(header), toUtf8(JSON.stringify(payload)))
  return joinJws(input, await verifier.sign(toUtf8(input)))
}

export type BrowserProtocol = 'openid4vp-v1-signed' | 'openid4vp-v1-unsigned'

export interface BrowserOptions {
  readonly query: JsonObject
  /** The page that asks, one of the verifier's. */
  readonly origin: string
  readonly signed?: boolean
  readonly encrypted?: boolean
  readonly verifierInfo?: readonly JsonObject[]
}

export interface BrowserRequest {
  /** For `navigator.credentials.get({ digital })`. */
  readonly digital: { readonly requests: readonly { readonly protocol: BrowserProtocol; readonly data: JsonObject }[] }
  /** Goes back with the answer, and fetches the result. */
  readonly ticket: string
}

/** A request that the browser hands to a wallet. Refusals: those of `parseDcql`, `response_origin_wrong`, `too_busy`. */
export async function startBrowserPresentation(
  verifier: Verifier,
  { query, origin, signed = true, encrypted = true, verifierInfo }: BrowserOptions,
): Promise<BrowserRequest | Refusal> {
  const parsed = parseDcql(query)
  if (isRefusal(parsed)) return parsed
  if (!verifier.origins.includes(origin)) return refuse('response_origin_wrong')
  const ticket = randomSecret()
  const sessionKey = keyOf(`browser ${ticket}`)
  const session: Session = {
    mode: encrypted ? 'dc_api.jwt' : 'dc_api',
    nonce: randomSecret(),
    query,
    ...(encrypted && { encryption: await createEncryptionKey(keyOf(sessionKey)) }),
    // Through the browser the page is whom the holder answers, signed or not (appendix A.4).
    audience: `origin:${origin}`,
    resultKey: keyOf(ticket),
    origin,
    ...(verifierInfo && { verifierInfo }),
    isSigned: signed,
  }
  const isKept = await verifier.stores.sessions.add(sessionKey, session, verifier.nowMs() + requestForMs)
  if (!isKept) return refuse('too_busy')
  const members = requestMembers(session)
  if (!signed) return browserRequest('openid4vp-v1-unsigned', members as unknown as JsonObject, ticket)
  const named = { ...members, client_id: verifier.clientId, expected_origins: [origin] }
  return browserRequest('openid4vp-v1-signed', { request: await signRequest(verifier, named) }, ticket)
}

function browserRequest(protocol: BrowserProtocol, data: { readonly [name: string]: Json }, ticket: string) {
  return { digital: { requests: [{ protocol, data }] }, ticket }
}
