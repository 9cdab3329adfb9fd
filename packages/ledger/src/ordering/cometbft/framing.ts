/**
 * Messages on an ABCI socket: each behind its length as an unsigned varint. A length is believed only as far as bytes
 * have arrived: nothing is allocated for what was merely announced.
 */
import { WireFault } from './wire.ts'

/** A length of up to 2^28 takes four bytes; whoever writes a fifth is not speaking our language. */
const lengthBytes = 4

export class FrameReader {
  readonly #limit: number
  #parts: Buffer[] = []
  #length = 0
  /** Bytes that must be there before it is worth looking again. */
  #needed = 1

  /** `limit`: bytes of a message at most. */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Buffer): void {
    this.#parts.push(chunk)
    this.#length += chunk.length
  }

  /** The next whole message, or undefined until more has arrived. Faults on one that is too long. */
  take(): Buffer | undefined {
    if (this.#length < this.#needed) return undefined
    const bytes = this.#joined()
    const start = this.#readLength(bytes)
    if (start === undefined) {
      this.#needed = bytes.length + 1
      return undefined
    }
    const end = start.at + start.length
    if (bytes.length < end) {
      this.#needed = end
      return undefined
    }
    const rest = bytes.subarray(end)
    this.#parts = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
    this.#needed = 1
    return bytes.subarray(start.at, end)
  }

  #joined(): Buffer {
    if (this.#parts.length !== 1) this.#parts = [Buffer.concat(this.#parts)]
    return this.#parts[0] as Buffer
  }

  #readLength(bytes: Buffer): { readonly at: number; readonly length: number } | undefined {
    let length = 0
    for (let at = 0; at < lengthBytes; at++) {
      const byte = bytes[at]
      if (byte === undefined) return undefined
      length += (byte & 0x7f) << (7 * at)
      if (byte >= 0x80) continue
      if (length > this.#limit) break
      return { at: at + 1, length }
    }
    throw new WireFault(`A message is longer than ${this.#limit} bytes.`)
  }
}
