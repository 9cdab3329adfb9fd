/** Puts batches that were admitted side by side back into the order in which they were submitted. */
import type { AdmittedBatch } from './messages.ts'

export class BatchOrder {
  readonly #next: (batch: AdmittedBatch) => void
  readonly #early = new Map<number, AdmittedBatch>()
  #expected = 0

  constructor(next: (batch: AdmittedBatch) => void) {
    this.#next = next
  }

  take(batch: AdmittedBatch): void {
    this.#early.set(batch.batch, batch)
    for (let due = this.#early.get(this.#expected); due !== undefined; due = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected)
      this.#expected++
      this.#next(due)
    }
  }
}
