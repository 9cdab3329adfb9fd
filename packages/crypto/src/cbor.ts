/**
 * As much CBOR (RFC 8949) as a COSE receipt is made of, in the one deterministic spelling of section 4.2.1: whole numbers of
 * at most 53 bits, byte and text strings, arrays, maps with numbers as keys, null, and tags of one byte. What is spelled
 * in any other way is not read, so that one receipt has one form.
 */
import { concatBytes, fromUtf8, toUtf8 } from '@chengxin/kernel'

export type Cbor = number | string | Uint8Array | null | readonly Cbor[] | CborMap | CborTag
export type CborMap = ReadonlyMap<number, Cbor>

export interface CborTag {
  readonly tag: number
  readonly value: Cbor
}

const majorTypes = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
const nullByte = 0xf6
/** Deeper than any receipt. */
const maxDepth = 8

export function encodeCbor(value: Cbor): Uint8Array {
  if (value === null) return Uint8Array.of(nullByte)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error('Numbers in a receipt are whole.')
    return value < 0 ? head(majorTypes.negative, -1 - value) : head(majorTypes.unsigned, value)
  }
  if (typeof value === 'string') {
    const bytes = toUtf8(value)
    return concatBytes(head(majorTypes.text, bytes.length), bytes)
  }
  if (value instanceof Uint8Array) return concatBytes(head(majorTypes.bytes, value.length), value)
  if (Array.isArray(value)) return concatBytes(head(majorTypes.array, value.length), ...value.map(encodeCbor))
  if (value instanceof Map) return encodeMap(value as CborMap)
  const { tag, value: tagged } = value as CborTag
  return concatBytes(head(majorTypes.tag, tag), encodeCbor(tagged))
}

/** Keys in the order of their encodings: 0, 1, 2 …, then -1, -2 …, each group's shorter ones first. */
function encodeMap(map: CborMap): Uint8Array {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value: encodeCbor(value) }))
  entries.sort((left, right) => compareBytes(left.key, right.key))
  return concatBytes(head(majorTypes.map, map.size), ...entries.flatMap(({ key, value }) => [key, value]))
}

function head(major: number, argument: number): Uint8Array {
  const first = major << 5
  if (argument < 24) return Uint8Array.of(first | argument)
  const width = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8
  const bytes = new Uint8Array(1 + width)
  bytes[0] = first | (24 + Math.log2(width))
  for (let at = width, left = argument; at > 0; at--, left = Math.floor(left / 256)) bytes[at] = left % 256
  return bytes
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < left.length && at < right.length; at++) {
    const difference = (left[at] as number) - (right[at] as number)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** The value that the bytes are, or `undefined`: another spelling, another kind of value, or bytes left over. */
export function decodeCbor(bytes: Uint8Array): Cbor | undefined {
  const reader = new Reader(bytes)
  try {
    const value = reader.read(0)
    return reader.isAtEnd ? value : undefined
  } catch (thrown) {
    if (thrown instanceof Unreadable) return undefined
    throw thrown
  }
}

/** Carries "not readable" out of the recursion; it never leaves this file. */
class Unreadable extends Error {}

class Reader {
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  read(depth: number): Cbor {
    if (depth > maxDepth) throw new Unreadable()
    const first = this.#take(1)[0] as number
    if (first === nullByte) return null
    const argument = this.#argument(first & 31)
    switch (first >> 5) {
      case majorTypes.unsigned:
        return argument
      case majorTypes.negative:
        return -1 - argument
      case majorTypes.bytes:
        return this.#take(argument).slice()
      case majorTypes.text:
        return this.#text(argument)
      case majorTypes.array:
        return this.#list(argument, depth)
      case majorTypes.map:
        return this.#map(argument, depth)
      case majorTypes.tag:
        return { tag: argument, value: this.read(depth + 1) }
      default:
        throw new Unreadable()
    }
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count
    if (end > this.#bytes.length) throw new Unreadable()
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }

  /** The number in or behind a first byte, which has only its shortest form. */
  #argument(short: number): number {
    if (short < 24) return short
    if (short > 27) throw new Unreadable()
    const width = 2 ** (short - 24)
    const value = this.#take(width).reduce((sum, byte) => sum * 256 + byte, 0)
    const smallest = width === 1 ? 24 : 256 ** (width / 2)
    if (value < smallest || !Number.isSafeInteger(value)) throw new Unreadable()
    return value
  }

  #text(length: number): string {
    const text = fromUtf8(this.#take(length))
    if (text === undefined) throw new Unreadable()
    return text
  }

  #list(count: number, depth: number): readonly Cbor[] {
    const values: Cbor[] = []
    // A count is no reason to make room: every member takes at least a byte, and reading ends where they end.
    for (let read = 0; read < count; read++) values.push(this.read(depth + 1))
    return values
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<number, Cbor>()
    let before = new Uint8Array()
    for (let read = 0; read < count; read++) {
      const start = this.#at
      const key = this.read(depth + 1)
      const encoded = this.#bytes.slice(start, this.#at)
      if (typeof key !== 'number' || compareBytes(before, encoded) >= 0) throw new Unreadable()
      before = encoded
      map.set(key, this.read(depth + 1))
    }
    return map
  }
}
