/** Writes the DER (X.690) that der.ts reads. */
import { concatBytes, fromHex, toUtf8 } from '@chengxin/kernel'
import { derTags } from './der.ts'

/** A value of this tag around its contents. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents)
  return concatBytes(Uint8Array.of(tag), writeLength(content.length), content)
}

export function writeSequence(...contents: readonly Uint8Array[]): Uint8Array {
  return writeDer(derTags.sequence, ...contents)
}

export function writeObjectIdentifier(contentHex: string): Uint8Array {
  return writeDer(derTags.objectIdentifier, fromHex(contentHex) as Uint8Array)
}

/** An INTEGER that is not negative, from its big-endian bytes, with or without leading zeros. */
export function writeInteger(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const magnitude = bytes.subarray(start)
  const isNegative = magnitude.length === 0 || (magnitude[0] as number) >= 0x80
  return writeDer(derTags.integer, Uint8Array.of(...(isNegative ? [0] : [])), magnitude)
}

/** A BIT STRING of whole bytes. */
export function writeBitString(bytes: Uint8Array): Uint8Array {
  return writeDer(derTags.bitString, Uint8Array.of(0), bytes)
}

export function writeText(text: string): Uint8Array {
  return writeDer(derTags.utf8String, toUtf8(text))
}

function writeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  if (length < 0x100) return Uint8Array.of(0x81, length)
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff)
  throw new Error('Nothing that is written here is longer than 65,535 bytes.')
}
