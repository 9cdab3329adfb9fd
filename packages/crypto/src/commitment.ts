/**
 * Salted commitments: what a ledger keeps instead of personal data. The hash tells nothing without the salt, and cannot
 * be opened to anything else; who erases data and salt has erased them everywhere. The salt's length is hashed too:
 * otherwise the last bytes of a longer salt could pass for the first of the value.
 */
import { concatBytes, type Hash, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Sha256 } from './hash.ts'

const domain = toUtf8('chengxin-commitment-v1\0')

export interface Opening {
  /** 16 to 255 random bytes, different for every commitment. */
  readonly salt: Uint8Array
  /** The value as canonical bytes (RFC 8785 JSON, or a document's own bytes). */
  readonly value: Uint8Array
}

/** SHA-256 of the domain, the salt's length in one byte, the salt and the value. Throws on a salt of another length. */
export function commit(sha256: Sha256, { salt, value }: Opening): Hash {
  if (salt.length < 16 || salt.length > 255) throw new Error('The salt of a commitment is 16 to 255 bytes.')
  return toBase64url(sha256(concatBytes(domain, Uint8Array.of(salt.length), salt, value))) as Hash
}

/** Whether the commitment is to this value with this salt. */
export function opensCommitment(sha256: Sha256, commitment: string, opening: Opening): boolean {
  if (opening.salt.length < 16 || opening.salt.length > 255) return false
  return commit(sha256, opening) === commitment
}
