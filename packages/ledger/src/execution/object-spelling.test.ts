/** Spelled with names learnt once, and what `canonicalize` writes: the same letters. */
import { canonicalize } from '@chengxin/kernel'
import { type JsonSchema, s } from '@chengxin/module-kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ObjectSpelling } from './object-spelling.ts'

const names = ['zeal', 'amount', 'Amount', 'a"b', '城', 'type-of', 'list']
const schema: JsonSchema = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) }
const member = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.bigInt({ min: 0n, max: 2n ** 64n }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(undefined),
  fc.array(fc.record({ y: fc.string({ unit: 'grapheme' }), x: fc.nat() }), { maxLength: 3 }),
)
const object = fc.record(Object.fromEntries(names.map((name) => [name, member])), { requiredKeys: [] })

test('objects of a schema are spelled as canonical JSON, plain and inside a list', () => {
  const spelling = new ObjectSpelling(schema)
  fc.assert(
    fc.property(object, (value) => {
      const text = canonicalize(value)
      expect(spelling.textOf(value)).toBe(text)
      spelling.spell(value)
      expect(spelling.text).toBe(text)
      expect(spelling.quoted).toBe(JSON.stringify(text))
    }),
  )
})

test('a constant stands among the members in its place, also where the schema is a choice', () => {
  const constant = { name: 'type', value: 'till.paid' }
  const spelling = new ObjectSpelling(schema, constant)
  const choice = new ObjectSpelling(s.choice('kind', { one: { zeal: s.integer(0, 9) } }).json, constant)
  fc.assert(
    fc.property(object, (value) => {
      expect(spelling.textOf(value)).toBe(canonicalize({ ...value, type: 'till.paid' }))
    }),
  )
  expect(choice.textOf({ zeal: 3, kind: 'one' })).toBe('{"kind":"one","type":"till.paid","zeal":3}')
})
