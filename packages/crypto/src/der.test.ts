import { concatBytes, fromHex, toHex } from '@chengxin/kernel'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDer, readInteger, readOne } from './der.ts'
import { writeDer, writeInteger } from './der-write.ts'
import { ecdsaSignatureFromDer } from './ecdsa-der.ts'
import { normaliseLowS } from './strict-signature.ts'

const hex = (text: string) => fromHex(text) as Uint8Array

test.each<[string, string]>([
  ['no length', '30'],
  ['content cut short', '300201'],
  ['the indefinite form', '30800000'],
  ['a long length for a short content', '308101ff'],
  ['a length with a leading zero', `30820080${'00'.repeat(128)}`],
  ['a length of four bytes', '308400000001ff'],
  ['a tag of two bytes', '1f8100'],
])('%s is not DER', (_case, text) => {
  expect(readDer(hex(text))).toBeUndefined()
})

test.each<[string, string | undefined]>([
  ['020100', ''],
  ['02017f', '7f'],
  ['02020080', '80'],
  ['0203008000', '8000'],
  ['0200', undefined],
  ['020180', undefined],
  ['0202007f', undefined],
  ['02020000', undefined],
  ['040101', undefined],
])('the INTEGER %s', (text, magnitude) => {
  const [value] = readDer(hex(text)) ?? []
  const bytes = value && readInteger(value)
  expect(bytes && toHex(bytes)).toBe(magnitude)
})

test('what is written is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(1000), (bytes, padding) => {
      const value = readOne(writeInteger(bytes), 2)
      const magnitude = toHex(bytes).replace(/^(00)+/, '')
      expect(value && toHex(readInteger(value) as Uint8Array)).toBe(magnitude)
      const content = concatBytes(bytes, new Uint8Array(padding))
      expect(readOne(writeDer(4, content), 4)?.content).toEqual(content)
    }),
  )
})

test('ECDSA signatures in DER become the same 64 bytes, low', () => {
  const key = p256.utils.randomSecretKey()
  for (let round = 0; round < 20; round++) {
    const message = Uint8Array.of(round)
    const compact = p256.sign(message, key, { lowS: false })
    const der = p256.Signature.fromBytes(compact).toBytes('der')
    expect(ecdsaSignatureFromDer(der)).toEqual(normaliseLowS(compact))
  }
})

const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

test.each<[string, string]>([
  ['nothing', ''],
  ['one INTEGER', '3003020101'],
  ['three INTEGERs', '3009020101020101020101'],
  ['r of zero', '3006020100020101'],
  ['s of zero', '3006020101020100'],
  ['a negative s', '3006020101020181'],
  ['s of the order', `3026020101022100${order}`],
  ['s of 33 bytes', `30260201010221${'01'.repeat(33)}`],
  ['bytes after it', '300602010102010100'],
  ['an INTEGER with a needless zero', '300702010102020001'],
])('ECDSA with %s is not a signature', (_case, text) => {
  expect(ecdsaSignatureFromDer(hex(text))).toBeUndefined()
})
