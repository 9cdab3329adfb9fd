/**
 * DER (X.690) to the extent that X.509 certificates and ECDSA signatures need it: definite lengths in their shortest
 * form, one-byte tags, nothing beyond the end. A reader that accepts another spelling of the same value makes two
 * certificates of one, so there is none here.
 */

export interface DerValue {
  readonly tag: number
  /** What the value contains, without tag and length. */
  readonly content: Uint8Array
  /** Tag, length and content: what a signature over the value covers. */
  readonly encoded: Uint8Array
}

export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** The second choice of a GeneralName (RFC 5280 section 4.2.1.6), with its tag implicit. */
  dnsName: 0x82,
} as const

/** Every value in the bytes, one after the other, or `undefined` where they are not exactly such a list. */
export function readDer(bytes: Uint8Array): DerValue[] | undefined {
  const values: DerValue[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at] as number
    const length = readLength(bytes, at + 1)
    // Tags of more than one byte have all five low bits set; no certificate that we read has them.
    if (!length || (tag & 0x1f) === 0x1f || length.end > bytes.length) return undefined
    values.push({
      tag,
      content: bytes.subarray(length.start, length.end),
      encoded: bytes.subarray(at, length.end),
    })
    at = length.end
  }
  return values
}

/** The one value that the bytes are, of this tag, or `undefined`. */
export function readOne(bytes: Uint8Array, tag: number): DerValue | undefined {
  const values = readDer(bytes)
  return values?.length === 1 && values[0]?.tag === tag ? values[0] : undefined
}

/** The values within the one SEQUENCE that the bytes are, or `undefined`. */
export function readSequence(bytes: Uint8Array): DerValue[] | undefined {
  const sequence = readOne(bytes, derTags.sequence)
  return sequence && readDer(sequence.content)
}

/** The bytes of an INTEGER that is not negative, big-endian, without leading zeros (none for zero), or `undefined`. */
export function readInteger({ tag, content }: DerValue): Uint8Array | undefined {
  const [first, second] = content
  if (tag !== derTags.integer || first === undefined || first >= 0x80) return undefined
  if (first !== 0) return content
  // A leading zero stands only before a byte that would otherwise make the number negative.
  if (second !== undefined && second < 0x80) return undefined
  return content.subarray(1)
}

/** The bytes of a BIT STRING that has a whole number of them, or `undefined`. */
export function readBitString({ tag, content }: DerValue): Uint8Array | undefined {
  return tag === derTags.bitString && content[0] === 0 ? content.subarray(1) : undefined
}

/** Whether a value is an OBJECT IDENTIFIER with this content (its DER content bytes in hexadecimal). */
export function isObjectIdentifier(value: DerValue | undefined, contentHex: string): boolean {
  if (value?.tag !== derTags.objectIdentifier || value.content.length * 2 !== contentHex.length) return false
  return value.content.every((byte, index) => byte === Number.parseInt(contentHex.slice(index * 2, index * 2 + 2), 16))
}

function readLength(bytes: Uint8Array, at: number): { start: number; end: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 0x80) return { start: at + 1, end: at + 1 + first }
  const count = first & 0x7f
  // What we read is at most some kilobytes; 0x80 would be the indefinite form, which DER does not have.
  if (count < 1 || count > 3) return undefined
  let length = 0
  for (let index = 1; index <= count; index++) {
    const byte = bytes[at + index]
    if (byte === undefined || (index === 1 && byte === 0)) return undefined
    length = length * 256 + byte
  }
  if (length < 0x80) return undefined
  const start = at + 1 + count
  return { start, end: start + length }
}
