/**
 * The holder's proof (RFC 9901 section 7.3): a token signed by the key that the certificate names, over this very
 * presentation, for this verifier, now. Without `expected` only what concerns key and presentation is judged, since
 * nobody but the verifier knows what it asked for.
 */
import { encodeAscii, type PublicJwk, parsePublicJwk } from '@chengxin/crypto'
import { isRefusal, type JsonObject, type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { type Jwt, verifyJwt } from './jwt.ts'
import type { Platform } from './platform.ts'
import type { SdJwt } from './sd-jwt.ts'

export interface ExpectedPresentation {
  /** Who asked: the `aud` that the holder's token must name. */
  readonly audience: string
  /** What was asked with: a value used once, chosen by the verifier. */
  readonly nonce: string
  /** How old the token may be; five minutes if absent. */
  readonly maxAgeMs?: number
}

const defaultMaxAgeMs = 5 * 60 * 1000
/** Clocks differ: a token may come from this far ahead. */
export const clockSkewMs = 60 * 1000

/** The holder's key as the certificate's `cnf` names it (RFC 7800), or `undefined`; foreign members are left aside. */
export function holderKey(claims: JsonObject): PublicJwk | undefined {
  const jwk = member(member(claims, 'cnf'), 'jwk')
  if (!jwk || 'd' in jwk) return undefined
  const { kty, crv, x, y } = jwk
  const key = parsePublicJwk(y === undefined ? { kty, crv, x } : { kty, crv, x, y })
  return isRefusal(key) ? undefined : key
}

function member(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object && Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

/**
 * Checks the holder's token against the key that the certificate names, see `holderKey`. Refusals, in the order they are
 * checked: `holder_key_missing`, `holder_proof_malformed` (`typ`, or a claim missing or of
 * another kind), `holder_algorithm_not_allowed`, `holder_signature_invalid`, `holder_other_presentation` (`sd_hash`), and
 * where something is expected `holder_audience_wrong`, `holder_nonce_wrong`, `holder_proof_from_future`,
 * `holder_proof_too_old`.
 */
export async function checkKeyBinding(
  platform: Platform,
  sdJwt: SdJwt & { readonly keyBinding: Jwt },
  key: PublicJwk | undefined,
  nowMs: number,
  expected?: ExpectedPresentation,
): Promise<Refusal | undefined> {
  const { keyBinding } = sdJwt
  if (!key) return refuse('holder_key_missing')
  const { iat, aud, nonce, sd_hash: sdHash } = keyBinding.payload
  const isWhole = typeof iat === 'number' && typeof aud === 'string' && typeof nonce === 'string'
  if (keyBinding.header['typ'] !== 'kb+jwt' || !isWhole || typeof sdHash !== 'string') {
    return refuse('holder_proof_malformed')
  }
  const verdict = await verifyJwt(platform, keyBinding, key)
  if (verdict === 'algorithm_not_allowed') return refuse('holder_algorithm_not_allowed')
  if (verdict !== 'holds') return refuse('holder_signature_invalid')
  if (sdHash !== toBase64url(platform.sha256(encodeAscii(sdJwt.presentedText))))
    return refuse('holder_other_presentation')

  if (!expected) return undefined
  if (aud !== expected.audience) return refuse('holder_audience_wrong')
  if (nonce !== expected.nonce) return refuse('holder_nonce_wrong')
  if (iat * 1000 > nowMs + clockSkewMs) return refuse('holder_proof_from_future')
  if (iat * 1000 < nowMs - (expected.maxAgeMs ?? defaultMaxAgeMs)) return refuse('holder_proof_too_old')
  return undefined
}
