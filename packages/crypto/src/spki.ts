/**
 * Public keys as X.509 has them (SubjectPublicKeyInfo, RFC 5280, RFC 5480, RFC 8410): what certificates contain and what
 * a browser gives for a new passkey. Only P-256 with a named curve and an uncompressed point, and Ed25519.
 */
import { concatBytes, fromBase64url, fromHex, type Refusal, refuse } from '@chengxin/kernel'
import { derTags, isObjectIdentifier, readBitString, readDer, readSequence } from './der.ts'
import { ed25519Jwk, type PublicJwk, p256Jwk } from './jwk.ts'

/** DER content bytes of the identifiers that we know, in hexadecimal, with their dotted names. */
export const objectIdentifiers = {
  /** 1.2.840.10045.2.1 */
  ecPublicKey: '2a8648ce3d0201',
  /** 1.2.840.10045.3.1.7 */
  p256: '2a8648ce3d030107',
  /** 1.2.840.10045.4.3.2 */
  ecdsaWithSha256: '2a8648ce3d040302',
  /** 1.3.101.112, the key's type and the signature's */
  ed25519: '2b6570',
  /** 2.5.4.3 */
  commonName: '550403',
  /** 2.5.4.10 */
  organizationName: '55040a',
  /** 2.5.29.15 */
  keyUsage: '551d0f',
  /** 2.5.29.19 */
  basicConstraints: '551d13',
  /** 2.5.29.17 */
  subjectAltName: '551d11',
} as const

const p256Prefix = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200') as Uint8Array
const ed25519Prefix = fromHex('302a300506032b6570032100') as Uint8Array

/** The key of a SubjectPublicKeyInfo. Refuses with `key_malformed`, or as `parsePublicJwk` refuses its point. */
export function jwkFromSpki(der: Uint8Array): PublicJwk | Refusal {
  const [algorithm, key, ...rest] = readSequence(der) ?? []
  const point = key && readBitString(key)
  const parts = algorithm?.tag === derTags.sequence ? readDer(algorithm.content) : undefined
  if (!point || !parts || rest.length > 0) return refuse('key_malformed')
  const [type, parameters] = parts
  if (parts.length === 1 && isObjectIdentifier(type, objectIdentifiers.ed25519)) {
    return point.length === 32 ? ed25519Jwk(point) : refuse('key_malformed')
  }
  const isP256 =
    isObjectIdentifier(type, objectIdentifiers.ecPublicKey) && isObjectIdentifier(parameters, objectIdentifiers.p256)
  return parts.length === 2 && isP256 ? p256Jwk(point) : refuse('key_malformed')
}

/** The SubjectPublicKeyInfo of a key. */
export function spkiFromJwk(jwk: PublicJwk): Uint8Array {
  const x = fromBase64url(jwk.x) as Uint8Array
  if (jwk.crv === 'Ed25519') return concatBytes(ed25519Prefix, x)
  return concatBytes(p256Prefix, Uint8Array.of(4), x, fromBase64url(jwk.y) as Uint8Array)
}
