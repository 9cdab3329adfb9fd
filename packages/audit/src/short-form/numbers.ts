/** Whole numbers in as few bytes as they need: seven bits a byte, lowest first, the eighth says that more follow. */

export function numberBytes(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}

/** Reads from the front. What reaches beyond the end gives nothing and is remembered, so that it is asked for once. */
export class ByteReader {
  isBroken = false
  private at = 0
  private readonly source: Uint8Array

  constructor(source: Uint8Array) {
    this.source = source
  }

  get isAtEnd(): boolean {
    return this.isBroken || this.at >= this.source.length
  }

  byte(): number {
    if (this.isAtEnd) this.isBroken = true
    return this.source[this.at++] ?? 0
  }

  bytes(count: number): Uint8Array {
    if (count > this.source.length - this.at) this.isBroken = true
    if (this.isBroken) return new Uint8Array(0)
    this.at += count
    return this.source.subarray(this.at - count, this.at)
  }

  rest(): Uint8Array {
    return this.bytes(this.source.length - this.at)
  }

  number(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (!Number.isSafeInteger(value)) this.isBroken = true
      if (this.isBroken) return 0
      if (byte < 128) return value
    }
  }
}
