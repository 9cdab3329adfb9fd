/**
 * Who signed under secp256k1, as the systems before us name people: the last 20 bytes of Keccak-256 of the public key, which
 * a signature of 65 bytes gives away. Only for reading what others signed; nothing here signs, and no ledger accepts it.
 */
import { toHex } from '@chengxin/kernel'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'

export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes)
}

/**
 * The address (40 characters of lower-case hexadecimal) whose key signed this digest, or `undefined`. The byte that tells
 * the two candidate keys apart stands first (27 or 28) or last (0, 1, 27 or 28), depending on the library that signed.
 */
export function addressOfSignature(digest: Uint8Array, signature: Uint8Array): string | undefined {
  if (signature.length !== 65) return undefined
  const layouts = [
    { recovery: (signature[0] as number) - 27, compact: signature.subarray(1) },
    { recovery: (signature[64] as number) % 27, compact: signature.subarray(0, 64) },
  ]
  const layout = layouts.find(({ recovery }) => recovery === 0 || recovery === 1)
  if (!layout) return undefined
  try {
    const parsed = secp256k1.Signature.fromBytes(layout.compact, 'compact').addRecoveryBit(layout.recovery)
    const point = parsed.recoverPublicKey(digest).toBytes(false)
    return toHex(keccak_256(point.subarray(1)).subarray(12))
  } catch {
    return undefined
  }
}
