/**
 * Who waits for what: every submitted transaction holds a ticket until it is answered, once. Bounded in number and in
 * bytes, so that a flood is told to come back instead of being kept.
 */
import { hash } from 'node:crypto'
import { limits, type TransactionId } from '@chengxin/kernel'
import type { Outcome } from '../face.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import { type OpenedReport, openEvents } from './block-report.ts'
import type { RejectedAnswer } from './engine.ts'
import { outcomeOf } from './logged-blocks.ts'
import type { Pipeline } from './pipeline.ts'

interface Submission {
  readonly outcomes: Outcome[]
  left: number
  readonly resolve: (outcomes: readonly Outcome[]) => void
}

interface Ticket {
  readonly submission: Submission
  readonly index: number
  readonly transaction: string
  /** Computed when somebody asks for a waiting transaction by its id. */
  id?: string
}

/** Codes for which the same bytes may pass later, and when to come back. */
const retryAfterMs: Readonly<Record<string, number>> = {
  queue_full: 1_000,
  sponsor_quota: 1_000,
  disk_full: 5_000,
  catching_up: 1_000,
}

export class Submissions {
  readonly #limits: QueueLimits
  readonly #tickets = new Map<number, Ticket>()
  /** Answered `pending`, and until when they may still enter a block. */
  readonly #pending = new Map<string, number>()
  #bytes = 0
  #issued = 0
  admitted = 0
  readonly rejected = new Map<string, number>()

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get queued(): number {
    return this.#tickets.size
  }

  add(transactions: readonly string[], pipeline: Pipeline): Promise<readonly Outcome[]> {
    if (transactions.length === 0) return Promise.resolve([])
    return new Promise((resolve) => {
      const submission: Submission = { outcomes: new Array(transactions.length), left: transactions.length, resolve }
      const tickets: number[] = []
      const accepted: string[] = []
      const refused: number[] = []
      for (const [index, transaction] of transactions.entries()) {
        const ticket = ++this.#issued
        this.#tickets.set(ticket, { submission, index, transaction })
        this.#bytes += transaction.length
        if (this.#tickets.size > this.#limits.transactions || this.#bytes > this.#limits.bytes) refused.push(ticket)
        else {
          tickets.push(ticket)
          accepted.push(transaction)
        }
      }
      for (const ticket of refused) this.reject(ticket, { code: 'queue_full' })
      if (tickets.length > 0) pipeline.send(tickets, accepted)
    })
  }

  /** The same answer for all, without a ticket. */
  refuseAll(transactions: readonly string[], code: string): readonly Outcome[] {
    return transactions.map(() => this.#rejection({ code }))
  }

  reject(ticket: number, answer: RejectedAnswer): void {
    this.answer(ticket, this.#rejection(answer))
  }

  settle(opened: OpenedReport): void {
    const { tickets, twins } = opened.report
    const outcomes: Outcome[] = []
    let position = -1
    for (const leafIndex of opened.leafIndexes()) {
      const outcome = this.#outcomeAt(opened, ++position, leafIndex)
      outcomes.push(outcome)
      if (this.#pending.size > 0 && outcome.id !== undefined) this.#pending.delete(outcome.id)
      this.answer(tickets[position] as number, outcome)
    }
    for (const [at, ticket] of twins) this.answer(ticket, outcomes[at] as Outcome)
  }

  #outcomeAt(opened: OpenedReport, position: number, leafIndex: number | undefined): Outcome {
    const id = opened.id(position)
    const code = opened.code(position)
    if (leafIndex === undefined) return this.#rejection({ code, id })
    this.admitted++
    const { height, timeMs } = opened.report.head
    const facts = { id, height, position, leafIndex, timeMs, code }
    return outcomeOf(facts, () => openEvents(opened.events(position)))
  }

  /** Answers those who have waited long; the transaction itself goes on waiting. */
  tellPending(tickets: readonly number[], id: string, nowMs: number): void {
    this.#forgetLate(nowMs)
    this.#pending.set(id, nowMs + limits.notAfterAheadMs)
    for (const ticket of tickets) this.answer(ticket, { status: 'pending', id: id as TransactionId })
  }

  /** What cannot enter a block any more is pending no longer. In the order in which they were told, so the oldest are first. */
  #forgetLate(nowMs: number): void {
    for (const [id, untilMs] of this.#pending) {
      if (untilMs > nowMs && this.#pending.size < this.#limits.transactions) return
      this.#pending.delete(id)
    }
  }

  /** `pending` while a transaction of this id waits for its answer, or is known to wait for a block. */
  pendingOutcome(id: TransactionId, nowMs: number): Outcome | undefined {
    if ((this.#pending.get(id) ?? 0) > nowMs) return { status: 'pending', id }
    for (const ticket of this.#tickets.values()) {
      ticket.id ??= idOfText(ticket.transaction)
      if (ticket.id === id) return { status: 'pending', id }
    }
    return undefined
  }

  /** Everyone who waits is told the same: the engine is gone. What it had accepted may be in the log all the same. */
  abandon(code: string): void {
    for (const ticket of [...this.#tickets.keys()]) this.reject(ticket, { code })
  }

  answer(ticket: number, outcome: Outcome): void {
    const waiting = this.#tickets.get(ticket)
    if (waiting === undefined) return
    this.#tickets.delete(ticket)
    this.#bytes -= waiting.transaction.length
    const { submission, index } = waiting
    submission.outcomes[index] = outcome
    if (--submission.left === 0) submission.resolve(submission.outcomes)
  }

  #rejection({ code, id, at }: RejectedAnswer): Outcome {
    this.rejected.set(code, (this.rejected.get(code) ?? 0) + 1)
    const later = retryAfterMs[code]
    return {
      status: 'rejected',
      code,
      ...(id !== undefined && { id: id as TransactionId }),
      ...(at !== undefined && { at }),
      ...(later !== undefined && { retryAfterMs: later }),
    }
  }
}

/** The id that a text would have if it is a transaction. */
function idOfText(text: string): string {
  return hash('sha256', text.slice(0, text.lastIndexOf('.')), 'base64url')
}
