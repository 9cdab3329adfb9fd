import { toUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publicPart } from './jwk.ts'
import { createSigner } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { privateJwkFrom, signPortably } from './private-key.ts'

const verifier = createVerifier()
const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes[0] !== 0xff && bytes.some(Boolean))

test.each(['EdDSA', 'ES256'] as const)('%s keys of a secret sign alike here and natively', (algorithm) => {
  fc.assert(
    fc.property(secret, fc.uint8Array(), (bytes, message) => {
      const key = privateJwkFrom(algorithm, bytes)
      const signature = signPortably(key, message)
      expect(verifier.verify(publicPart(key), message, signature)).toBe(true)
      expect(verifier.verify(publicPart(key), message, createSigner(key).sign(message))).toBe(true)
    }),
    { numRuns: 15 },
  )
})

test('a secret of another length, or no scalar of the curve, is refused', () => {
  expect(() => privateJwkFrom('EdDSA', toUtf8('short'))).toThrow()
  expect(() => privateJwkFrom('ES256', new Uint8Array(32))).toThrow()
  expect(() => privateJwkFrom('ES256', new Uint8Array(32).fill(0xff))).toThrow()
})
