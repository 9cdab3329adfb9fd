/**
 * Money is a `bigint` in the smallest unit of its currency (avo, fen, point). There are no floats, and a division always
 * says where the remainder goes.
 */
import { limits } from './limits.ts'

const decimalText = /^(0|[1-9][0-9]{0,18})$/

/** The amount that a canonical decimal string spells (no sign, no leading zero, at most 2^63−1), or `undefined`. */
export function parseAmount(text: string): bigint | undefined {
  if (!decimalText.test(text)) return undefined
  const amount = BigInt(text)
  return amount <= limits.amount ? amount : undefined
}

/**
 * Splits a whole exactly by weights, with the largest-remainder method (Hamilton): every share is rounded down, and the
 * units left over go to the largest remainders, ties to the earlier share. The shares always add up to the whole.
 *
 * Throws on a negative whole or weight, or when all weights are zero: a rule that can get there must refuse first.
 */
export function splitByWeights(whole: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n)
  if (whole < 0n || total <= 0n || weights.some((weight) => weight < 0n)) {
    throw new Error('A split needs a whole of zero or more and weights of which one is positive.')
  }
  const shares = weights.map((weight) => (whole * weight) / total)
  const left = whole - shares.reduce((sum, share) => sum + share, 0n)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (whole * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  for (let unit = 0; unit < Number(left); unit++) {
    const winner = byRemainder[unit] as { index: number }
    shares[winner.index] = (shares[winner.index] as bigint) + 1n
  }
  return shares
}
