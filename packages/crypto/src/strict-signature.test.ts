import { readFileSync } from 'node:fs'
import { concatBytes, equalBytes, fromHex, isRefusal, toBase64url, toHex } from '@chengxin/kernel'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PublicJwk } from './jwk.ts'
import { createSigner } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { normaliseLowS, refuseEd25519Point, refuseSignature } from './strict-signature.ts'
import { type VerifySignature, verifySignaturePortably } from './verify.ts'
import { generateKeyPair, signBytes, verifySignature } from './webcrypto.ts'

interface EdgeCases {
  cases: { case: string; message: string; publicKey: string; signature: string; accepted: boolean }[]
}
interface Rfc8032 {
  cases: { secretKey: string; publicKey: string; message: string; signature: string }[]
}

const edgeCases = vectors<EdgeCases>('ed25519-edge-cases.json').cases
const rfc8032 = vectors<Rfc8032>('rfc8032.json').cases

function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../vectors/crypto/${name}`, import.meta.url), 'utf8')) as T
}

const hex = (text: string) => fromHex(text) as Uint8Array
const ed25519Key = (x: Uint8Array): PublicJwk => ({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(x) })

const verifiers: [string, (...args: Parameters<VerifySignature>) => boolean | Promise<boolean>][] = [
  ['libsodium, where it loads', createVerifier().verify],
  ['OpenSSL', createVerifier({ ed25519: 'openssl' }).verify],
  ['plain JavaScript', verifySignaturePortably],
  ['WebCrypto', verifySignature],
]

describe.each(verifiers)('%s', (_name, verify) => {
  test.each(edgeCases)('Ed25519 edge case $case', async ({ message, publicKey, signature, accepted }) => {
    expect(await verify(ed25519Key(hex(publicKey)), hex(message), hex(signature))).toBe(accepted)
  })

  test.each(rfc8032)('RFC 8032 signature of "$message"', async ({ publicKey, message, signature }) => {
    const [key, signed] = [ed25519Key(hex(publicKey)), hex(signature)]
    expect(await verify(key, hex(message), signed)).toBe(true)
    expect(await verify(key, concatBytes(hex(message), Uint8Array.of(0)), signed)).toBe(false)
    for (const at of [0, 31, 32, 63]) {
      const changed = signed.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(await verify(key, hex(message), changed)).toBe(false)
    }
  })

  test('RFC 6979 A.2.5: the high s of the example is refused, its low s holds', async () => {
    const key = p256Key(
      '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
      '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
    )
    const high = hex(
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    )
    const message = new TextEncoder().encode('sample')
    expect(await verify(key, message, high)).toBe(false)
    expect(await verify(key, message, normaliseLowS(high))).toBe(true)
    expect(await verify(key, new TextEncoder().encode('test'), normaliseLowS(high))).toBe(false)
  })

  test('a key off its curve verifies nothing', async () => {
    const signature = concatBytes(hex('01'.padStart(64, '0')), hex('01'.padStart(64, '0')))
    expect(await verify(p256Key('11'.repeat(32), '22'.repeat(32)), Uint8Array.of(), signature)).toBe(false)
    const point = hex('02'.padEnd(64, '0'))
    expect(await verify(ed25519Key(point), Uint8Array.of(), hex(rfc8032[0]?.signature as string))).toBe(false)
  })

  test('what this platform signs holds, and one byte changed anywhere does not', async () => {
    for (const algorithm of ['EdDSA', 'ES256'] as const) {
      const pair = await generateKeyPair(algorithm)
      if (isRefusal(pair)) throw new Error(pair.refused)
      expect(pair.privateKey.extractable).toBe(false)
      const message = Uint8Array.from({ length: 40 }, (_, index) => index)
      // Half of all ECDSA signatures come out high, so ten in a row show that they are made low.
      for (let round = 0; round < 10; round++) {
        const signature = await signBytes(pair.privateKey, message)
        expect(await verify(pair.jwk, message, signature)).toBe(true)
        signature[round * 6] = (signature[round * 6] as number) ^ 0x10
        expect(await verify(pair.jwk, message, signature)).toBe(false)
      }
    }
  })
})

function p256Key(x: string, y: string): PublicJwk {
  return { kty: 'EC', crv: 'P-256', x: toBase64url(hex(x)), y: toBase64url(hex(y)) }
}

test.each(rfc8032)('a signer makes the RFC 8032 signature of "$message"', (vector) => {
  const x = toBase64url(hex(vector.publicKey))
  const signer = createSigner({ kty: 'OKP', crv: 'Ed25519', x, d: toBase64url(hex(vector.secretKey)) })
  expect(toHex(signer.sign(hex(vector.message)))).toBe(vector.signature)
})

const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
const half = '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8'
const one = '01'.padStart(64, '0')
const zero = '00'.repeat(32)

test.each<[string, string, string, string | undefined]>([
  ['r of zero', zero, one, 'signature_scalar_out_of_range'],
  ['s of zero', one, zero, 'signature_scalar_out_of_range'],
  ['r equal to the order', order, one, 'signature_scalar_out_of_range'],
  ['r beyond the order', 'ff'.repeat(32), one, 'signature_scalar_out_of_range'],
  ['s equal to the order', one, order, 'signature_scalar_out_of_range'],
  ['s above one half', one, half.replace(/a8$/, 'a9'), 'signature_s_high'],
  ['s one below the order', one, order.replace(/51$/, '50'), 'signature_s_high'],
  ['s of one half', one, half, undefined],
  ['r one below the order', order.replace(/51$/, '50'), one, undefined],
])('ES256 form: %s', (_case, r, s, code) => {
  expect(refuseSignature('ES256', concatBytes(hex(r), hex(s)))?.refused).toBe(code)
})

test('a DER signature and any other length are refused by length', () => {
  const der = p256.sign(Uint8Array.of(1), p256.utils.randomSecretKey(), { format: 'der' })
  for (const bytes of [der, new Uint8Array(0), new Uint8Array(63).fill(1), new Uint8Array(65).fill(1)]) {
    expect(refuseSignature('ES256', bytes)).toEqual({ refused: 'signature_length_wrong' })
    expect(refuseSignature('EdDSA', bytes)).toEqual({ refused: 'signature_length_wrong' })
  }
})

describe('Ed25519 points', () => {
  const { Point } = ed25519
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')

  test('all eight points of small order, in every spelling, are refused', () => {
    const spellings = new Set<string>()
    for (let times = 0n; times < 8n; times++) {
      const encoded = torsion.multiplyUnsafe(times).toBytes()
      for (const sign of [0, 0x80]) {
        encoded[31] = ((encoded[31] as number) & 0x7f) | sign
        spellings.add(toHex(encoded))
      }
    }
    expect(spellings.size).toBe(10)
    for (const spelling of spellings) {
      const signature = concatBytes(hex(spelling), hex(one))
      expect(refuseEd25519Point(hex(spelling))).toEqual({ refused: 'key_point_of_small_order' })
      expect(refuseSignature('EdDSA', signature)).toEqual({ refused: 'signature_point_of_small_order' })
    }
  })

  test('a y of 2^255 − 19 and above is refused, the largest below it is not', () => {
    for (let first = 0xed; first <= 0xff; first++) {
      for (const last of ['7f', 'ff']) {
        const point = hex(`${first.toString(16)}${'ff'.repeat(30)}${last}`)
        expect(refuseEd25519Point(point)).toEqual({ refused: 'key_point_not_canonical' })
      }
    }
    expect(refuseEd25519Point(hex(`eb${'ff'.repeat(30)}7f`))).toBeUndefined()
  })

  test('S at and above the order is refused, the largest below it is not', () => {
    const orderLittleEndian = hex('edd3f55c1a631258d69cf7a2def9de14'.padEnd(62, '0').concat('10'))
    const withS = (s: Uint8Array) => refuseSignature('EdDSA', concatBytes(Point.BASE.toBytes(), s))
    expect(withS(orderLittleEndian)).toEqual({ refused: 'signature_scalar_out_of_range' })
    expect(withS(new Uint8Array(32).fill(0xff))).toEqual({ refused: 'signature_scalar_out_of_range' })
    const below = orderLittleEndian.slice()
    below[0] = 0xec
    expect(withS(below)).toBeUndefined()
  })

  test('the rule agrees with curve arithmetic on random multiples of the base point', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: Point.Fn.ORDER - 1n }), fc.boolean(), (scalar, isMixed) => {
        const point = Point.BASE.multiply(scalar)
        const encoded = (isMixed ? point.add(torsion) : point).toBytes()
        expect(refuseEd25519Point(encoded)).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })
})

test('normaliseLowS is idempotent, negates s modulo the order, and throws beyond it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: p256.Point.Fn.ORDER - 1n }), (s) => {
      const signature = concatBytes(hex(one), hex(s.toString(16).padStart(64, '0')))
      const low = normaliseLowS(signature)
      const lowS = BigInt(`0x${toHex(low.subarray(32))}`)
      expect(lowS === s || lowS === p256.Point.Fn.ORDER - s).toBe(true)
      expect(refuseSignature('ES256', low)).toBeUndefined()
      expect(equalBytes(normaliseLowS(low), low)).toBe(true)
    }),
  )
  expect(() => normaliseLowS(concatBytes(hex(one), hex(order)))).toThrow()
  expect(() => normaliseLowS(hex(one))).toThrow()
})
