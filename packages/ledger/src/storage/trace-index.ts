/**
 * Finds leaves by 16 bytes of their traces: a hash table of leaf indexes, open addressing, the bytes themselves staying
 * where they are. Its hash is salted, since whoever sends transactions chooses part of their ids.
 */
import { randomBytes } from 'node:crypto'
import type { LeafTraces } from './leaf-traces.ts'

export interface TracedBlock {
  readonly firstLeaf: number
  readonly traces: LeafTraces
}

const salt = randomBytes(4).readUInt32LE(0)
const compared = 16

export class TraceIndex {
  readonly #part: 'id' | 'nonce'
  /** Position among the entries plus one; zero is free. */
  #slots = new Uint32Array(4096)
  #blocks: TracedBlock[] = []
  /** Entries before each block. */
  #starts: number[] = []
  #count = 0

  constructor(part: 'id' | 'nonce') {
    this.#part = part
  }

  get count(): number {
    return this.#count
  }

  add(block: TracedBlock): void {
    this.#blocks.push(block)
    this.#starts.push(this.#count)
    if ((this.#count + block.traces.count) * 2 > this.#slots.length) this.#grow(block.traces.count)
    for (let position = 0; position < block.traces.count; position++) this.#insert(block, position)
  }

  /** Starts again with these blocks. */
  reset(blocks: readonly TracedBlock[]): void {
    this.#slots.fill(0)
    this.#blocks = []
    this.#starts = []
    this.#count = 0
    for (const block of blocks) this.add(block)
  }

  #grow(more: number): void {
    let capacity = this.#slots.length
    while ((this.#count + more) * 2 > capacity) capacity *= 2
    this.#slots = new Uint32Array(capacity)
    const earlier = this.#blocks.slice(0, -1)
    this.#count = 0
    for (const block of earlier) {
      for (let position = 0; position < block.traces.count; position++) this.#insert(block, position)
    }
  }

  /** A newer entry with the same bytes stands further along its chain, and is found by looking to the end. */
  #insert({ traces }: TracedBlock, position: number): void {
    const mask = this.#slots.length - 1
    let slot = hashAt(traces.bytes, traces.offset(this.#part, position)) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = ++this.#count
  }

  /** The newest leaf with these 16 bytes: its block and its position there. */
  find(bytes: Uint8Array): { readonly block: TracedBlock; readonly position: number } | undefined {
    const mask = this.#slots.length - 1
    let found: { readonly block: TracedBlock; readonly position: number } | undefined
    for (let slot = hashAt(bytes, 0) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = this.#entry((this.#slots[slot] as number) - 1)
      if (isSame(entry.block.traces.bytes, entry.block.traces.offset(this.#part, entry.position), bytes)) found = entry
    }
    return found
  }

  #entry(index: number): { readonly block: TracedBlock; readonly position: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    return { block: this.#blocks[low] as TracedBlock, position: index - (this.#starts[low] as number) }
  }
}

function hashAt(bytes: Uint8Array, from: number): number {
  const first =
    (bytes[from] as number) |
    ((bytes[from + 1] as number) << 8) |
    ((bytes[from + 2] as number) << 16) |
    ((bytes[from + 3] as number) << 24)
  const second =
    (bytes[from + 4] as number) |
    ((bytes[from + 5] as number) << 8) |
    ((bytes[from + 6] as number) << 16) |
    ((bytes[from + 7] as number) << 24)
  const mixed = Math.imul(first ^ salt, 0x9e3779b1) ^ Math.imul(second + salt, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

function isSame(held: Uint8Array, from: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < compared; index++) if (held[from + index] !== bytes[index]) return false
  return true
}
