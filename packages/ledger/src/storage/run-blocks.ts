/** The records of a run, read and written block by block in the order of their keys. */
import { sealBytes } from './checksum.ts'

const keyBytes = 16

export interface RunBlock {
  /** The key of its first record. */
  readonly first: Buffer
  readonly block: Buffer
}

export interface RunSource {
  readonly recordBytes: number
  /** The key to begin at, or before which the record stands that comes next; the start of the run if absent. */
  readonly from: Uint8Array | undefined
  /** The block that begins at the key, or the last that begins before it. */
  before(key: Uint8Array): RunBlock | undefined
  /** The first block that begins after the key; the first of all without one. */
  after(key: Uint8Array | undefined): RunBlock | undefined
}

/** A place in a run. */
export class RunCursor {
  readonly #source: RunSource
  readonly #recordBytes: number
  #first: Buffer | undefined
  block: Buffer = Buffer.alloc(0)
  /** Where the record stands in the block. */
  at = 0
  /** The first 48 bits of its key. */
  leading = 0
  isEnd = false

  constructor(source: RunSource) {
    this.#source = source
    this.#recordBytes = source.recordBytes
    const { from } = source
    const begun = from && source.before(from)
    this.#open(begun ?? source.after(undefined))
    if (from && !this.isEnd) this.#seek(from)
  }

  #open(block: RunBlock | undefined): void {
    this.isEnd = block === undefined
    if (!block) return
    this.#first = block.first
    this.block = block.block
    this.at = 0
    this.leading = this.block.readUIntBE(0, 6)
  }

  /** To the first record of the block, or of the next, whose key is not before this one. */
  #seek(key: Uint8Array): void {
    let low = 0
    let high = this.block.length / this.#recordBytes
    while (low < high) {
      const middle = (low + high) >> 1
      const at = middle * this.#recordBytes
      if (this.block.compare(key, 0, keyBytes, at, at + keyBytes) < 0) low = middle + 1
      else high = middle
    }
    this.at = low * this.#recordBytes - this.#recordBytes
    this.next()
  }

  next(): void {
    this.at += this.#recordBytes
    if (this.at < this.block.length) this.leading = this.block.readUIntBE(this.at, 6)
    else this.#open(this.#source.after(this.#first))
  }

  record(): Buffer {
    return this.block.subarray(this.at, this.at + this.#recordBytes)
  }

  leafIndex(): number {
    return this.block.readUIntLE(this.at + keyBytes, 6)
  }

  isAt(key: Uint8Array): boolean {
    return !this.isEnd && this.block.compare(key, 0, keyBytes, this.at, this.at + keyBytes) === 0
  }

  /** The order of two cursors that are not at their ends. */
  compare(other: RunCursor): number {
    if (this.leading !== other.leading) return this.leading - other.leading
    return this.block.compare(other.block, other.at, other.at + keyBytes, this.at, this.at + keyBytes)
  }
}

/** Takes records in order and puts them down in full blocks, room for the seal in front. */
export class RunWriter {
  readonly #recordBytes: number
  readonly #buffer: Buffer
  readonly #put: (sealed: Buffer) => void
  #end = sealBytes
  #lastKey: Buffer = Buffer.alloc(0)
  count = 0

  constructor(recordBytes: number, blockRecords: number, put: (sealed: Buffer) => void) {
    this.#recordBytes = recordBytes
    this.#buffer = Buffer.allocUnsafe(sealBytes + recordBytes * blockRecords)
    this.#put = put
  }

  add(from: Buffer, at: number): void {
    const end = this.#end
    from.copy(this.#buffer, end, at, at + this.#recordBytes)
    this.#end = end + this.#recordBytes
    this.count++
    if (this.#end === this.#buffer.length) this.#flush()
  }

  /** Puts down what is left. */
  end(): void {
    if (this.#end > sealBytes) this.#flush()
  }

  /** The key of the last record, once `end` has been called. */
  get lastKey(): Buffer {
    return this.#lastKey
  }

  #flush(): void {
    const last = this.#end - this.#recordBytes
    this.#lastKey = Buffer.from(this.#buffer.subarray(last, last + keyBytes))
    this.#put(this.#buffer.subarray(0, this.#end))
    this.#end = sealBytes
  }
}
