/** Writing ASN.1 in DER (ITU-T X.690), as much of it as a certificate needs. Each function gives one whole element. */
import { concatBytes, toUtf8 } from '@chengxin/kernel'

export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents)
  return concatBytes(Uint8Array.of(tag, ...lengthOf(content.length)), content)
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...members: readonly Uint8Array[]) => element(0x30, ...members)
export const set = (...members: readonly Uint8Array[]) => element(0x31, ...members)
export const octets = (bytes: Uint8Array) => element(0x04, bytes)
export const utf8 = (text: string) => element(0x0c, toUtf8(text))
export const truth = () => element(0x01, Uint8Array.of(0xff))
/** `[n]` around a whole element. */
export const explicit = (tag: number, inner: Uint8Array) => element(0xa0 | tag, inner)
/** A bit string of whole bytes, unless the number of unused bits at its end is given. */
export const bits = (bytes: Uint8Array, unusedBits = 0) => element(0x03, Uint8Array.of(unusedBits), bytes)

/** A whole number of zero or more, from its big-endian bytes. */
export function unsigned(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  // A leading one bit would say minus.
  return ((digits[0] ?? 0) & 0x80) === 0 ? element(0x02, digits) : element(0x02, Uint8Array.of(0), digits)
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

/** A time to the second; RFC 5280 asks for two-digit years until 2049 and four-digit ones from then on. */
export function time(atMs: number): Uint8Array {
  const text = `${new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')}`
  return text < '2050' ? element(0x17, toUtf8(text.slice(2))) : element(0x18, toUtf8(text))
}
