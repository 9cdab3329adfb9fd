import { toBase64url } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PublicJwk } from '../jwk.ts'
import { verifySignaturePortably } from '../verify.ts'
import { createKeyCache } from './key-cache.ts'
import { createSigner, generatePrivateJwk } from './sign.ts'
import { loadSodium } from './sodium.ts'
import { createVerifier } from './verify.ts'

const keyOf = (n: number): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: toBase64url(new Uint8Array(32).fill(n)),
})

test('imported keys are kept while they are used, and never more than twice the capacity', () => {
  const imports: string[] = []
  const cache = createKeyCache(3, (jwk) => {
    imports.push(jwk.x)
    return { of: jwk.x }
  })
  const first = cache.get(keyOf(0))
  for (let round = 1; round < 30; round++) {
    expect(cache.get(keyOf(round)).of).toBe(keyOf(round).x)
    expect(cache.get(keyOf(0))).toBe(first)
  }
  expect(imports.length).toBe(30)
  for (let n = 1; n < 10; n++) cache.get(keyOf(n))
  expect(cache.get(keyOf(0))).not.toBe(first)
})

test('a key that no signature can hold under is remembered as such', () => {
  const { verify } = createVerifier({ cachedKeys: 1 })
  const signature = createSigner(generatePrivateJwk('EdDSA')).sign(Uint8Array.of(1))
  for (let round = 0; round < 3; round++) {
    expect(verify({ kty: 'OKP', crv: 'Ed25519', x: 'short' }, Uint8Array.of(1), signature)).toBe(false)
    expect(verify(keyOf(0), Uint8Array.of(1), signature)).toBe(false)
  }
})

test('what does the work is named', () => {
  expect(createVerifier({ ed25519: 'openssl' }).backends).toEqual({ EdDSA: 'openssl', ES256: 'openssl' })
  const fastest = loadSodium() ? 'sodium-native' : 'openssl'
  expect(createVerifier().backends).toEqual({ EdDSA: fastest, ES256: 'openssl' })
  if (!loadSodium()) expect(() => createVerifier({ ed25519: 'sodium-native' })).toThrow()
})

test('all verifiers give one verdict on signatures changed at random', () => {
  const verifiers = [createVerifier().verify, createVerifier({ ed25519: 'openssl' }).verify, verifySignaturePortably]
  const signers = (['EdDSA', 'ES256'] as const).map((algorithm) => createSigner(generatePrivateJwk(algorithm)))
  const change = fc.record({ at: fc.nat(63), byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xec, 0xed, 0xff) })
  fc.assert(
    fc.property(
      fc.constantFrom(...signers),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(change, { maxLength: 3 }),
      (signer, message, changes) => {
        const signature = signer.sign(message)
        for (const { at, byte } of changes) signature[at] = byte
        const verdicts = verifiers.map((verify) => verify(signer.jwk, message, signature))
        expect(new Set(verdicts).size).toBe(1)
        if (changes.length === 0) expect(verdicts[0]).toBe(true)
      },
    ),
  )
})
