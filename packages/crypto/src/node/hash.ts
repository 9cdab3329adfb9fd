/**
 * SHA-256 by OpenSSL, in one call. Measured against createHash and libsodium on 65 to 4,000 bytes: equal to libsodium
 * at 65, ahead of both from 200 on. The view drops `Buffer`, whose `slice` shares memory where Uint8Array's copies.
 */
import { hash } from 'node:crypto'
import type { Sha256 } from '../hash.ts'

/** SHA-256, native. */
export const sha256: Sha256 = (bytes) => {
  const digest = hash('sha256', bytes, 'buffer')
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}
