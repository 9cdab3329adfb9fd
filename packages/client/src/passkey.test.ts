import { generateKeyPairSync, sign } from 'node:crypto'
import { normaliseLowS } from '@chengxin/crypto'
import { fromBase64url, fromUtf8 } from '@chengxin/kernel'
import { expect, test } from 'vitest'
import { assertionBytes } from './passkey.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

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

test('an assertion that is signed in no known way is the fault of the device', () => {
  const nothing = new ArrayBuffer(0)
  const assertion = { authenticatorData: nothing, clientDataJSON: nothing, signature: new Uint8Array(70).buffer }
  expect(() => assertionBytes(assertion)).toThrow('not DER')
})
