/**
 * ECDSA signatures as DER (RFC 3279: SEQUENCE of two INTEGERs), which passkeys give and X.509 certificates carry, made
 * into the 64 bytes r ‖ s with a low s that everything else here uses.
 */
import { readInteger, readSequence } from './der.ts'
import { normaliseLowS, refuseSignature } from './strict-signature.ts'

/** The strict 64 bytes of a DER signature over P-256, or `undefined`: not DER, or r or s out of range. */
export function ecdsaSignatureFromDer(der: Uint8Array): Uint8Array | undefined {
  const parts = readSequence(der)
  if (parts?.length !== 2) return undefined
  const [r, s] = parts.map(readInteger)
  if (!r || !s || r.length > 32 || s.length > 32) return undefined
  const signature = new Uint8Array(64)
  signature.set(r, 32 - r.length)
  signature.set(s, 64 - s.length)
  const refused = refuseSignature('ES256', signature)?.refused
  return refused === undefined || refused === 'signature_s_high' ? normaliseLowS(signature) : undefined
}
