import { generateKeyPairSync, sign } from 'node:crypto'
import { normaliseLowS, verifySignature } from '@chengxin/crypto'
import { fromBase64url, fromUtf8 } from '@chengxin/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertionBytes, rawSignature } from './passkey.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
const jwk = { kty, crv, x, y } as { kty: 'EC'; crv: 'P-256'; x: string; y: string }

test('a DER signature of OpenSSL verifies in its raw form', async () => {
  for (let round = 0; round < 64; round++) {
    const message = Uint8Array.of(round)
    const raw = rawSignature(sign('sha256', message, privateKey))
    expect(await verifySignature(jwk, message, normaliseLowS(raw))).toBe(true)
  }
})

test('anything but shortest DER of two integers is refused', () => {
  const good = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1)
  expect(rawSignature(good)).toHaveLength(64)
  for (const bad of [
    [],
    [0x30, 7, 2, 1, 1, 2, 1, 1],
    [0x31, 6, 2, 1, 1, 2, 1, 1],
    [0x30, 6, 3, 1, 1, 2, 1, 1],
    [0x30, 6, 2, 1, 0x81, 2, 1, 1],
    [0x30, 7, 2, 2, 0, 1, 2, 1, 1],
    [0x30, 5, 2, 0, 2, 1, 1],
    [0x30, 7, 2, 1, 1, 2, 1, 1, 0],
  ]) {
    expect(() => rawSignature(Uint8Array.from(bad))).toThrow('DER')
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(rawSignature(bytes)).toHaveLength(64)
      } catch (error) {
        expect((error as Error).message).toContain('DER')
      }
    }),
  )
})

test('an assertion travels as canonical JSON with a low s', () => {
  for (let round = 0; round < 8; round++) {
    const signature = sign('sha256', Uint8Array.of(round), privateKey)
    const buffer = new Uint8Array(signature).buffer
    const bytes = assertionBytes({ authenticatorData: new ArrayBuffer(37), clientDataJSON: buffer, signature: buffer })
    const text = fromUtf8(bytes) as string
    const parts = JSON.parse(text) as Record<string, string>
    expect(Object.keys(parts)).toEqual(['authenticatorData', 'clientDataJSON', 'signature'])
    expect(text).toBe(JSON.stringify(parts))
    const raw = fromBase64url(parts['signature'] as string) as Uint8Array
    expect(normaliseLowS(raw)).toEqual(raw)
  }
})
