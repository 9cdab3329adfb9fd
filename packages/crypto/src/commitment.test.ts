import { toBase64url, toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commit, opensCommitment } from './commitment.ts'
import { sha256 } from './hash.ts'

const salt = Uint8Array.from({ length: 16 }, (_, index) => index)
const opening = { salt, value: toUtf8('{"name":"陳大文"}') }

test('a commitment is the hash of domain, length of salt, salt and value', () => {
  const bytes = Uint8Array.of(...toUtf8('chengxin-commitment-v1'), 0, 16, ...salt, ...opening.value)
  expect(commit(sha256, opening)).toBe(toBase64url(sha256(bytes)))
})

test('it opens to its value with its salt and to nothing else', () => {
  const commitment = commit(sha256, opening)
  expect(opensCommitment(sha256, commitment, opening)).toBe(true)
  expect(opensCommitment(sha256, commitment, { ...opening, value: toUtf8('{}') })).toBe(false)
  expect(opensCommitment(sha256, commitment, { ...opening, salt: new Uint8Array(16) })).toBe(false)
  expect(opensCommitment(sha256, `${commitment}=`, opening)).toBe(false)
  expect(opensCommitment(sha256, '', opening)).toBe(false)
})

test('a byte cannot be moved between salt and value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 17, maxLength: 60 }), fc.integer({ min: 16, max: 60 }), (bytes, at) => {
      fc.pre(at < bytes.length)
      const whole = { salt: bytes, value: new Uint8Array(0) }
      const moved = { salt: bytes.slice(0, at), value: bytes.slice(at) }
      expect(commit(sha256, moved)).not.toBe(commit(sha256, whole))
    }),
  )
})

test('a salt that could be guessed is a fault of the caller, and opens nothing', () => {
  const short = { ...opening, salt: salt.slice(1) }
  expect(() => commit(sha256, short)).toThrow()
  expect(() => commit(sha256, { ...opening, salt: new Uint8Array(256) })).toThrow()
  expect(opensCommitment(sha256, commit(sha256, opening), short)).toBe(false)
})
