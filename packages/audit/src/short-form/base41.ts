/**
 * Bytes in the characters that a QR code packs best (ISO/IEC 18004, alphanumeric mode): three of them for two bytes, as in
 * RFC 9285. That needs 41 characters of the 45, so blank, `$`, `%` and `:` are left out: nothing is lost where a text is
 * trimmed, pasted or wrapped.
 */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-./'
const radix = alphabet.length
const values = new Map([...alphabet].map((character, value) => [character, value]))

export function toBase41(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 2) {
    const [high, low] = [bytes[index] as number, bytes[index + 1]]
    const [value, count] = low === undefined ? [high, 2] : [high * 256 + low, 3]
    for (let place = count - 1; place >= 0; place--) text += alphabet[Math.floor(value / radix ** place) % radix]
  }
  return text
}

/** The bytes, or `undefined` where encoding them again would not give the same text. */
export function fromBase41(text: string): Uint8Array | undefined {
  const rest = text.length % 3
  if (rest === 1) return undefined
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (rest === 2 ? 1 : 0))
  let at = 0
  for (let index = 0; index < text.length; index += 3) {
    const group = text.slice(index, index + 3)
    let value = 0
    for (const character of group) value = value * radix + (values.get(character) ?? Number.NaN)
    if (!(value < (group.length === 3 ? 0x1_0000 : 0x100))) return undefined
    if (group.length === 3) bytes[at++] = value >> 8
    bytes[at++] = value & 255
  }
  return bytes
}
