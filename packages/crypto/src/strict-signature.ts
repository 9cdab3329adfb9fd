/**
 * The one rule of which signatures may be looked at, run before every verifier, because verifiers differ: RFC 8032
 * leaves room (cofactored or not, what is canonical), ECDSA has two valid s for each signature, and one vote more or
 * less splits a ledger. What passes here is judged alike by libsodium, OpenSSL, WebCrypto and our own arithmetic, all
 * of which use the cofactorless equation. Only bytes are compared: no curve arithmetic, so it costs next to nothing.
 */
import { type Refusal, refuse } from '@chengxin/kernel'

/** `EdDSA` is Ed25519 (RFC 8037), 64 bytes R ‖ S; `ES256` is P-256 with SHA-256 (RFC 7518), 64 bytes r ‖ s. */
export type SignatureAlgorithm = 'EdDSA' | 'ES256'

const ed25519Order = bytesOf('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')
const p256Order = bytesOf('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const p256HalfOrder = bytesOf('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8')

/** The y of every point whose order divides eight, little-endian: orders 4, 1, 2, 8 and 8; the sign bit gives the rest. */
const smallOrderY = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(bytesOf)

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) as string[], (byte) => Number.parseInt(byte, 16))
}

/**
 * Why a signature of this algorithm can never be accepted, or `undefined`. Refusals, in the order they are checked:
 * `signature_length_wrong` (not 64 bytes: DER among them), then for EdDSA `signature_point_not_canonical`,
 * `signature_point_of_small_order`, `signature_scalar_out_of_range`; for ES256 `signature_scalar_out_of_range`,
 * `signature_s_high`.
 */
export function refuseSignature(algorithm: SignatureAlgorithm, signature: Uint8Array): Refusal | undefined {
  if (signature.length !== 64) return refuse('signature_length_wrong')
  if (algorithm === 'EdDSA') {
    if (!hasCanonicalY(signature)) return refuse('signature_point_not_canonical')
    if (isOfSmallOrder(signature)) return refuse('signature_point_of_small_order')
    if (!isBelowLittleEndian(signature, 32, ed25519Order)) return refuse('signature_scalar_out_of_range')
    return undefined
  }
  if (isZero(signature, 0) || isZero(signature, 32)) return refuse('signature_scalar_out_of_range')
  if (compareBigEndian(signature, 0, p256Order) >= 0) return refuse('signature_scalar_out_of_range')
  if (compareBigEndian(signature, 32, p256Order) >= 0) return refuse('signature_scalar_out_of_range')
  if (compareBigEndian(signature, 32, p256HalfOrder) > 0) return refuse('signature_s_high')
  return undefined
}

/**
 * Why 32 bytes can never be accepted as an Ed25519 public key, or `undefined`: `key_point_not_canonical`,
 * `key_point_of_small_order`. Whether they are on the curve at all is for whoever can do curve arithmetic.
 */
export function refuseEd25519Point(encoded: Uint8Array): Refusal | undefined {
  if (encoded.length !== 32 || !hasCanonicalY(encoded)) return refuse('key_point_not_canonical')
  if (isOfSmallOrder(encoded)) return refuse('key_point_of_small_order')
  return undefined
}

/**
 * The same ES256 signature with the lower of its two s (s or n − s). Signers call it, because WebCrypto and passkeys
 * give the higher one half of the time. Throws if the bytes are not 64 or s is not below the order.
 */
export function normaliseLowS(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64 || compareBigEndian(signature, 32, p256Order) >= 0) {
    throw new Error('An ES256 signature is 64 bytes, r then s, and s is below the order of the curve.')
  }
  const normal = signature.slice()
  if (compareBigEndian(signature, 32, p256HalfOrder) <= 0) return normal
  let borrow = 0
  for (let index = 31; index >= 0; index--) {
    const difference = (p256Order[index] as number) - (signature[32 + index] as number) - borrow
    normal[32 + index] = difference & 0xff
    borrow = difference < 0 ? 1 : 0
  }
  return normal
}

/** Whether the y in the first 32 bytes, little-endian under the sign bit, is below 2^255 − 19. */
function hasCanonicalY(bytes: Uint8Array): boolean {
  if (((bytes[31] as number) & 0x7f) !== 0x7f) return true
  for (let index = 30; index > 0; index--) if (bytes[index] !== 0xff) return true
  return (bytes[0] as number) < 0xed
}

/** This also catches x = 0 with the sign bit set, the other spelling that RFC 8032 forbids: its y is 1 or −1. */
function isOfSmallOrder(bytes: Uint8Array): boolean {
  return smallOrderY.some((y) => {
    for (let index = 0; index < 31; index++) if (bytes[index] !== y[index]) return false
    return ((bytes[31] as number) & 0x7f) === y[31]
  })
}

function isBelowLittleEndian(bytes: Uint8Array, at: number, limitBigEndian: Uint8Array): boolean {
  for (let index = 0; index < 32; index++) {
    const difference = (bytes[at + 31 - index] as number) - (limitBigEndian[index] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

function compareBigEndian(bytes: Uint8Array, at: number, limit: Uint8Array): number {
  for (let index = 0; index < 32; index++) {
    const difference = (bytes[at + index] as number) - (limit[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let index = at; index < at + 32; index++) if (bytes[index] !== 0) return false
  return true
}
