/** Puts batches that were admitted side by side back into the order in which they were submitted. */
import type { Admitted } from '../admission/admitted.ts'

/** Transactions of a batch with the ticket of each. */
export type TicketedBatch = readonly (readonly [ticket: number, transaction: Admitted])[]

export class BatchOrder {
  readonly #next: (batch: TicketedBatch) => void
  readonly #early = new Map<number, TicketedBatch>()
  #expected = 0

  constructor(next: (batch: TicketedBatch) => void) {
    this.#next = next
  }

  take(number: number, batch: TicketedBatch): void {
    this.#early.set(number, batch)
    for (let due = this.#early.get(this.#expected); due !== undefined; due = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected)
      this.#expected++
      this.#next(due)
    }
  }
}
