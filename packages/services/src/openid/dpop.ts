/**
 * DPoP (RFC 9449): a request is signed by the key that the access token is bound to, so that a token that was overheard is
 * of no use. Checked in the order of section 4.3.
 */
import type { Platform } from '@chengxin/audit'
import { thumbprint } from '@chengxin/crypto'
import { skewMs } from '@chengxin/holder'
import { isRefusal, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { OpenidRequest } from './exchange.ts'
import { type ExpiringStore, keyOf } from './expiring-store.ts'
import { ageOf, checkPossession } from './jwt-proof.ts'

export interface DpopCheck {
  readonly platform: Platform
  /** Proofs seen, so that none counts twice. */
  readonly seen: ExpiringStore<true>
  readonly nowMs: number
  /** Present where a token is used: then the proof must be over it. */
  readonly accessToken?: string
}

export const dpopMaxAgeMs = 5 * 60_000

/**
 * The thumbprint of the key that signed the request, `undefined` where the request carries no proof. Refusals, in the order
 * they are checked: `dpop_malformed`, `dpop_key_not_allowed`, `dpop_algorithm_not_allowed`, `dpop_signature_invalid`,
 * `dpop_other_request`, `dpop_from_future`, `dpop_too_old`, `dpop_other_token`, `dpop_replayed`.
 */
export async function checkDpop(request: OpenidRequest, check: DpopCheck): Promise<string | undefined | Refusal> {
  const { platform, seen, nowMs, accessToken } = check
  const text = request.headers['dpop']
  if (text === undefined) return undefined
  const proof = await checkPossession(platform, text, 'dpop+jwt', {
    malformed: 'dpop_malformed',
    keyNotAllowed: 'dpop_key_not_allowed',
    algorithmNotAllowed: 'dpop_algorithm_not_allowed',
    signatureInvalid: 'dpop_signature_invalid',
  })
  if (isRefusal(proof)) return proof
  const { jti, htm, htu, iat, ath } = proof.jwt.payload
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return refuse('dpop_malformed')
  if (htm !== request.method || typeof htu !== 'string' || !isSameAddress(htu, request.url)) {
    return refuse('dpop_other_request')
  }
  const age = ageOf(iat, nowMs, dpopMaxAgeMs)
  if (age === 'malformed') return refuse('dpop_malformed')
  if (age !== 'good') return refuse(age === 'future' ? 'dpop_from_future' : 'dpop_too_old')
  const expectedHash = accessToken === undefined ? undefined : toBase64url(platform.sha256(toUtf8(accessToken)))
  if (expectedHash !== undefined && ath !== expectedHash) return refuse('dpop_other_token')
  const print = thumbprint(platform.sha256, proof.key)
  const isFirst = await seen.add(keyOf(`dpop ${print} ${jti}`), true, nowMs + dpopMaxAgeMs + 2 * skewMs)
  return isFirst ? print : refuse('dpop_replayed')
}

/** Query and fragment do not count (RFC 9449 section 4.3). */
function isSameAddress(stated: string, actual: string): boolean {
  const [left, right] = [addressOf(stated), addressOf(actual)]
  return left !== undefined && left === right
}

function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname
}
