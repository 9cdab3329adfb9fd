/** Blocks in order, without end: first from the log, then each new one. A slow reader costs nothing but its own place. */
import type { CommittedBlock } from '@chengxin/module-kit'
import type { OpenedReport } from './block-report.ts'

/** Newest blocks kept at hand, so that readers who keep up never touch the disk. */
const kept = { blocks: 64, transactions: 20_000 } as const

export class BlockFeed {
  readonly #fromLog: (height: number) => CommittedBlock | undefined
  readonly #listeners = new Set<(block: CommittedBlock) => void>()
  readonly #recent = new Map<number, CommittedBlock>()
  readonly #sizes: number[] = []
  #recentTransactions = 0
  #height: number
  readonly #waiting = new Set<() => void>()

  constructor(height: number, fromLog: (height: number) => CommittedBlock | undefined) {
    this.#height = height
    this.#fromLog = fromLog
  }

  /** Takes in the next block and tells the listeners. */
  add(report: OpenedReport): void {
    const block = report.block()
    this.#height = block.height
    this.#recent.set(block.height, block)
    this.#sizes.push(report.count)
    this.#recentTransactions += report.count
    while (
      this.#sizes.length > kept.blocks ||
      (this.#recentTransactions > kept.transactions && this.#sizes.length > 1)
    ) {
      this.#recentTransactions -= this.#sizes.shift() as number
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest)
        break
      }
    }
    for (const listener of this.#listeners) listener(block)
    this.wake()
  }

  /** Readers look again: a block that they wait for has come, or an older one has been fetched. */
  wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Readers who have seen everything and wait for the next block. */
  get waiting(): number {
    return this.#waiting.size
  }

  block(height: number): CommittedBlock | undefined {
    return this.#recent.get(height) ?? (height <= this.#height ? this.#fromLog(height) : undefined)
  }

  listen(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async *from(height: number, signal: AbortSignal): AsyncGenerator<CommittedBlock> {
    let next = height
    while (!signal.aborted) {
      const block = this.block(next)
      if (block !== undefined) {
        next++
        yield block
      } else await this.#grown(signal)
    }
  }

  #grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // Who leaves is forgotten at once: a quiet group may see many come and go before its next block.
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
      this.#waiting.add(wake)
    })
  }
}
