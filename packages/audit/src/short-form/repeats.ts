/**
 * What stands in a text for the second time, or in the words that all certificates share, is said as a copy (LZ77). Made for
 * a few kilobytes that differ little from one to the next; there is no clock, no table and nothing to agree on but the words.
 *
 * A sequence is a byte whose halves count literals and copied bytes (15: a number follows), the literals, the number of bytes
 * to go back, and so on; the last has literals only.
 */
import { concatBytes } from '@chengxin/kernel'
import { ByteReader, numberBytes } from './numbers.ts'

const shortestCopy = 4
/** Places of the same four bytes that are looked at, newest first. */
const placesTried = 64

export function foldRepeats(bytes: Uint8Array, words: Uint8Array): Uint8Array {
  const whole = concatBytes(words, bytes)
  const places = new Map<number, number[]>()
  const note = (at: number) => {
    if (at + shortestCopy > whole.length) return
    const key = keyAt(whole, at)
    const known = places.get(key)
    if (known) known.push(at)
    else places.set(key, [at])
  }
  for (let at = 0; at < words.length; at++) note(at)
  const parts: Uint8Array[] = []
  let literalsFrom = words.length
  let at = words.length
  while (at < whole.length) {
    const copy = longestCopy(whole, at, places)
    if (copy === undefined) {
      note(at++)
      continue
    }
    parts.push(sequence(whole.subarray(literalsFrom, at), copy))
    for (const end = at + copy.length; at < end; at++) note(at)
    literalsFrom = at
  }
  if (literalsFrom < at) parts.push(sequence(whole.subarray(literalsFrom, at)))
  return concatBytes(...parts)
}

interface Copy {
  readonly length: number
  readonly back: number
}

function longestCopy(whole: Uint8Array, at: number, places: ReadonlyMap<number, readonly number[]>): Copy | undefined {
  if (at + shortestCopy > whole.length) return undefined
  let best: Copy | undefined
  for (const place of (places.get(keyAt(whole, at)) ?? []).slice(-placesTried).reverse()) {
    let length = shortestCopy
    while (at + length < whole.length && whole[place + length] === whole[at + length]) length++
    if (best === undefined || length > best.length) best = { length, back: at - place }
  }
  return best
}

function keyAt(bytes: Uint8Array, at: number): number {
  let key = 0
  for (let index = 0; index < shortestCopy; index++) key = (key << 8) | (bytes[at + index] as number)
  return key
}

function sequence(literals: Uint8Array, copy?: Copy): Uint8Array {
  const extra = copy === undefined ? 0 : copy.length - shortestCopy
  const head = Uint8Array.of((Math.min(literals.length, 15) << 4) | Math.min(extra, 15))
  const longer = (count: number) => (count >= 15 ? numberBytes(count - 15) : new Uint8Array(0))
  if (copy === undefined) return concatBytes(head, longer(literals.length), literals)
  return concatBytes(head, longer(literals.length), literals, numberBytes(copy.back), longer(extra))
}

/** The bytes again, or `undefined` where they are broken or more than `most`. */
export function unfoldRepeats(folded: Uint8Array, words: Uint8Array, most: number): Uint8Array | undefined {
  const reader = new ByteReader(folded)
  const whole = new Uint8Array(words.length + most)
  whole.set(words)
  let at = words.length
  while (!reader.isAtEnd) {
    const head = reader.byte()
    const literals = reader.bytes(head >> 4 < 15 ? head >> 4 : 15 + reader.number())
    if (reader.isBroken || at + literals.length > whole.length) return undefined
    whole.set(literals, at)
    at += literals.length
    if (reader.isAtEnd) return (head & 15) === 0 ? whole.slice(words.length, at) : undefined
    const back = reader.number()
    const length = shortestCopy + ((head & 15) < 15 ? head & 15 : 15 + reader.number())
    if (reader.isBroken || back < 1 || back > at || at + length > whole.length) return undefined
    // Byte by byte: a copy may reach into itself.
    for (const end = at + length; at < end; at++) whole[at] = whole[at - back] as number
  }
  return whole.slice(words.length, at)
}
