/**
 * SHA-256 by OpenSSL, in one call. Measured against createHash and libsodium on 65 to 4,000 bytes: ahead of both. The
 * digest comes as one character a byte, because memory that is handed over from outside the engine costs three times the
 * hash; the bytes it becomes are the engine's own, and nobody else's.
 */
import { hash } from 'node:crypto'
import type { Sha256 } from '../hash.ts'

const digestBytes = 32

/** SHA-256, native. */
export const sha256: Sha256 = (bytes) => {
  const digest = hash('sha256', bytes, 'binary')
  const copy = new Uint8Array(digestBytes)
  for (let index = 0; index < digestBytes; index++) copy[index] = digest.charCodeAt(index)
  return copy
}
