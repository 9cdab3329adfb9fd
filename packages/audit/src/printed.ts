/**
 * A certificate on paper. The key that the certificate is bound to has signed, behind the last tilde, that these fields were
 * printed, until when they may be relied on and, if it was said, for whom; a token of a kind of its own (`typ`), so that it
 * can never pass for a live presentation. Nobody checks who holds the paper.
 */
import { encodeAscii, type PublicJwk } from '@chengxin/crypto'
import { type Refusal, refuse, toBase64url } from '@chengxin/kernel'
import { type Jwt, verifyJwt } from './jwt.ts'
import { clockSkewMs } from './key-binding.ts'
import type { Platform } from './platform.ts'
import type { SdJwt } from './sd-jwt.ts'
import { isSeconds } from './status-list.ts'

export const printedType = 'printed+jwt'

export interface Printed {
  readonly printedAtMs: number
  readonly untilMs: number
  readonly recipient?: string
}

export function isPrinted({ keyBinding }: SdJwt): boolean {
  return keyBinding?.header['typ'] === printedType
}

/**
 * Refusals, in the order they are checked: `holder_key_missing`, `holder_proof_malformed`, `holder_algorithm_not_allowed`,
 * `holder_signature_invalid`, `holder_other_presentation`, `holder_proof_from_future`, `holder_print_expired`.
 */
export async function checkPrinted(
  platform: Platform,
  { keyBinding, presentedText }: SdJwt & { readonly keyBinding: Jwt },
  key: PublicJwk | undefined,
  nowMs: number,
): Promise<Printed | Refusal> {
  if (!key) return refuse('holder_key_missing')
  const { iat, exp, sd_hash: sdHash, recipient } = keyBinding.payload
  const isNamed = recipient === undefined || typeof recipient === 'string'
  if (!isSeconds(iat) || !isSeconds(exp) || typeof sdHash !== 'string' || !isNamed)
    return refuse('holder_proof_malformed')
  const verdict = await verifyJwt(platform, keyBinding, key)
  if (verdict === 'algorithm_not_allowed') return refuse('holder_algorithm_not_allowed')
  if (verdict !== 'holds') return refuse('holder_signature_invalid')
  if (sdHash !== toBase64url(platform.sha256(encodeAscii(presentedText)))) return refuse('holder_other_presentation')
  if (iat * 1000 > nowMs + clockSkewMs) return refuse('holder_proof_from_future')
  if (exp * 1000 <= nowMs) return refuse('holder_print_expired')
  return { printedAtMs: iat * 1000, untilMs: exp * 1000, ...(recipient !== undefined && { recipient }) }
}
