/**
 * Bytes as text and back, strictly: every decoder accepts exactly one spelling of each value, so that a text can stand
 * for its bytes in a hash or a key (RFC 4648 sections 5 and 8, without padding and without white space).
 */

const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const hexAlphabet = '0123456789abcdef'

const base64urlValues = valuesOf(base64urlAlphabet)
const hexValues = valuesOf(hexAlphabet)

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1)
  for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index
  return values
}

function valueAt(values: Int8Array, text: string, index: number): number {
  const code = text.charCodeAt(index)
  return code < 128 ? (values[code] as number) : -1
}

export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  let index = 0
  for (; index + 2 < bytes.length; index += 3) {
    const triple = ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number)
    text +=
      (base64urlAlphabet[triple >> 18] as string) +
      base64urlAlphabet[(triple >> 12) & 63] +
      base64urlAlphabet[(triple >> 6) & 63] +
      base64urlAlphabet[triple & 63]
  }
  const rest = bytes.length - index
  if (rest === 1) {
    const one = bytes[index] as number
    text += (base64urlAlphabet[one >> 2] as string) + base64urlAlphabet[(one & 3) << 4]
  } else if (rest === 2) {
    const two = ((bytes[index] as number) << 8) | (bytes[index + 1] as number)
    text +=
      (base64urlAlphabet[two >> 10] as string) + base64urlAlphabet[(two >> 4) & 63] + base64urlAlphabet[(two & 15) << 2]
  }
  return text
}

/** The bytes, or `undefined` where encoding them again would not give the same text (padding, stray trailing bits, foreign characters). */
export function fromBase64url(text: string): Uint8Array | undefined {
  const rest = text.length % 4
  if (rest === 1) return undefined
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let at = 0
  let index = 0
  for (; index + 3 < text.length; index += 4) {
    const a = valueAt(base64urlValues, text, index)
    const b = valueAt(base64urlValues, text, index + 1)
    const c = valueAt(base64urlValues, text, index + 2)
    const d = valueAt(base64urlValues, text, index + 3)
    if ((a | b | c | d) < 0) return undefined
    bytes[at++] = (a << 2) | (b >> 4)
    bytes[at++] = ((b & 15) << 4) | (c >> 2)
    bytes[at++] = ((c & 3) << 6) | d
  }
  if (rest === 0) return bytes
  const a = valueAt(base64urlValues, text, index)
  const b = valueAt(base64urlValues, text, index + 1)
  const c = rest === 3 ? valueAt(base64urlValues, text, index + 2) : 0
  if ((a | b | c) < 0) return undefined
  if (rest === 2) {
    if ((b & 15) !== 0) return undefined
    bytes[at] = (a << 2) | (b >> 4)
    return bytes
  }
  if ((c & 3) !== 0) return undefined
  bytes[at++] = (a << 2) | (b >> 4)
  bytes[at] = ((b & 15) << 4) | (c >> 2)
  return bytes
}

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += (hexAlphabet[byte >> 4] as string) + hexAlphabet[byte & 15]
  return text
}

/** The bytes of lower-case hexadecimal text, or `undefined`. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    const high = valueAt(hexValues, text, index * 2)
    const low = valueAt(hexValues, text, index * 2 + 1)
    if ((high | low) < 0) return undefined
    bytes[index] = (high << 4) | low
  }
  return bytes
}

/** UTF-8 of a string. A lone surrogate has no UTF-8 form: it is an exception here, and is refused where bytes enter. */
export function toUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  let at = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) bytes[at++] = code
    else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6)
      bytes[at++] = 0x80 | (code & 63)
    } else if (code >= 0xd800 && code < 0xe000) {
      const point = text.codePointAt(index) as number
      if (point < 0x10000) throw new Error('A lone surrogate has no UTF-8 form.')
      index++
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 63)
      bytes[at++] = 0x80 | ((point >> 6) & 63)
      bytes[at++] = 0x80 | (point & 63)
    } else {
      bytes[at++] = 0xe0 | (code >> 12)
      bytes[at++] = 0x80 | ((code >> 6) & 63)
      bytes[at++] = 0x80 | (code & 63)
    }
  }
  return bytes.slice(0, at)
}

/** The text of well-formed UTF-8 (no overlong forms, no surrogates; RFC 3629), or `undefined`. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  let text = ''
  let index = 0
  while (index < bytes.length) {
    const first = bytes[index] as number
    if (first < 0x80) {
      text += String.fromCharCode(first)
      index++
      continue
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    if (first < 0xc2 || first > 0xf4 || index + length > bytes.length) return undefined
    let point = first & (0xff >> (length + 1))
    for (let next = 1; next < length; next++) {
      const byte = bytes[index + next] as number
      if ((byte & 0xc0) !== 0x80) return undefined
      point = (point << 6) | (byte & 63)
    }
    if ((length === 3 && point < 0x800) || (length === 4 && (point < 0x10000 || point > 0x10ffff))) return undefined
    if (point >= 0xd800 && point < 0xe000) return undefined
    text += String.fromCodePoint(point)
    index += length
  }
  return text
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** −1, 0 or 1, by unsigned byte order, a prefix before its extensions. */
export function compareBytes(left: Uint8Array, right: Uint8Array): -1 | 0 | 1 {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] as number) - (right[index] as number)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  if (left.length === right.length) return 0
  return left.length < right.length ? -1 : 1
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return compareBytes(left, right) === 0
}

/** −1, 0 or 1, by UTF-16 code units: the order of RFC 8785 and of every sorted list that is hashed. */
export function compareText(left: string, right: string): -1 | 0 | 1 {
  if (left === right) return 0
  return left < right ? -1 : 1
}
