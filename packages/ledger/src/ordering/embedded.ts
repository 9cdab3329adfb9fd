/**
 * The embedded ordering: one process puts its own transactions in order, over the same calls that a consensus engine
 * would make. It commits in groups: what waits when the last block is durable becomes the next block, up to a size beyond
 * which larger ones save nothing. When nothing waits, nothing happens.
 */
import { limits } from '@chengxin/kernel'
import type { Admitted } from '../admission/admitted.ts'
import { StoreFull } from '../storage/face.ts'
import type { LedgerApplication, Transaction } from './application.ts'
import type { CheckTxAnswer, OrderingApplication, TransactionResult } from './port.ts'
import { type QueueLimits, TransactionQueue, type Waiting } from './queue.ts'

export interface EmbeddedBlock<Ticket> {
  readonly height: number
  readonly timeMs: number
  readonly transactions: readonly AnsweredTransaction<Ticket>[]
}

export interface AnsweredTransaction<Ticket> {
  readonly id: string
  readonly tickets: readonly Ticket[]
  readonly result: TransactionResult
}

/** What the driver tells. Every ticket gets exactly one answer, by `onBlock` or `onRejected`. */
export interface EmbeddedObserver<Ticket> {
  /** A block is durable. */
  onBlock(block: EmbeddedBlock<Ticket>): void
  /** Waiting is over without a block: `expired` or `disk_full`. */
  onRejected(tickets: readonly Ticket[], code: string): void
  /** The store has no room: nothing of the block remains. Called again for each failed attempt. */
  onFull(error: StoreFull): void
  /** Room again: a block was stored after `onFull`. */
  onRoom(): void
  /** A rule threw, or the store is damaged: this member must not go on. */
  onHalt(error: unknown): void
}

/** The application as this driver needs it; `LedgerApplication` is one. */
export type EmbeddedApplication = OrderingApplication<Transaction> & Pick<LedgerApplication, 'forget'>

export interface EmbeddedOptions<Ticket> {
  readonly application: EmbeddedApplication
  readonly clock: () => number
  readonly queue: QueueLimits
  readonly observer: EmbeddedObserver<Ticket>
  /** Runs a step soon, after what is already waiting on this thread; `setImmediate` outside tests. */
  readonly soon: (step: () => void) => void
  /** Runs a step after some milliseconds. */
  readonly later: (step: () => void, milliseconds: number) => void
}

/**
 * What one process puts into a block of its own. Far above this a block costs no less a transaction, and admission would
 * run out of work while a large one is executed: those who wait for its answers are those who bring the next.
 */
const blockGoal = { transactions: 1_024, bytes: limits.blockBytes } as const

/** How long a block waits when nothing that is queued may enter one yet. */
const retryAfterMs = 25

export class EmbeddedOrdering<Ticket> {
  readonly #options: EmbeddedOptions<Ticket>
  readonly #queue: TransactionQueue<Ticket>
  #timeMs = 0
  #height = 0
  #awake = false
  #state: 'stopped' | 'running' | 'full' | 'halted' = 'stopped'

  constructor(options: EmbeddedOptions<Ticket>) {
    this.#options = options
    this.#queue = new TransactionQueue(options.queue)
  }

