/**
 * Verification of signatures without anything native: for browsers that lack Ed25519, and for small checks (a receipt,
 * a certificate) in places where nothing may be awaited. Milliseconds a signature; a node uses `createVerifier` instead.
 * Ed25519 is judged by the cofactorless equation, as libsodium, OpenSSL and WebCrypto do: the library's own `verify`
 * multiplies by the cofactor and would accept more than they.
 */
import { concatBytes, equalBytes, fromBase64url } from '@chengxin/kernel'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { algorithmOf, type Ed25519PublicJwk, type P256PublicJwk, type PublicJwk } from './jwk.ts'
import { refuseEd25519Point, refuseSignature } from './strict-signature.ts'

/**
 * Whether the signature over these bytes holds under the key and satisfies the strict rule. ES256 hashes the bytes with
 * SHA-256 itself. All implementations of this type give the same answer.
 */
export type VerifySignature = (jwk: PublicJwk, bytes: Uint8Array, signature: Uint8Array) => boolean

/** Verifies in plain JavaScript, with keys that `parsePublicJwk` has let in or not. */
export const verifySignaturePortably: VerifySignature = (jwk, bytes, signature) => {
  if (refuseSignature(algorithmOf(jwk), signature)) return false
  try {
    return jwk.crv === 'Ed25519' ? verifyEd25519(jwk, bytes, signature) : verifyP256(jwk, bytes, signature)
  } catch {
    // A point that is not on its curve: no signature holds under it.
    return false
  }
}

function verifyEd25519(jwk: Ed25519PublicJwk, bytes: Uint8Array, signature: Uint8Array): boolean {
  const encodedKey = fromBase64url(jwk.x)
  if (!encodedKey || refuseEd25519Point(encodedKey)) return false
  const encodedR = signature.subarray(0, 32)
  const scalar = littleEndian(signature.subarray(32))
  const challenge = littleEndian(sha512(concatBytes(encodedR, encodedKey, bytes))) % ed25519.Point.Fn.ORDER
  const key = ed25519.Point.fromBytes(encodedKey, false)
  const difference = ed25519.Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge))
  return equalBytes(difference.toBytes(), encodedR)
}

function verifyP256(jwk: P256PublicJwk, bytes: Uint8Array, signature: Uint8Array): boolean {
  const [x, y] = [fromBase64url(jwk.x), fromBase64url(jwk.y)]
  if (!x || !y) return false
  return p256.verify(signature, bytes, concatBytes(Uint8Array.of(4), x, y), { lowS: true, prehash: true })
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] as number)
  return value
}
