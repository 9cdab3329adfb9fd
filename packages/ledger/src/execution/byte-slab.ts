/**
 * Many small pieces of bytes in a few large pieces of memory, which are used again. Memory of its own costs a hash more
 * than computing it, and the collector more than either: new slabs for each block made it go through all that a process
 * holds every few seconds.
 */

const slabBytes = 256 * 1024
/** Slabs that are kept to be used again: enough for a usual block, and not for the largest. */
const slabsKept = 16

export class ByteSlab {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  #used = 0
  #full: Buffer[] = []
  #free: Buffer[] = []

  /** So many bytes, unwritten and nobody else's. */
  take(length: number): Buffer {
    if (length > slabBytes) return Buffer.allocUnsafeSlow(length)
    if (this.#used + length > slabBytes) {
      this.#full.push(this.#slab)
      this.#slab = this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#slab.subarray(start, this.#used)
  }

  /** All pieces that were taken are over: their bytes will be overwritten. */
  clear(): void {
    this.#free = [...this.#free, ...this.#full].slice(0, slabsKept)
    this.#full = []
    this.#used = 0
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
