import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from './limits.ts'
import { parseAmount, splitByWeights } from './money.ts'

test.each([
  ['0', 0n],
  ['1', 1n],
  ['9223372036854775807', limits.amount],
  ['9223372036854775808', undefined],
  ['9999999999999999999', undefined],
  ['10000000000000000000', undefined],
  ['', undefined],
  ['00', undefined],
  ['01', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1.0', undefined],
  ['1e3', undefined],
  [' 1', undefined],
  ['0x1', undefined],
  ['１', undefined],
])('%j is the amount %s', (text, amount) => expect(parseAmount(text)).toBe(amount))

describe('splitByWeights', () => {
  test.each<[bigint, bigint[], bigint[]]>([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [101n, [1n, 1n, 1n], [34n, 34n, 33n]],
    [10n, [50n, 25n, 25n], [5n, 3n, 2n]],
    [1n, [1n, 2n], [0n, 1n]],
    [7n, [0n, 1n, 0n], [0n, 7n, 0n]],
    [0n, [3n, 4n], [0n, 0n]],
  ])('%s by %s is %s', (whole, weights, shares) => expect(splitByWeights(whole, weights)).toEqual(shares))

  test('adds up, and no share is a whole unit from its quota', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: limits.amount }), weights, (whole, list) => {
        const total = list.reduce((sum, weight) => sum + weight, 0n)
        if (total === 0n) return
        const shares = splitByWeights(whole, list)
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(whole)
        for (const [index, share] of shares.entries()) {
          const error = share * total - whole * (list[index] as bigint)
          expect(error < total && error > -total).toBe(true)
        }
      }),
    )
  })

  test.each<[bigint, bigint[]]>([
    [-1n, [1n]],
    [1n, []],
    [1n, [0n, 0n]],
    [1n, [2n, -1n]],
  ])('has no answer for %s by %s', (whole, weights) => expect(() => splitByWeights(whole, weights)).toThrow())
})
