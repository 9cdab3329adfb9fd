/**
 * Spreads submissions over the admission threads. A thread has at most two batches at hand, so that it never waits for
 * work; what comes meanwhile gathers and makes the next batch larger: alone a transaction leaves at once, in a flood a
 * hundred go together.
 */
import type { RulesChanged, ToAdmission } from './messages.ts'

const batchLimit = 128
const batchesAtHand = 2
/**
 * Transactions that may be beyond the door at once: enough for the block being made, the one behind it, and the batches at
 * hand. What waits longer, waits as plain text before it.
 */
const insideLimit = 3_072

export interface AdmissionThread {
  postMessage(message: ToAdmission | RulesChanged): void
}

interface Place {
  readonly thread: AdmissionThread
  atHand: number
}

export class AdmissionPool {
  readonly #places: readonly Place[]
  #tickets: number[] = []
  #transactions: string[] = []
  #from = 0
  #batches = 0
  #inside = 0

  constructor(threads: readonly AdmissionThread[]) {
    this.#places = threads.map((thread) => ({ thread, atHand: 0 }))
  }

  send(tickets: readonly number[], transactions: readonly string[]): void {
    for (let index = 0; index < tickets.length; index++) {
      this.#tickets.push(tickets[index] as number)
      this.#transactions.push(transactions[index] as string)
    }
    this.#dispatch()
  }

  /** A thread has judged a batch. */
  judged(thread: number): void {
    const place = this.#places[thread] as Place
    place.atHand--
    this.#dispatch()
  }

  /** So many have been answered. */
  answered(count: number): void {
    this.#inside -= count
    this.#dispatch()
  }

  useRules(rulesetHash: string): void {
    for (const { thread } of this.#places) thread.postMessage({ rulesetHash })
  }

  #dispatch(): void {
    while (this.#from < this.#tickets.length) {
      const place = this.#leastBusy()
      if (place.atHand >= batchesAtHand || this.#inside >= insideLimit) return
      const to = Math.min(this.#from + batchLimit, this.#tickets.length)
      place.atHand++
      this.#inside += to - this.#from
      place.thread.postMessage({
        batch: this.#batches++,
        tickets: this.#tickets.slice(this.#from, to),
        transactions: this.#transactions.slice(this.#from, to),
      })
      this.#from = to
    }
    this.#tickets = []
    this.#transactions = []
    this.#from = 0
  }

  #leastBusy(): Place {
    let least = this.#places[0] as Place
    for (const place of this.#places) if (place.atHand < least.atHand) least = place
    return least
  }
}
