/** What was sealed by any version opens: the place is bound in the one spelling that RFC 8785 gives it. */
import { canonicalize, type Json } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SealedPlace, seal, unseal } from './sealing.ts'

const word = fc.string({ unit: 'binary', maxLength: 20 })
const part = fc.oneof(word, fc.maxSafeNat(), fc.array(word, { maxLength: 4 }))
const places: fc.Arbitrary<SealedPlace> = fc.array(part, { maxLength: 6 })

test('the JSON of a place is its canonical form, whatever the words', () => {
  fc.assert(
    fc.property(places, (place) => {
      expect(JSON.stringify(place)).toBe(canonicalize(place as Json))
    }),
  )
})

test('what was sealed opens with its key and place, and with no other nor after any change', () => {
  const key = new Uint8Array(32).fill(7)
  const contents = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(contents, places, fc.nat(), (content, place, at) => {
      const sealed = seal(key, content, place)
      expect(sealed.length).toBe(content.length + 28)
      expect(unseal(key, sealed, place)).toEqual(content)
      expect(unseal(new Uint8Array(32), sealed, place)).toBeUndefined()
      expect(unseal(key, sealed, [...place, 'more'])).toBeUndefined()
      const changed = sealed.with(at % sealed.length, ((sealed[at % sealed.length] as number) + 1) & 255)
      expect(unseal(key, changed, place)).toBeUndefined()
      expect(unseal(key, sealed.subarray(0, at % sealed.length), place)).toBeUndefined()
    }),
  )
})

test('the same content sealed twice shows no likeness', () => {
  const key = new Uint8Array(32).fill(7)
  expect(seal(key, new Uint8Array(64), ['a'])).not.toEqual(seal(key, new Uint8Array(64), ['a']))
})
