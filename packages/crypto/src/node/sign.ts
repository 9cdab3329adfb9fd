/**
 * Signing with keys that a program holds itself (a member's log key, a service's key): synchronous, strict-rule output.
 * Ed25519 signatures are deterministic (RFC 8032); P-256 ones are not, and are given the low s.
 */
import {
  createECDH,
  createPrivateKey,
  type ED25519KeyPairOptions,
  generateKeyPairSync,
  sign as signWithOpenssl,
} from 'node:crypto'
import { isRefusal, toBase64url } from '@chengxin/kernel'
import { type Ed25519PublicJwk, type PrivateJwk, type PublicJwk, parsePublicJwk, publicPart } from '../jwk.ts'
import { normaliseLowS, type SignatureAlgorithm } from '../strict-signature.ts'

export interface Signer {
  readonly jwk: PublicJwk
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/**
 * A new key from the system's randomness. It leaves its generator as bytes and is read again: exporting the very object
 * that was generated can hang Node 20 for ever, when memory is collected while the export holds the lock of the key,
 * because collecting what generated the key takes the same lock.
 */
export function generatePrivateJwk(algorithm: SignatureAlgorithm): PrivateJwk {
  if (algorithm === 'ES256') return generateP256()
  const { privateKey } = generateKeyPairSync('ed25519', asBytes)
  const key = createPrivateKey({ key: privateKey, type: 'pkcs8', format: 'der' })
  return key.export({ format: 'jwk' }) as unknown as PrivateJwk
}

/** By the ECDH object, whose key is plain numbers: a wallet makes two keys for a certificate, and DER costs ten times as much. */
function generateP256(): PrivateJwk {
  const pair = createECDH('prime256v1')
  const point = pair.generateKeys()
  const scalar = pair.getPrivateKey()
  // A small number comes in fewer bytes, and a JWK has all 32 (RFC 7518 section 6.2.2.1).
  const d = new Uint8Array(p256Bytes)
  d.set(scalar, p256Bytes - scalar.length)
  const [x, y] = [point.subarray(1, 1 + p256Bytes), point.subarray(1 + p256Bytes)]
  return { kty: 'EC', crv: 'P-256', x: toBase64url(x), y: toBase64url(y), d: toBase64url(d) }
}

const p256Bytes = 32
const asBytes: ED25519KeyPairOptions<'der', 'der'> = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
}

/** Throws if the key is malformed: it is the holder's own, so a wrong one is a fault of the program or its keystore. */
export function createSigner(privateJwk: PrivateJwk): Signer {
  const jwk = publicPart(privateJwk)
  const parsed = parsePublicJwk(jwk)
  if (isRefusal(parsed)) throw new Error(`A private key's public part is refused: ${parsed.refused}`)
  const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
  if (jwk.crv === 'Ed25519') return { jwk, sign: (bytes) => plainBytes(signWithOpenssl(null, bytes, key)) }
  return {
    jwk,
    sign: (bytes) => normaliseLowS(plainBytes(signWithOpenssl('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }))),
  }
}

/** A signer of notes: checkpoints and cosignatures are Ed25519 alone. Throws if the key is of another kind. */
export function createNoteSigner(privateJwk: PrivateJwk): Signer & { readonly jwk: Ed25519PublicJwk } {
  const { jwk, sign } = createSigner(privateJwk)
  if (jwk.crv !== 'Ed25519') throw new Error('A log or cosigner key is an Ed25519 key.')
  return { jwk, sign }
}

/** `Buffer.slice` shares memory where Uint8Array's copies, so none leaves this package. */
function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
