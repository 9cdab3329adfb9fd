import { fromHex, toHex } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cbor, decodeCbor, encodeCbor } from './cbor.ts'

/** RFC 8949 appendix A, as far as receipts are made of it. */
test.each<[Cbor, string]>([
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [null, 'f6'],
  [fromHex('') as Uint8Array, '40'],
  [fromHex('01020304') as Uint8Array, '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['水', '63e6b0b4'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [Array.from({ length: 25 }, (_, index) => index + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [new Map(), 'a0'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [{ tag: 18, value: [] }, 'd280'],
])('%j is %s', (value, hex) => {
  expect(toHex(encodeCbor(value))).toBe(hex)
  expect(decodeCbor(fromHex(hex) as Uint8Array)).toEqual(value)
})

test.each([
  ['nothing', ''],
  ['a second value', '0000'],
  ['a number longer than it must be', '1817'],
  ['a length longer than it must be', '580101'],
  ['a number beyond 53 bits', '1bffffffffffffffff'],
  ['bytes that end early', '4401'],
  ['text that is not UTF-8', '61ff'],
  ['a list of a billion that is empty', '9a3b9aca00'],
  ['a list without an end mark', '9f01ff'],
  ['keys out of order', 'a203040102'],
  ['a key twice', 'a201020102'],
  ['a key that is text', 'a1614101'],
  ['a float', 'f93c00'],
  ['a truth value', 'f5'],
  ['a list in a list, too deep', '81818181818181818180'],
])('%s is not read', (_case, hex) => {
  expect(decodeCbor(fromHex(hex) as Uint8Array)).toBeUndefined()
})

test('what is read is written as it was, and nothing makes the reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const value = decodeCbor(bytes)
      if (value !== undefined) expect(encodeCbor(value)).toEqual(bytes)
    }),
    { numRuns: 5000 },
  )
})

test('numbers that are not whole are our mistake', () => {
  expect(() => encodeCbor(0.5)).toThrow('whole')
})
