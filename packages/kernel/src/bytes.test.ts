/** Against Node's own coders, and against what they let through. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareBytes,
  compareText,
  concatBytes,
  equalBytes,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64url,
  toHex,
  toUtf8,
} from './bytes.ts'

const someBytes = fc.uint8Array({ maxLength: 70 })

describe('base64url', () => {
  // RFC 4648 section 10, without padding.
  test.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('%j is %j', (text, encoded) => {
    expect(toBase64url(toUtf8(text))).toBe(encoded)
    expect(fromBase64url(encoded)).toEqual(toUtf8(text))
  })

  test('is what Node writes, and comes back', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes)
      }),
    )
  })

  test.each(['A', 'Zg==', 'Zh', 'Zm9=', 'Zm+v', 'Zm/v', ' Zg', 'Zg\n', 'Zmé', 'AAAAA', 'Zm9'])(
    '%j is no spelling',
    (text) => {
      expect(fromBase64url(text)).toBeUndefined()
    },
  )

  test('no two texts spell the same bytes', () => {
    const characters = fc.constantFrom(...'AQgwBZ-_09+/='.split(''))
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 9 }), (parts) => {
        const text = parts.join('')
        const bytes = fromBase64url(text)
        if (bytes) expect(toBase64url(bytes)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })
})

test('hexadecimal is lower case and even', () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      expect(fromHex(toHex(bytes))).toEqual(bytes)
    }),
  )
  expect(['a', 'AB', '0g', ' 0', 'é0'].map(fromHex)).toEqual([undefined, undefined, undefined, undefined, undefined])
})

describe('UTF-8', () => {
  test('is what the platform writes, and comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)))
        expect(fromUtf8(toUtf8(text))).toBe(text)
      }),
    )
  })

  test('is refused exactly where the platform refuses it', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const bytes = fc.array(
      fc.constantFrom(
        0x41,
        0x7f,
        0x80,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0x9f,
        0xa0,
        0xed,
        0xef,
        0xbb,
        0xf0,
        0x8f,
        0x90,
        0xf4,
        0xf5,
        0xff,
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(bytes, (list) => {
        let expected: string | undefined
        try {
          expected = strict.decode(Uint8Array.from(list))
        } catch {
          expected = undefined
        }
        expect(fromUtf8(Uint8Array.from(list))).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  test.each(['\ud800', 'a\udc00', '\udc00\ud800'])('a lone surrogate has no bytes', (text) => {
    expect(() => toUtf8(text)).toThrow()
  })
})

test('bytes are ordered as Node orders them, and joined in order', () => {
  fc.assert(
    fc.property(someBytes, someBytes, (left, right) => {
      expect(compareBytes(left, right)).toBe(Buffer.compare(left, right))
      expect(equalBytes(left, right)).toBe(Buffer.compare(left, right) === 0)
      expect(concatBytes(left, right)).toEqual(new Uint8Array(Buffer.concat([left, right])))
    }),
  )
})

test('text is ordered by code units, so an astral character comes before U+FFFF', () => {
  expect([compareText('a', 'b'), compareText('b', 'a'), compareText('a', 'a'), compareText('😀', '\uffff')]).toEqual([
    -1, 1, 0, -1,
  ])
})
