/**
 * SHA-256 (FIPS 180-4) as a value that is handed in: agreed execution runs where nothing can be imported, a browser has
 * no synchronous native hash, and Node has a fast one (`@chengxin/crypto/node`). Every function here that hashes takes a
 * `Sha256` first, so that the same code serves all three.
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** The 32-byte digest of the bytes. It neither keeps nor changes its argument, and its result is nobody else's memory. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** SHA-256 in plain JavaScript: runs everywhere, about twice the cost of the native one on short inputs. */
export const sha256: Sha256 = (bytes) => nobleSha256(bytes)
