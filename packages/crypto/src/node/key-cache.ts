/**
 * Imported public keys, bounded. Importing a key costs OpenSSL more than verifying with it. Two generations instead of
 * one exact order of use: a hit in the young one is a single look-up, and what is not asked for again is dropped whole.
 */
import type { PublicJwk } from '../jwk.ts'

export interface KeyCache<Imported> {
  /** The imported form of the key, imported now if it is not at hand. */
  get(jwk: PublicJwk): Imported
}

/** Remembers at least the last `capacity` different keys, and never more than twice as many. */
export function createKeyCache<Imported>(
  capacity: number,
  importKey: (jwk: PublicJwk) => Imported,
): KeyCache<Imported> {
  let young = new Map<string, Imported>()
  let old = new Map<string, Imported>()
  return {
    get(jwk) {
      // The coordinates are what the thumbprint is the hash of, and cost no hash.
      const name = jwk.crv === 'P-256' ? `${jwk.x}.${jwk.y}` : jwk.x
      const known = young.get(name)
      if (known !== undefined) return known
      const imported = old.get(name) ?? importKey(jwk)
      if (young.size >= capacity) {
        old = young
        young = new Map()
      }
      young.set(name, imported)
      return imported
    },
  }
}
