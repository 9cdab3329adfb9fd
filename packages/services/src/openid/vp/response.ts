/**
 * Answers to requests: posted by a wallet (`direct_post`, `direct_post.jwt`; OpenID4VP 1.0 section 8.2) or by the page that
 * the browser handed them to (Digital Credentials API). An answer that can be read uses its request up, whatever it says.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { jsonAnswer, type OpenidAnswer, type OpenidRequest, readForm, readJson } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { isSameSecret, randomSecret } from '../secrets.ts'
import { decryptObject, keyIdOf } from './encryption.ts'
import type { PresentationResult, Session, Verifier } from './verifier.ts'
import { checkVpToken } from './vp-token.ts'

const resultForMs = 5 * 60_000

/** What a wallet said, once it can be read. */
interface Opened {
  readonly sessionKey: string
  readonly session: Session
  readonly content: JsonObject
}

/**
 * POST of a wallet's answer. Refusals: those of a form, `response_malformed`, `response_state_unknown`,
 * `response_mode_wrong`, those of encryption, then those of `checkVpToken`. A holder's refusal is no fault of the request.
 */
export async function receiveResponse(verifier: Verifier, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const form = readForm(request)
  if (isRefusal(form)) return form
  const jwe = form.get('response')
  const opened = jwe === undefined ? await openPlain(verifier, form) : await openEncrypted(verifier, jwe, form.size)
  if (isRefusal(opened)) return opened
  const result = await conclude(verifier, opened)
  if (isRefusal(result)) return result
  const { redirectUri } = opened.session
  if (redirectUri === undefined || result.status !== 'accepted') return jsonAnswer(200, {})
  // Behind the hash: what stands there is sent to no server on the way.
  return jsonAnswer(200, { redirect_uri: `${redirectUri}#response_code=${result.responseCode}` })
}

async function openPlain({ stores }: Verifier, form: ReadonlyMap<string, string>): Promise<Opened | Refusal> {
  const state = form.get('state')
  if (state === undefined) return refuse('response_malformed')
  const sessionKey = keyOf(state)
  const session = await stores.sessions.get(sessionKey)
  if (!session) return refuse('response_state_unknown')
  // An error may come in the open even where answers are encrypted: it holds nothing.
  if (form.has('error')) return { sessionKey, session, content: { error: form.get('error') as string } }
  if (session.mode !== 'direct_post') return refuse('response_mode_wrong')
  const token = parseJsonObject(form.get('vp_token') ?? '')
  return token ? { sessionKey, session, content: { vp_token: token } } : refuse('response_malformed')
}

async function openEncrypted({ stores }: Verifier, jwe: string, parameters: number): Promise<Opened | Refusal> {
  // Nothing stands beside an encrypted answer: what it said would be unprotected.
  if (parameters !== 1) return refuse('response_malformed')
  const sessionKey = keyIdOf(jwe)
  if (sessionKey === undefined) return refuse('response_malformed')
  const session = await stores.sessions.get(sessionKey)
  if (!session) return refuse('response_state_unknown')
  if (session.mode !== 'direct_post.jwt' || !session.encryption) return refuse('response_mode_wrong')
  const content = await decryptObject(jwe, session.encryption)
  if (isRefusal(content)) return content
  const { state } = content
  if (typeof state !== 'string' || !isSameSecret(state, session.state ?? '')) return refuse('response_state_unknown')
  return { sessionKey, session, content }
}

/**
 * POST of `{ ticket, protocol, data }` by the page that asked. Refusals: those of a JSON body, `response_malformed`,
 * `response_state_unknown`, `response_origin_wrong`, `response_protocol_wrong`, `response_mode_wrong`, those of encryption,
 * then those of `checkVpToken`.
 */
export async function receiveBrowserResponse(
  verifier: Verifier,
  request: OpenidRequest,
): Promise<OpenidAnswer | Refusal> {
  const body = readJson(request)
  if (isRefusal(body)) return body
  const opened = await openFromBrowser(verifier, body, request.headers['origin'])
  if (isRefusal(opened)) return opened
  const result = await conclude(verifier, opened)
  return isRefusal(result) ? result : jsonAnswer(200, {})
}

async function openFromBrowser(
  { stores }: Verifier,
  { ticket, protocol, data }: JsonObject,
  origin: string | undefined,
): Promise<Opened | Refusal> {
  if (typeof ticket !== 'string' || !isObject(data)) return refuse('response_malformed')
  const sessionKey = keyOf(`browser ${ticket}`)
  const session = await stores.sessions.get(sessionKey)
  if (!session) return refuse('response_state_unknown')
  if (session.origin === undefined || session.origin !== origin) return refuse('response_origin_wrong')
  const expected = session.isSigned ? 'openid4vp-v1-signed' : 'openid4vp-v1-unsigned'
  if (protocol !== expected) return refuse('response_protocol_wrong')
  if ('error' in data) return { sessionKey, session, content: data }
  const jwe = data['response']
  if ((session.encryption === undefined) !== (jwe === undefined)) return refuse('response_mode_wrong')
  if (!session.encryption) return { sessionKey, session, content: data }
  if (typeof jwe !== 'string') return refuse('response_malformed')
  const content = await decryptObject(jwe, session.encryption)
  return isRefusal(content) ? content : { sessionKey, session, content }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Uses the request up, judges the answer, and leaves the result for whoever asked. */
async function conclude(verifier: Verifier, { sessionKey, content }: Opened): Promise<PresentationResult | Refusal> {
  const taken = await verifier.stores.sessions.take(sessionKey)
  if (!taken) return refuse('response_state_unknown')
  const session = taken.value
  const result = await judge(verifier, session, content)
  await verifier.stores.results.add(session.resultKey, result, verifier.nowMs() + resultForMs)
  // That the holder refused is an answer, and taken as one (section 8.2).
  return result.status === 'accepted' || result.code === 'wallet_refused' ? result : refuse(result.code)
}

async function judge(verifier: Verifier, session: Session, content: JsonObject): Promise<PresentationResult> {
  if ('error' in content) return { status: 'refused', code: 'wallet_refused', reports: [] }
  const presented = await checkVpToken(verifier, session, content['vp_token'])
  if (isRefusal(presented)) return { status: 'refused', code: presented.refused, reports: presented.reports }
  const responseCode = session.redirectUri === undefined ? {} : { responseCode: randomSecret() }
  return { status: 'accepted', presented, ...responseCode }
}

/**
 * The result, once, for the browser session that holds the ticket; where the wallet was on the same device, also the code that
 * its redirect brought, so that nobody ends up with another person's answer. `result_not_found` otherwise.
 */
export async function collectResult(
  { stores }: Verifier,
  ticket: string,
  responseCode?: string,
): Promise<PresentationResult | Refusal> {
  const key = keyOf(ticket)
  const known = await stores.results.get(key)
  if (!known) return refuse('result_not_found')
  const expected = known.status === 'accepted' ? known.responseCode : undefined
  if (expected !== undefined && !isSameSecret(expected, responseCode ?? '')) return refuse('result_not_found')
  return (await stores.results.take(key))?.value ?? refuse('result_not_found')
}
