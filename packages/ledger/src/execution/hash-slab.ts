/** Hashes as bytes, many in one piece of memory: memory of its own costs a hash more than computing it. */

const hashBytes = 32
const slabBytes = 256 * hashBytes

export class HashSlab {
  #slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  #used = 0

  /** The bytes of a hash in base64url. They stay as they are; the slab goes on behind them. */
  take(hash: string): Uint8Array {
    if (this.#used === slabBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#used = 0
    }
    const start = this.#used
    this.#used += hashBytes
    this.#slab.write(hash, start, hashBytes, 'base64url')
    return this.#slab.subarray(start, this.#used)
  }
}
