/** Randomness from the system, in the forms an issuer needs. Nobody must be able to guess an order or a place. */
import { randomInt } from 'node:crypto'
import { freshBytes } from '@chengxin/crypto/node'
import { toBase64url } from '@chengxin/kernel'

/** 128 random bits: what RFC 9901 section 9.3 asks of a salt. */
export function randomSalt(): string {
  return toBase64url(freshBytes(16))
}

/** The members in a random order; every order is equally likely (Fisher and Yates). */
export function shuffled<T>(members: readonly T[]): T[] {
  const order = [...members]
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = randomInt(last + 1)
    const kept = order[last] as T
    order[last] = order[chosen] as T
    order[chosen] = kept
  }
  return order
}
