/**
 * The token endpoint (OpenID4VCI 1.0 section 6): a code, once, for an access token. Tokens are opaque and kept as hashes.
 */

import { sha256 } from '@chengxin/crypto/node'
import { preAuthorizedGrant } from '@chengxin/holder'
import { isRefusal, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import { checkDpop } from '../dpop.ts'
import { jsonAnswer, type OpenidAnswer, type OpenidRequest, type Parameters, readForm } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { isSameSecret, randomSecret } from '../secrets.ts'
import type { AccessToken, Issuer } from './issuer.ts'

/** Long enough for an order that waits for its batch; what is issued is bound to the wallet's keys anyway. */
export const tokenForMs = 60 * 60_000

/**
 * POST for a token. Refusals: those of a form and of DPoP, `dpop_missing`, `grant_type_not_supported`, then for each grant
 * those of `redeemPreAuthorized` and `redeemCode`, and `too_busy`.
 */
export async function exchangeToken(issuer: Issuer, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const form = readForm(request)
  if (isRefusal(form)) return form
  const { stores, platform, needsDpop } = issuer
  const nowMs = issuer.nowMs()
  const dpopKey = await checkDpop(request, { platform, seen: stores.used, nowMs })
  if (isRefusal(dpopKey)) return dpopKey
  if (dpopKey === undefined && needsDpop) return refuse('dpop_missing')

  const token = randomSecret()
  const grant = await redeem(issuer, form, dpopKey, keyOf(token))
  if (isRefusal(grant)) return grant
  const bound = dpopKey === undefined ? grant : { ...grant, dpopKey }
  if (!(await stores.tokens.add(keyOf(token), bound, nowMs + tokenForMs))) return refuse('too_busy')
  const type = dpopKey === undefined ? 'Bearer' : 'DPoP'
  return jsonAnswer(200, { access_token: token, token_type: type, expires_in: tokenForMs / 1000 })
}

async function redeem(
  issuer: Issuer,
  form: Parameters,
  dpopKey: string | undefined,
  tokenKey: string,
): Promise<AccessToken | Refusal> {
  switch (form.get('grant_type')) {
    case preAuthorizedGrant:
      return redeemPreAuthorized(issuer, form)
    case 'authorization_code':
      return redeemCode(issuer, form, dpopKey, tokenKey)
    default:
      return refuse('grant_type_not_supported')
  }
}

/**
 * Refusals: `code_missing`, `code_unknown` (also used or past its time), `tx_code_missing`, `tx_code_unexpected`,
 * `tx_code_wrong`; after the third wrong one the offer is void.
 */
async function redeemPreAuthorized({ stores }: Issuer, form: Parameters): Promise<AccessToken | Refusal> {
  const code = form.get('pre-authorized_code')
  if (code === undefined) return refuse('code_missing')
  const entry = await stores.preAuthorized.take(keyOf(code))
  if (!entry) return refuse('code_unknown')
  const { txCode: expected, triesLeft, subject, configurationIds } = entry.value
  const given = form.get('tx_code')
  const putBack = (left: number) =>
    stores.preAuthorized.add(keyOf(code), { ...entry.value, triesLeft: left }, entry.untilMs)
  if ((expected === undefined) !== (given === undefined)) {
    await putBack(triesLeft)
    return refuse(given === undefined ? 'tx_code_missing' : 'tx_code_unexpected')
  }
  if (expected !== undefined && given !== undefined && !isSameSecret(expected, given)) {
    if (triesLeft > 1) await putBack(triesLeft - 1)
    return refuse('tx_code_wrong')
  }
  const clientId = form.get('client_id')
  return { subject, configurationIds, ...(clientId !== undefined && { clientId }) }
}

/**
 * Refusals: `code_missing`, `code_unknown`, `code_reused` (the token that came of it falls), `client_mismatch`,
 * `redirect_uri_mismatch`, `pkce_verifier_wrong`, `dpop_key_changed`. Whatever was wrong, the code is used up.
 */
async function redeemCode(
  { stores }: Issuer,
  form: Parameters,
  dpopKey: string | undefined,
  tokenKey: string,
): Promise<AccessToken | Refusal> {
  const code = form.get('code')
  if (code === undefined) return refuse('code_missing')
  const entry = await stores.codes.take(keyOf(code))
  if (!entry) return refuse('code_unknown')
  if ('spentFor' in entry.value) {
    await stores.tokens.take(entry.value.spentFor)
    return refuse('code_reused')
  }
  await stores.codes.add(keyOf(code), { spentFor: tokenKey }, entry.untilMs + tokenForMs)
  const { clientId, redirectUri, codeChallenge, subject, configurationIds, dpopKey: promised } = entry.value
  if (form.get('client_id') !== clientId) return refuse('client_mismatch')
  if (form.get('redirect_uri') !== redirectUri) return refuse('redirect_uri_mismatch')
  const verifier = form.get('code_verifier') ?? ''
  const isVerifier = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  if (!isVerifier || toBase64url(sha256(toUtf8(verifier))) !== codeChallenge) return refuse('pkce_verifier_wrong')
  if (promised !== undefined && promised !== dpopKey) return refuse('dpop_key_changed')
  return { subject, configurationIds, clientId }
}
