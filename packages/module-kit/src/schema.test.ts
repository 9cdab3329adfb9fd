/** Where the vocabulary reads by hand what a pattern says, the two must agree. */
import { limits } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault, s } from './schema.ts'

describe('an id', () => {
  const schema = s.id('account')
  const pattern = new RegExp(schema.json['pattern'] as string)
  const takes = (value: string) => !(schema.decode(value) instanceof Fault)

  test.each([
    ['account_abcd', true],
    ['account_a_-d', true],
    ['account_0bc9', true],
    [`account_${'a'.repeat(40)}`, true],
    [`account_${'a'.repeat(41)}`, false],
    ['account_abc', false],
    ['account__bcd', false],
    ['account_abc-', false],
    ['account_Abcd', false],
    ['account_abcé', false],
    ['accounts_abcd', false],
    ['account_abcd\n', false],
    ['', false],
  ])('%j: %s', (value, verdict) => {
    expect(takes(value)).toBe(verdict)
    expect(pattern.test(value)).toBe(verdict)
  })

  test('is what its pattern says, whatever one changes in it', () => {
    const good = 'account_some-name_1'
    const piece = fc.constantFrom('', '_', '-', '0', 'z', 'A', '{', '`', '/', ':', 'é', 'account_', ' ')
    fc.assert(
      fc.property(
        fc.nat({ max: good.length }),
        fc.nat({ max: 9 }),
        piece,
        fc.nat({ max: 30 }),
        (at, cut, put, more) => {
          const changed = good.slice(0, at) + put + good.slice(at + cut) + 'x'.repeat(more)
          expect(takes(changed)).toBe(pattern.test(changed))
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('an amount', () => {
  test.each([
    ['0', 0n],
    ['9223372036854775807', limits.amount],
    [limits.amount, limits.amount],
    ['9223372036854775808', undefined],
    [limits.amount + 1n, undefined],
    [-1n, undefined],
    ['-1', undefined],
    [1, undefined],
  ])('%s in the form of a wire or of a rule', (value, amount) => {
    const decoded = s.amount().decode(value as never)
    expect(decoded instanceof Fault ? undefined : decoded).toBe(amount)
    const positive = s.positiveAmount().decode(value as never)
    expect(positive instanceof Fault ? undefined : positive).toBe(amount === 0n ? undefined : amount)
  })
})

describe('an object', () => {
  const schema = s.object({ name: s.word(), note: s.optional(s.word()) })

  test.each([
    [{ name: 'ab' }, { name: 'ab' }],
    [{ name: 'ab', note: undefined }, { name: 'ab' }],
    [
      { name: 'ab', note: 'cd' },
      { name: 'ab', note: 'cd' },
    ],
    [{ name: 'ab', memo: undefined }, { name: 'ab' }],
    [{ name: 'ab', memo: 'cd' }, '/memo'],
    [{ note: 'cd' }, '/name'],
    [{ name: 'ab', note: 'C' }, '/note'],
    [['ab'], ''],
    [null, ''],
    ['ab', ''],
  ])('%j', (value, expected) => {
    const decoded = schema.decode(value as never)
    expect(decoded instanceof Fault ? decoded.at : decoded).toEqual(expected)
    if (!(decoded instanceof Fault)) expect(Object.keys(decoded)).toEqual(Object.keys(expected))
  })

  test('does not take what a prototype has for a member', () => {
    expect(s.object({ constructor: s.optional(s.word()) }).decode({})).toEqual({})
    expect(schema.decode(JSON.parse('{"name":"ab","__proto__":{}}'))).toBeInstanceOf(Fault)
  })
})
