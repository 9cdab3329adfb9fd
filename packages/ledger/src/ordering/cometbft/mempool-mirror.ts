/**
 * What waits in the engine's mempool, as far as this member has seen it through `checkTx`. The engine knows no sponsors
 * and takes whatever comes first; shares are kept here: a transaction above its sponsor's share is refused on entry, and
 * a block is proposed from here, so that one member's flood leaves room for the others.
 */
import { hash } from 'node:crypto'
import { limits } from '@chengxin/kernel'
import type { BlockRequest, CheckTxAnswer, CheckTxRequest } from '../port.ts'
import { type QueueLimits, TransactionQueue, type Waiting } from '../queue.ts'
import { varintBytes } from './wire.ts'

type Kept = Waiting<never>

export class MempoolMirror {
  readonly #queue: TransactionQueue<never>
  /** Found invalid since the last look, and taken out together: one by one would cost a pass over the queue each. */
  #dropped: Kept[] = []

  constructor(limits: QueueLimits) {
    this.#queue = new TransactionQueue(limits)
  }

  get size(): number {
    return this.#queue.size - this.#dropped.length
  }

  /**
   * Follows the application's verdict, and has the last word on new transactions: `queue_full`, `sponsor_quota`, or
   * `already_waiting` where the same transaction waits under another signature.
   */
  judge({ transaction, kind }: CheckTxRequest, answer: CheckTxAnswer): CheckTxAnswer {
    const { code, id = '', sponsor = '', notAfterMs = 0 } = answer
    if (kind === 'new') this.#clear()
    const same = this.#queue.find(id)
    if (code !== 'ok') {
      if (same?.jws === transaction) this.#dropped.push(same)
      return answer
    }
    if (same !== undefined) return same.jws === transaction ? answer : { code: 'already_waiting', id }
    const refusal = this.#queue.add({ jws: transaction, id, sponsor, notAfterMs, tickets: [] })
    return refusal === undefined ? answer : { code: refusal.refused, id }
  }

  /** Takes out what the block holds, and what no later block may hold. */
  settle({ timeMs, transactions }: BlockRequest): void {
    this.#clear()
    if (this.#queue.size === 0) return
    const gone: Kept[] = []
    for (const transaction of transactions) {
      const kept = this.#queue.find(transactionIdOf(transaction))
      if (kept !== undefined) gone.push(kept)
    }
    this.#queue.remove(gone)
    const late = this.#queue.expired(timeMs)
    if (late.length > 0) this.#queue.remove(late)
  }

  /** For a proposal: a fair choice of what waits here, then whatever else the engine offers. */
  candidates(offered: readonly string[], maxBytes: number): readonly string[] {
    this.#clear()
    const waiting = this.#queue.candidates({ transactions: limits.blockTransactions, bytes: maxBytes })
    const texts = waiting.map(({ jws }) => jws)
    const known = new Set(texts)
    return [...texts, ...offered.filter((transaction) => !known.has(transaction))]
  }

  #clear(): void {
    if (this.#dropped.length === 0) return
    this.#queue.remove(this.#dropped)
    this.#dropped = []
  }
}

/** The id that a transaction has if it is one: the hash of what its signature covers. */
export function transactionIdOf(jws: string): string {
  return hash('sha256', jws.slice(0, Math.max(jws.lastIndexOf('.'), 0)), 'base64url')
}

/** As many as fit: the engine counts a transaction with the tag and the length it has in a block, and panics above. */
export function fitting(transactions: readonly string[], maxBytes: number): readonly string[] {
  let bytes = 0
  for (const [index, { length }] of transactions.entries()) {
    bytes += 1 + varintBytes(length) + length
    if (bytes > maxBytes) return transactions.slice(0, index)
  }
  return transactions
}