  /** Asks where the application stands and founds the chain if it has none. */
  start({ timeMs }: { readonly timeMs: number }): void {
    const { application } = this.#options
    if (application.info().height < 0) application.initChain()
    this.#height = application.info().height
    this.#timeMs = timeMs
    this.#state = 'running'
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Queues a transaction, or says why not: the codes of `checkTx`, `queue_full`, `sponsor_quota`, `disk_full`, `node_stopped`. */
  submit(transaction: Transaction, ticket: Ticket): CheckTxAnswer {
    if (this.#state === 'stopped' || this.#state === 'halted') return { code: 'node_stopped' }
    const answer = this.#options.application.checkTx({ transaction, kind: 'new' })
    if (answer.code !== 'ok') return answer
    const waiting = new Queued(transaction, answer, ticket)
    const same = this.#queue.find(waiting.id)
    if (same !== undefined) {
      same.tickets.push(ticket)
      // Another signature over the same: the text that waits already is the one that will be logged.
      if (same.jws !== waiting.jws) this.#forget(waiting)
      return answer
    }
    const refusal = this.#queue.add(waiting)
    if (refusal !== undefined) {
      this.#forget(waiting)
      return { code: refusal.refused, id: waiting.id }
    }
    this.#wake()
    return answer
  }

  /** Ends after the block that is being made; what still waits is answered `node_stopped`. */
  stop(): void {
    this.#state = 'stopped'
    this.#reject([...this.#queue.candidates({ transactions: Infinity, bytes: Infinity })], 'node_stopped')
  }

  #wake(): void {
    if (this.#awake) return
    this.#awake = true
    this.#options.soon(() => this.#step())
  }

  #step(): void {
    this.#awake = false
    if (this.#state === 'stopped' || this.#state === 'halted') return
    let made = false
    try {
      made = this.#makeBlock()
    } catch (error) {
      this.#fail(error)
    }
    if (this.#queue.size === 0 || this.#state !== 'running') return
    if (made) this.#wake()
    else this.#options.later(() => this.#wake(), retryAfterMs)
  }

  /** One height: prepare, finalize, commit. Answers whether a block was made. */
  #makeBlock(): boolean {
    const { application, clock, observer } = this.#options
    const timeMs = Math.max(this.#timeMs + 1, clock())
    this.#reject(this.#queue.expired(timeMs), 'expired')
    const candidates = this.#queue.candidates(blockGoal)
    if (candidates.length === 0) return false

    const height = this.#height + 1
    const { transactions } = application.prepareProposal({
      height,
      timeMs,
      transactions: candidates.map((waiting): Transaction => waiting.admitted ?? waiting.jws),
      maxBytes: limits.blockBytes,
      maxTransactions: limits.blockTransactions,
    })
    if (transactions.length === 0) return false
    const chosen = inOrder(candidates, transactions)
    const { results } = application.finalizeBlock({ height, timeMs, transactions })
    application.commit()

    this.#height = height
    this.#timeMs = timeMs
    this.#queue.remove(chosen)
    if (this.#state === 'full') {
      this.#state = 'running'
      observer.onRoom()
    }
    observer.onBlock({
      height,
      timeMs,
      transactions: chosen.map(({ id, tickets }, position) => ({
        id,
        tickets,
        result: results[position] as TransactionResult,
      })),
    })
    return true
  }

  #fail(error: unknown): void {
    if (error instanceof StoreFull) {
      this.#state = 'full'
      this.#options.observer.onFull(error)
    } else {
      this.#state = 'halted'
      this.#options.observer.onHalt(error)
    }
    const code = this.#state === 'full' ? 'disk_full' : 'node_stopped'
    this.#reject([...this.#queue.candidates({ transactions: Infinity, bytes: Infinity })], code)
  }

  #reject(waiting: readonly Waiting<Ticket>[], code: string): void {
    if (waiting.length === 0) return
    this.#queue.remove(waiting)
    for (const one of waiting) {
      this.#forget(one)
      this.#options.observer.onRejected(one.tickets, code)
    }
  }

  /** The application remembers what came as a text. */
  #forget(waiting: Waiting<Ticket>): void {
    if (waiting.admitted === undefined) this.#options.application.forget(waiting.jws)
  }
}

/** A transaction in the queue: as a text, or as admission left it, whose text then need not be at hand. */
class Queued<Ticket> implements Waiting<Ticket> {
  readonly admitted: Admitted | undefined
  readonly id: string
  readonly sponsor: string
  readonly notAfterMs: number
  readonly tickets: Ticket[]
  readonly #text: string | undefined

  constructor(transaction: Transaction, { id = '', sponsor = '', notAfterMs = 0 }: CheckTxAnswer, ticket: Ticket) {
    this.#text = typeof transaction === 'string' ? transaction : undefined
    this.admitted = typeof transaction === 'string' ? undefined : transaction
    this.id = id
    this.sponsor = sponsor
    this.notAfterMs = notAfterMs
    this.tickets = [ticket]
  }

  get jws(): string {
    return this.#text ?? this.admitted?.jws ?? ''
  }
}

/** Those of the candidates that were chosen; both lists are in the same order. */
function inOrder<Ticket>(candidates: readonly Waiting<Ticket>[], chosen: readonly Transaction[]): Waiting<Ticket>[] {
  if (candidates.length === chosen.length) return [...candidates]
  const waiting: Waiting<Ticket>[] = []
  for (const candidate of candidates) {
    const next = chosen[waiting.length]
    if (next !== undefined && (candidate.admitted ?? candidate.jws) === next) waiting.push(candidate)
  }
  return waiting
}
