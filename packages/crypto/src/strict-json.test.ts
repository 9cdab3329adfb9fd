import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJsonObject } from './strict-json.ts'

test.each<[string, string, boolean]>([
  ['no member', '{}', true],
  ['the same name in two objects', '{"a":{"x":1},"b":{"x":2}}', true],
  ['the same name within and without', '{"a":{"a":{"a":1}}}', true],
  ['a value equal to a name', '{"a":"b","b":"a"}', true],
  ['a colon within a value', '{"a":"b\\":","b":":"}', true],
  ['white space before the colon', '{"a" \t\r\n:1,"b":2}', true],
  ['a name twice', '{"a":1,"a":1}', false],
  ['a name twice, deep in a list', '{"l":[1,{"b":[{"a":1,"a":2}]}]}', false],
  ['a name twice after an inner object', '{"a":{"b":1},"a":2}', false],
  ['a name twice in another spelling', '{"é":1,"\\u00e9":2}', false],
  ['a name twice with white space between', '{"a":1, "a" : 2}', false],
  ['a list', '[]', false],
  ['a string', '"a"', false],
  ['a byte order mark', '\ufeff{}', false],
  ['a trailing comma', '{"a":1,}', false],
  ['something after the end', '{}{}', false],
])('%s', (_case, text, accepted) => {
  expect(parseJsonObject(text) !== undefined).toBe(accepted)
})

test('whatever JSON.stringify writes of an object is read as JSON.parse reads it, with and without white space', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      expect(parseJsonObject(text)).toEqual(JSON.parse(text))
    }),
  )
})
