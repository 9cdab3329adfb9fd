import { fromBase64url, fromHex, isRefusal, toBase64url } from '@chengxin/kernel'
import { p256 } from '@noble/curves/nist.js'
import { expect, test } from 'vitest'
import { sha256 } from './hash.ts'
import { algorithmOf, ed25519Jwk, type P256PublicJwk, p256Jwk, parsePublicJwk, publicPart, thumbprint } from './jwk.ts'
import { sha256 as nativeSha256 } from './node/hash.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'

// RFC 8037 appendix A.2 and RFC 7515 appendix A.3.1.
const edwards = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const weierstrass = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}

test('the keys of the RFCs are let in as they are', () => {
  expect(parsePublicJwk(edwards)).toEqual(edwards)
  expect(parsePublicJwk(weierstrass)).toEqual(weierstrass)
})

test('the RFC 8037 A.3 thumbprint, with either hash, whatever the order of members', () => {
  const expected = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
  for (const hash of [sha256, nativeSha256]) {
    expect(thumbprint(hash, { x: edwards.x, kty: 'OKP', crv: 'Ed25519' })).toBe(expected)
  }
})

const littleEndianOne = toBase64url(Uint8Array.of(1, ...new Uint8Array(31)))

test.each<[string, unknown, string]>([
  ['no object', 'key', 'key_malformed'],
  ['null', null, 'key_malformed'],
  ['a list', [edwards], 'key_malformed'],
  ['a private key', { ...edwards, d: edwards.x }, 'key_malformed'],
  ['an optional member', { ...edwards, kid: '1' }, 'key_malformed'],
  ['a missing coordinate', { ...weierstrass, y: undefined }, 'key_malformed'],
  ['a coordinate too many', { ...edwards, y: weierstrass.y }, 'key_malformed'],
  ['RSA', { kty: 'RSA', n: 'AQ', e: 'AQAB' }, 'key_malformed'],
  ['a symmetric key', { kty: 'oct', k: edwards.x }, 'key_malformed'],
  ['another curve', { ...weierstrass, crv: 'P-384' }, 'key_malformed'],
  ['a curve of the other type', { ...edwards, crv: 'P-256' }, 'key_malformed'],
  ['padding', { ...edwards, x: `${edwards.x}=` }, 'key_malformed'],
  ['stray trailing bits', { ...edwards, x: edwards.x.replace(/o$/, 'p') }, 'key_malformed'],
  ['31 bytes', { ...edwards, x: toBase64url(new Uint8Array(31)) }, 'key_malformed'],
  ['33 bytes', { ...edwards, x: toBase64url(new Uint8Array(33)) }, 'key_malformed'],
  ['y beyond the field', { ...edwards, x: toBase64url(new Uint8Array(32).fill(0xff)) }, 'key_point_not_canonical'],
  ['the neutral point', { ...edwards, x: littleEndianOne }, 'key_point_of_small_order'],
  ['off Ed25519', { ...edwards, x: toBase64url(Uint8Array.of(2, ...new Uint8Array(31))) }, 'key_not_on_curve'],
  ['off P-256', { ...weierstrass, y: weierstrass.x }, 'key_not_on_curve'],
  ['zero', { ...weierstrass, x: 'A'.repeat(43), y: 'A'.repeat(43) }, 'key_not_on_curve'],
])('%s is refused', (_case, value, code) => {
  expect(parsePublicJwk(value)).toEqual({ refused: code })
})

test('a P-256 coordinate beyond the field is not read modulo the field', () => {
  let x = 1n
  while (isRefusal(parsePublicJwk(p256At(x))) && x < 50n) x++
  const jwk = p256At(x)
  expect(parsePublicJwk(jwk)).toEqual(jwk)
  expect(parsePublicJwk({ ...jwk, x: toBase64url(thirtyTwoBytes(x + p256.Point.Fp.ORDER)) })).toEqual({
    refused: 'key_not_on_curve',
  })
})

/** The point of the curve with this x, or, where there is none, x with a y that cannot belong to it. */
function p256At(x: bigint): P256PublicJwk {
  const { Fp, CURVE } = p256.Point
  const square = Fp.add(Fp.add(Fp.pow(x, 3n), Fp.mul(CURVE().a, x)), CURVE().b)
  const y = Fp.pow(square, (Fp.ORDER + 1n) / 4n)
  return { kty: 'EC', crv: 'P-256', x: toBase64url(thirtyTwoBytes(x)), y: toBase64url(thirtyTwoBytes(y)) }
}

function thirtyTwoBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')) as Uint8Array
}

test('raw points become keys, and a compressed one is refused', () => {
  expect(ed25519Jwk(fromBase64url(edwards.x) as Uint8Array)).toEqual(edwards)
  const [x, y] = [fromBase64url(weierstrass.x), fromBase64url(weierstrass.y)] as [Uint8Array, Uint8Array]
  expect(p256Jwk(Uint8Array.of(4, ...x, ...y))).toEqual(weierstrass)
  expect(p256Jwk(Uint8Array.of(3, ...x))).toEqual({ refused: 'key_malformed' })
})

test('generated keys are let in, and their public part has no secret', () => {
  for (const algorithm of ['EdDSA', 'ES256'] as const) {
    const jwk = publicPart(generatePrivateJwk(algorithm))
    expect(jwk).not.toHaveProperty('d')
    expect(isRefusal(parsePublicJwk(jwk))).toBe(false)
    expect(algorithmOf(jwk)).toBe(algorithm)
  }
})

test('every generated P-256 key has its 32 bytes, small numbers among them, and signs what its public part verifies', () => {
  const keys = Array.from({ length: 4096 }, () => generatePrivateJwk('ES256'))
  expect(new Set(keys.map(({ d }) => d)).size).toBe(keys.length)
  const numbers = keys.flatMap((key) => [key.d, key.x, (key as P256PublicJwk).y])
  expect(new Set(numbers.map((text) => fromBase64url(text)?.length))).toEqual(new Set([32]))
  // Every 256th begins with a zero byte, which its generator leaves out.
  const small = keys.filter(({ d }) => fromBase64url(d)?.[0] === 0)
  expect(small.length).toBeGreaterThan(0)
  const message = new TextEncoder().encode('abc')
  for (const key of [...small, ...keys.slice(0, 16)]) {
    const { jwk, sign } = createSigner(key)
    expect(p256.verify(sign(message), message, uncompressed(jwk as P256PublicJwk))).toBe(true)
  }
})

function uncompressed({ x, y }: P256PublicJwk): Uint8Array {
  return Uint8Array.of(4, ...(fromBase64url(x) as Uint8Array), ...(fromBase64url(y) as Uint8Array))
}

test('both hashes agree with each other and with FIPS 180-4', () => {
  const abc = new TextEncoder().encode('abc')
  const digest = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'
  expect(toBase64url(sha256(abc))).toBe(digest)
  expect(toBase64url(nativeSha256(abc))).toBe(digest)
  const slice = nativeSha256(abc).slice(0, 4)
  expect(Object.getPrototypeOf(slice)).toBe(Uint8Array.prototype)
  for (const size of [0, 55, 56, 63, 64, 65, 1000]) {
    const bytes = new Uint8Array(size).fill(size)
    expect(nativeSha256(bytes)).toEqual(sha256(bytes))
  }
})
