/**
 * Private keys made from 32 bytes that the caller has: the Ed25519 seed of RFC 8032, or a P-256 scalar. WebCrypto can
 * only draw keys, so that keys derived from a seed (a public sample, a backup phrase) need the curve here. Signing in
 * plain JavaScript serves platforms whose WebCrypto lacks Ed25519.
 */
import { fromBase64url, toBase64url } from '@chengxin/kernel'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import type { PrivateJwk } from './jwk.ts'
import type { SignatureAlgorithm } from './strict-signature.ts'

/** The key pair of a secret. Throws if it is not 32 bytes or, for ES256, not a scalar from 1 to n − 1. */
export function privateJwkFrom(algorithm: SignatureAlgorithm, secret: Uint8Array): PrivateJwk {
  const d = toBase64url(secret)
  if (algorithm === 'EdDSA') return { kty: 'OKP', crv: 'Ed25519', x: toBase64url(ed25519.getPublicKey(secret)), d }
  const point = p256.getPublicKey(secret, false)
  return { kty: 'EC', crv: 'P-256', x: toBase64url(point.slice(1, 33)), y: toBase64url(point.slice(33)), d }
}

/** The signature over the bytes, 64 bytes, deterministic (RFC 8032, RFC 6979), accepted by the strict rule. */
export function signPortably(key: PrivateJwk, bytes: Uint8Array): Uint8Array {
  const secret = fromBase64url(key.d)
  if (secret === undefined) throw new Error('The secret of a private key is not base64url.')
  return key.crv === 'Ed25519'
    ? ed25519.sign(bytes, secret)
    : p256.sign(bytes, secret, { lowS: true, prehash: true, format: 'compact' })
}
