/** RFC 8785: its own example and number table, then what a ledger adds to it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, hasLoneSurrogate, type Json, parseCanonical } from './canonical.ts'
import { isCanonicalText } from './canonical-scan.ts'
import { isRefusal } from './result.ts'

describe('canonicalize', () => {
  test('the sample object of RFC 8785 section 3.2.2', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    )
    expect(canonicalize(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('the sorting of RFC 8785 section 3.2.3', () => {
    const value = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    }
    // Read from the text: an object that is parsed again would put the name 1 first whatever the text says.
    const names = [...canonicalize(value).matchAll(/"((?:[^"\\]|\\.)*)":/g)].map(([, name]) => JSON.parse(`"${name}"`))
    expect(names).toEqual(['\r', '1', '\u0080', 'ö', '€', '😀', '\ufb33'])
  })

  // RFC 8785 appendix B: IEEE 754 bits and their one spelling.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number %s', (bits, spelling) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(`0x${bits}`))
    expect(canonicalize(view.getFloat64(0))).toBe(spelling)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { a: '\udc00' }, () => 0, undefined])(
    'has no spelling for %s',
    (value) => expect(() => canonicalize(value)).toThrow(),
  )

  test('writes amounts as decimal strings and leaves out what is undefined', () => {
    expect(canonicalize({ b: 2n ** 63n - 1n, a: undefined })).toBe('{"b":"9223372036854775807"}')
  })
})

describe('a value that reads as a refusal', () => {
  test('is none of its author’s choosing', () => {
    expect(parseCanonical('{"refused":"disk_full"}', { depth: 4 })).toEqual({ refused: 'json_not_canonical' })
    expect(parseCanonical('{"a":1,"refused":"disk_full"}', { depth: 4 })).toEqual({ refused: 'json_not_canonical' })
    expect(parseCanonical('{"refused":1}', { depth: 4 })).toEqual({ refused: 1 })
  })
})

describe('parseCanonical', () => {
  test.each([
    ['{"a":1,"b":[true,null,"x"],"c":{}}'],
    ['"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028€😀"'],
    ['-9007199254740991'],
    ['9007199254740991'],
    ['{"":0,"\\n":1,"a":2,"aa":3,"b":4}'],
    ['{"\\n":1," ":2,"\\"":3,"#":4,"\\\\":5,"]":6}'],
    ['[]'],
  ])('takes %s', (text) => expect(parseCanonical(text, { depth: 4 })).toEqual(JSON.parse(text)))

  test.each([
    ['', 'json_malformed'],
    ['{', 'json_malformed'],
    ['[1,]', 'json_malformed'],
    ['[,1]', 'json_malformed'],
    ['{"a":1,}', 'json_malformed'],
    ['{"a"}', 'json_malformed'],
    ['"a', 'json_malformed'],
    ['"\\', 'json_malformed'],
    ['01', 'json_malformed'],
    ['-', 'json_malformed'],
    ['tru', 'json_malformed'],
    ['1 2', 'json_malformed'],
    ['"\u001f"', 'json_malformed'],
    ['\ufeff1', 'json_malformed'],
    ['[[[[[]]]]]', 'json_too_deep'],
    ['1.5', 'json_number_not_allowed'],
    ['1.0', 'json_not_canonical'],
    ['1e3', 'json_not_canonical'],
    ['-0', 'json_number_not_allowed'],
    ['9007199254740992', 'json_number_not_allowed'],
    ['9007199254740993', 'json_number_not_allowed'],
    ['-9007199254740992', 'json_number_not_allowed'],
    ['10000000000000000000', 'json_number_not_allowed'],
    ['1e400', 'json_number_not_allowed'],
    [' 1', 'json_not_canonical'],
    ['1\n', 'json_not_canonical'],
    ['{"b":1,"a":2}', 'json_not_canonical'],
    ['{"a":1,"a":2}', 'json_not_canonical'],
    ['{"a":1,"\\u0061":2}', 'json_not_canonical'],
    ['{"\\"":1,"\\n":2}', 'json_not_canonical'],
    ['"\\u0041"', 'json_not_canonical'],
    ['"\\u000A"', 'json_not_canonical'],
    ['"\\u000a"', 'json_not_canonical'],
    ['"\\/"', 'json_not_canonical'],
    ['"\\ud83d\\ude00"', 'json_not_canonical'],
    ['"\ud83d"', 'json_not_canonical'],
    ['"\ude00\ud83d"', 'json_not_canonical'],
    ['{"\ud83d":1}', 'json_not_canonical'],
  ])('refuses %j with %s', (text, code) => {
    expect(parseCanonical(text, { depth: 4 })).toEqual({ refused: code })
  })
})

/** The definition that the scan must agree with: parse, judge, write again, compare. */
function isCanonicalByDefinition(text: string, depth: number): boolean {
  let value: Json
  try {
    value = JSON.parse(text) as Json
    return depthOf(value) <= depth && hasAgreedNumbers(value) && canonicalize(value) === text
  } catch {
    return false
  }
}

function depthOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map((member) => depthOf(member)))
}

function hasAgreedNumbers(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((member) => hasAgreedNumbers(member))
}

test('hostile nesting is refused and never recursed into', () => {
  for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000)]) {
    expect(parseCanonical(text, { depth: 12 })).toEqual({ refused: 'json_too_deep' })
  }
})

describe('isCanonicalText', () => {
  const names = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'binary', maxLength: 4 }))
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
    ),
  })).value

  test('agrees with the definition on canonical texts', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 5 }), (value, depth) => {
        let text: string
        try {
          text = canonicalize(value)
        } catch {
          return
        }
        expect(isCanonicalText(text, depth)).toBe(isCanonicalByDefinition(text, depth))
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with the definition on texts with one change', () => {
    const pieces = fc.constantFrom(
      ...'{}[]",:\\/ -+.eE0123456789abfnrtu\n\u001f\u007f\ud800\udc00é'.split(''),
      '\\u0061',
      '\\u001f',
      '\\u001F',
      '"a":',
      '[]',
      'null',
    )
    fc.assert(
      fc.property(values, fc.nat(), fc.nat({ max: 2 }), pieces, (value, place, cut, piece) => {
        let text: string
        try {
          text = canonicalize(value)
        } catch {
          return
        }
        const from = place % (text.length + 1)
        const changed = text.slice(0, from) + piece + text.slice(from + cut)
        expect(isCanonicalText(changed, 5)).toBe(isCanonicalByDefinition(changed, 5))
        expect(isRefusal(parseCanonical(changed, { depth: 5 }))).toBe(!isCanonicalByDefinition(changed, 5))
      }),
      { numRuns: 5000 },
    )
  })
})

test('a surrogate is lone unless its pair follows', () => {
  expect(['😀', '\ud83d', '\ude00', 'a\ud83d', '\ud83da', '\ude00\ud83d', '😀😀'].map(hasLoneSurrogate)).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
    false,
  ])
})
