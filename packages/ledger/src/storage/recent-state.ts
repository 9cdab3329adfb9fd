/**
 * The changes of recent blocks in memory: what has been committed and is not settled yet. Bounded by the writer, which
 * settles when they grow; every thread that reads rows holds its own.
 */
import type { NonceUse } from './nonces.ts'
import type { BlockChanges } from './recent-block.ts'
import { TraceIndex } from './trace-index.ts'

export class RecentState {
  #blocks: BlockChanges[] = []
  /** Of the blocks up to `#indexed`: who executes has most rows at hand and seldom asks for one here. */
  readonly #rows = new Map<string, string | Buffer | undefined>()
  #indexed = 0
  #writes = 0
  readonly #ids = new TraceIndex('id')
  readonly #nonces = new TraceIndex('nonce')
  #newest = -1

  /** The height of the newest block taken in; −1 when there was none. */
  get newest(): number {
    return this.#newest
  }

  /** Writes and leaves held: what settling is due by. */
  get changes(): number {
    return this.#writes + this.#ids.count
  }

  /** Takes in the next block. */
  add(changes: BlockChanges): void {
    this.#blocks.push(changes)
    this.#writes += changes.writeCount
    this.#ids.add(changes)
    this.#nonces.add(changes)
    this.#newest = changes.height
  }

  #indexRows(): void {
    while (this.#indexed < this.#blocks.length) {
      const { writes } = this.#blocks[this.#indexed++] as BlockChanges
      for (const { key, value } of writes) this.#rows.set(key, value)
    }
  }

  /** Lets go of the blocks up to a height, which are settled. The few that are left are taken in anew. */
  settledUpTo(height: number): void {
    if ((this.#blocks[0]?.height ?? Number.MAX_SAFE_INTEGER) > height) return
    this.#blocks = this.#blocks.filter((block) => block.height > height)
    this.#rows.clear()
    this.#indexed = 0
    this.#writes = this.#blocks.reduce((sum, { writeCount }) => sum + writeCount, 0)
    this.#ids.reset(this.#blocks)
    this.#nonces.reset(this.#blocks)
  }

  /** Forgets everything: what was taken in no longer joins what is on disk. */
  reset(newest: number): void {
    this.settledUpTo(Number.MAX_SAFE_INTEGER)
    this.#newest = newest
  }

  /** The blocks held, oldest first. */
  get blocks(): readonly BlockChanges[] {
    return this.#blocks
  }

  /** The row's newest change, `undefined` as a value where it was removed; nothing where no recent block changed it. */
  row(key: string): { readonly value: string | undefined } | undefined {
    this.#indexRows()
    const value = this.#rows.get(key)
    if (value === undefined) return this.#rows.has(key) ? { value } : undefined
    return { value: typeof value === 'string' ? value : value.toString() }
  }

  /** The same, up to the block of this height. */
  rowAt(key: string, height: number): { readonly value: string | undefined } | undefined {
    const block = this.#blocks.findLast((one) => one.height <= height && one.writes.some((write) => write.key === key))
    const write = block?.writes.findLast((one) => one.key === key)
    return write && { value: write.value?.toString() }
  }

  leafIndexOf(idPrefix: Uint8Array): number | undefined {
    const found = this.#ids.find(idPrefix)
    return found && found.block.firstLeaf + found.position
  }

  nonce(nonceHash: Uint8Array): NonceUse | undefined {
    const found = this.#nonces.find(nonceHash)
    if (!found) return undefined
    const { block, position } = found
    return { leafIndex: block.firstLeaf + position, untilMs: block.traces.nonceUntilMs(position) }
  }
}
