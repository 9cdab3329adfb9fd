/** Everything in the calling thread: for unit tests and small tools, and the plainest account of what the others do. */
import type { Refusal } from '@chengxin/kernel'
import type { LedgerEngine } from './engine.ts'
import type { Pipeline } from './pipeline.ts'

export class InlinePipeline implements Pipeline {
  readonly #engine: LedgerEngine

  constructor(engine: LedgerEngine) {
    this.#engine = engine
  }

  send(tickets: readonly number[], transactions: readonly string[]): void {
    for (const [index, ticket] of tickets.entries()) this.#engine.submit(transactions[index] as string, ticket)
  }

  async fill(blocks: readonly Uint8Array[]): Promise<Refusal | undefined> {
    return this.#engine.fill(blocks)
  }

  async close(): Promise<void> {
    await this.#engine.stop()
  }
}
