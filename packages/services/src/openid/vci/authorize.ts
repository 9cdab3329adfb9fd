/**
 * The authorisation code flow: a wallet pushes its request (RFC 9126) with a PKCE challenge (RFC 7636), the resident signs
 * in and agrees on the issuer's page, and the wallet gets a code back. How the resident signs in is the page's affair.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { checkDpop } from '../dpop.ts'
import { jsonAnswer, type OpenidAnswer, type OpenidRequest, type Parameters, readForm } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { randomSecret } from '../secrets.ts'
import type { Issuer, PushedRequest } from './issuer.ts'

const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'
/** The resident's sign-in happens between the two, so the request outlives a look for the other phone. */
const pushedForMs = 5 * 60_000
const codeForMs = 60_000

/**
 * POST of a request. Refusals: those of a form, `request_parameter_missing`, `request_object_not_supported`,
 * `response_type_not_supported`, `client_unknown`, `redirect_uri_not_registered`, `pkce_missing`, `pkce_method_not_allowed`,
 * `scope_unknown`, those of DPoP, `dpop_key_changed`, `too_busy`.
 */
export async function pushRequest(issuer: Issuer, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const form = readForm(request)
  if (isRefusal(form)) return form
  const pushed = readRequest(issuer, form)
  if (isRefusal(pushed)) return pushed
  const { stores, platform } = issuer
  const nowMs = issuer.nowMs()
  const dpopKey = await checkDpop(request, { platform, seen: stores.used, nowMs })
  if (isRefusal(dpopKey)) return dpopKey
  const stated = form.get('dpop_jkt')
  if (stated !== undefined && dpopKey !== undefined && stated !== dpopKey) return refuse('dpop_key_changed')
  const bound = dpopKey ?? stated
  const id = randomSecret()
  const record = { ...pushed, ...(bound !== undefined && { dpopKey: bound }) }
  if (!(await stores.pushed.add(keyOf(id), record, nowMs + pushedForMs))) return refuse('too_busy')
  return jsonAnswer(201, { request_uri: requestUriPrefix + id, expires_in: pushedForMs / 1000 })
}

function readRequest(issuer: Issuer, form: Parameters): PushedRequest | Refusal {
  const clientId = form.get('client_id')
  const redirectUri = form.get('redirect_uri')
  if (form.has('request') || form.has('request_uri')) return refuse('request_object_not_supported')
  if (clientId === undefined || redirectUri === undefined) return refuse('request_parameter_missing')
  if (form.get('response_type') !== 'code') return refuse('response_type_not_supported')
  const registered = issuer.redirectUris?.(clientId) ?? []
  if (registered.length === 0) return refuse('client_unknown')
  // Compared as texts (RFC 9700 section 2.1): whatever is looser has been used to steal codes.
  if (!registered.includes(redirectUri)) return refuse('redirect_uri_not_registered')
  const codeChallenge = form.get('code_challenge')
  if (codeChallenge === undefined || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) return refuse('pkce_missing')
  if (form.get('code_challenge_method') !== 'S256') return refuse('pkce_method_not_allowed')
  const configurationIds = configurationsOf(issuer, form.get('scope'))
  if (isRefusal(configurationIds)) return configurationIds
  const [state, issuerState] = [form.get('state'), form.get('issuer_state')]
  return {
    clientId,
    redirectUri,
    codeChallenge,
    configurationIds,
    ...(state !== undefined && { state }),
    ...(issuerState !== undefined && { issuerState }),
  }
}

function configurationsOf({ configurations }: Issuer, scope: string | undefined): readonly string[] | Refusal {
  const scopes = (scope ?? '').split(' ').filter((word) => word !== '')
  const known = Object.entries(configurations)
  const ids = scopes.map((word) => known.find(([, configuration]) => configuration.scope === word)?.[0])
  if (ids.length === 0 || ids.includes(undefined)) return refuse('scope_unknown')
  return [...new Set(ids as string[])]
}

/**
 * What a page shows before the resident agrees: who asks, for what. `request_uri_unknown` where nothing was pushed, it is past
 * its time or was used; `client_mismatch` where another wallet brings it.
 */
export async function openAuthorization(issuer: Issuer, query: Parameters): Promise<PushedRequest | Refusal> {
  const id = pushedId(query.get('request_uri'))
  const pushed = id === undefined ? undefined : await issuer.stores.pushed.get(keyOf(id))
  if (!pushed) return refuse('request_uri_unknown')
  return pushed.clientId === query.get('client_id') ? pushed : refuse('client_mismatch')
}

/**
 * The address to send the resident's browser to, after agreeing (`subject` is whom the issuer found the resident to be) or
 * refusing. A request is answered once; refusals as of `openAuthorization`, and `too_busy`.
 */
export async function finishAuthorization(
  issuer: Issuer,
  query: Parameters,
  decision: { readonly subject: string } | 'denied',
): Promise<{ readonly location: string } | Refusal> {
  const opened = await openAuthorization(issuer, query)
  if (isRefusal(opened)) return opened
  const taken = await issuer.stores.pushed.take(keyOf(pushedId(query.get('request_uri')) as string))
  if (!taken) return refuse('request_uri_unknown')
  const { redirectUri, state } = taken.value
  const location = new URL(redirectUri)
  // RFC 9207: a wallet that talks to several issuers must see whose answer it holds.
  location.searchParams.set('iss', issuer.identifier)
  if (state !== undefined) location.searchParams.set('state', state)
  if (decision === 'denied') {
    location.searchParams.set('error', 'access_denied')
    return { location: location.href }
  }
  const code = randomSecret()
  const record = { ...taken.value, subject: decision.subject }
  if (!(await issuer.stores.codes.add(keyOf(code), record, issuer.nowMs() + codeForMs))) return refuse('too_busy')
  location.searchParams.set('code', code)
  return { location: location.href }
}

function pushedId(requestUri: string | undefined): string | undefined {
  return requestUri?.startsWith(requestUriPrefix) ? requestUri.slice(requestUriPrefix.length) : undefined
}
