/**
 * Many small pieces of bytes in one piece of memory. Memory of its own costs a hash more than computing it, and the
 * collector more than either. A slab lives as long as any of its pieces.
 */

const slabBytes = 256 * 1024

export class ByteSlab {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  #used = 0

  /** So many bytes, unwritten and nobody else's. */
  take(length: number): Buffer {
    if (length > slabBytes) return Buffer.allocUnsafeSlow(length)
    if (this.#used + length > slabBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#slab.subarray(start, this.#used)
  }

  /** The 32 bytes of a hash in base64url. */
  hash(text: string): Buffer {
    const bytes = this.take(32)
    bytes.write(text, 0, 32, 'base64url')
    return bytes
  }

  /** The 32 bytes of a digest that came as one character a byte. */
  digest(binary: string): Buffer {
    const bytes = this.take(32)
    bytes.write(binary, 0, 32, 'latin1')
    return bytes
  }

  /** The UTF-8 of a text. */
  text(text: string): Buffer {
    const bytes = this.take(Buffer.byteLength(text))
    bytes.write(text)
    return bytes
  }
}
