/**
 * The part of protocol buffers that ABCI needs (protobuf.dev, Encoding): varints, length-delimited fields and fields to
 * skip. Reading never looks beyond the bytes at hand, never allocates by a stated length, and faults with `WireFault`
 * alone. Integers are numbers: heights and powers beyond 2^53 do not occur, and are a fault.
 */

export class WireFault extends Error {
  override readonly name = 'WireFault'
}

export const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const

const twoTo32 = 0x1_0000_0000

/** Reads the fields of one message: `next` moves to a field, and one of the others must then take its value. */
export class WireReader {
  readonly #bytes: Buffer
  #at: number
  #end: number
  /** Number and wire type of the current field. */
  field = 0
  #type = 0

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at === this.#end) return false
    const tag = this.#varint()
    this.field = Math.floor(tag / 8)
    this.#type = tag % 8
    if (tag < 8 || tag >= twoTo32) throw new WireFault('A field has no number that a field may have.')
    return true
  }

  /** An int32, int64, uint32, uint64, bool or enum: all are written alike. */
  integer(): number {
    this.#expect(wireTypes.varint)
    return this.#varint()
  }

  /** A field that counts or names a place: not negative. */
  count(): number {
    const value = this.integer()
    if (value < 0) throw new WireFault('A count is negative.')
    return value
  }

  /** The bytes themselves, not a copy. */
  bytes(): Buffer {
    const end = this.#delimited()
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  text(): string {
    const end = this.#delimited()
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end
    return text
  }

  /** Bytes as a text of equally many characters, one a byte: how a transaction is handed on. */
  latin1(): string {
    const end = this.#delimited()
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end
    return text
  }

  message<T>(read: (reader: WireReader) => T): T {
    const end = this.#delimited()
    const value = read(new WireReader(this.#bytes, this.#at, end))
    this.#at = end
    return value
  }

  /** Passes over a field that nobody here needs. */
  skip(): void {
    switch (this.#type) {
      case wireTypes.varint:
        this.#skipVarint()
        return
      case wireTypes.delimited:
        this.#at = this.#delimited()
        return
      case wireTypes.fixed64:
        this.#advance(8)
        return
      case wireTypes.fixed32:
        this.#advance(4)
        return
      default:
        throw new WireFault('A field has a wire type that no message here has.')
    }
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new WireFault(`Field ${this.field} is written as another type.`)
  }

  #delimited(): number {
    this.#expect(wireTypes.delimited)
    const length = this.#varint()
    if (length < 0 || length > this.#end - this.#at) throw new WireFault('A field is longer than its message.')
    return this.#at + length
  }

  #advance(bytes: number): void {
    if (bytes > this.#end - this.#at) throw new WireFault('A message ends within a field.')
    this.#at += bytes
  }

  #byte(): number {
    if (this.#at === this.#end) throw new WireFault('A message ends within a number.')
    return this.#bytes[this.#at++] as number
  }

  /** As a signed 64-bit integer: negative ones take ten bytes. */
  #varint(): number {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return low
    }
    let high = 0n
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      high |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      const value = Number(BigInt.asIntN(64, high | BigInt(low)))
      if (!Number.isSafeInteger(value)) throw new WireFault('A number is beyond 2^53.')
      return value
    }
    throw new WireFault('A number takes more than ten bytes.')
  }

  #skipVarint(): void {
    for (let length = 0; length < 10; length++) if (this.#byte() < 0x80) return
    throw new WireFault('A number takes more than ten bytes.')
  }
}

/** Writes messages one behind the other into one buffer. As proto3 has it, what is zero or empty is not written. */
export class WireWriter {
  #bytes: Buffer
  #at = 0

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#at
  }

  /** Everything written since the last `take`, as bytes that nobody will write over. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = 0
    return taken
  }

  integer(field: number, value: number): void {
    if (value === 0) return
    this.#varint(field * 8 + wireTypes.varint)
    this.#varint(value)
  }

  /** A number of always eight bytes, as votes have it. */
  fixed64(field: number, value: number): void {
    if (value === 0) return
    this.#varint(field * 8 + wireTypes.fixed64)
    this.#room(8)
    this.#at = this.#bytes.writeBigInt64LE(BigInt(value), this.#at)
  }

  bytes(field: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.element(field, bytes)
  }

  /** One of a repeated field: written even when it is empty. */
  element(field: number, bytes: Uint8Array): void {
    this.#head(field, bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  text(field: number, text: string): void {
    if (text !== '') this.element(field, Buffer.from(text))
  }

  /** One of a repeated field of bytes that are held as a text of one character a byte. */
  latin1(field: number, text: string): void {
    this.#head(field, text.length)
    this.#at += this.#bytes.write(text, this.#at, 'latin1')
  }

  /** A repeated field of small integers, packed as proto3 does. */
  packed(field: number, values: readonly number[]): void {
    if (values.length > 0) {
      this.message(field, () => {
        for (const value of values) this.#varint(value)
      })
    }
  }

  message(field: number, write: () => void): void {
    this.#varint(field * 8 + wireTypes.delimited)
    this.delimited(write)
  }

  /** Bytes behind their length, of no field: a message on a socket. */
  frame(bytes: Uint8Array): void {
    this.#varint(bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** What is written inside, behind its length. */
  delimited(write: () => void): void {
    this.#room(1)
    const start = ++this.#at
    write()
    const length = this.#at - start
    const more = varintBytes(length) - 1
    if (more > 0) {
      // One byte was kept for the length, which is enough for most: the contents move for the others.
      this.#room(more)
      this.#bytes.copyWithin(start + more, start, this.#at)
    }
    this.#at = start - 1
    this.#varint(length)
    this.#at += length
  }

  #head(field: number, length: number): void {
    this.#varint(field * 8 + wireTypes.delimited)
    this.#varint(length)
    this.#room(length)
  }

  #varint(value: number): void {
    this.#room(10)
    if (value >= 0 && value < 0x8000_0000) {
      let rest = value
      while (rest >= 0x80) {
        this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
        rest >>>= 7
      }
      this.#bytes[this.#at++] = rest
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#at++] = Number(rest)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

/** Bytes that a length takes as a varint. */
export function varintBytes(length: number): number {
  let bytes = 1
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}
