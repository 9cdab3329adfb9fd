import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase64url } from './bytes.ts'
import { isDid, isHash } from './ids.ts'
import { expectOk, isRefusal, refuse } from './result.ts'

const address = `0x${'0123456789abcdef'.repeat(3).slice(0, 40)}`

test.each([
  [`did:weid:sample:${address}`, true],
  [`did:weid:${'a'.repeat(32)}:${address}`, true],
  [`did:weid:${'a'.repeat(33)}:${address}`, false],
  [`did:weid::${address}`, false],
  [`did:weid:Sample:${address}`, false],
  [`did:weid:sample:${address.toUpperCase()}`, false],
  [`did:weid:sample:${address}0`, false],
  [`did:weid:sample:${address}\n`, false],
  [`did:web:sample:${address}`, false],
  [`did:weid:sam-ple:${address}`, false],
  [`did:weid:sample:0X${address.slice(2)}`, false],
  [`did:weid:sample:${address.slice(0, -1)}g`, false],
  [`did:weid:sample:${address.slice(0, -1)}`, false],
  [`did:weid:sample${address}`, false],
  ['', false],
])('%j is a DID: %s', (text, verdict) => expect(isDid(text)).toBe(verdict))

test('a DID is what its pattern says, whatever one changes in it', () => {
  const pattern = /^did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}$/
  const did = `did:weid:sample:${address}`
  const piece = fc.constantFrom('', ':', '0', 'x', '0x', 'f', 'g', 'A', '-', 'é', '/', '`', '{', '@', 'did:weid:')
  fc.assert(
    fc.property(fc.nat({ max: did.length }), fc.nat({ max: 3 }), piece, (at, cut, put) => {
      const changed = did.slice(0, at) + put + did.slice(at + cut)
      expect(isDid(changed)).toBe(pattern.test(changed))
    }),
    { numRuns: 2000 },
  )
})

test('a hash is 32 bytes in their one spelling', () => {
  const hash = toBase64url(new Uint8Array(32).fill(255))
  expect(isHash(hash)).toBe(true)
  expect([hash.slice(1), `${hash}A`, `${hash.slice(0, 42)}9`, `${hash}=`, ''].map(isHash)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ])
})

test('a refusal is told from a value by its code', () => {
  expect([refuse('too_low'), { refused: 1 }, null, 'too_low', []].map(isRefusal)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
  expect(expectOk(7)).toBe(7)
  expect(() => expectOk(refuse('too_low'))).toThrow('too_low')
})
