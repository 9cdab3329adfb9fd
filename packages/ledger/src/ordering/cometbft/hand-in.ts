/**
 * Hands transactions to the engine, many to a request: one request each costs both sides more than the transaction does.
 * The engine is not waited for to ask the application, which it does in its own time, because it sends its questions
 * only every 20 ms: the verdict is the application's own, and known here from there.
 */
import type { BroadcastAnswer } from './engine-client.ts'

/** Transactions in a request at most; the engine is configured to take as many. */
export const handedInAtOnce = 64
/** Of transactions in a request: well below what the engine takes in a body, base64 included. */
const bytesAtOnce = 512 * 1024
/** Requests under way at a time; what comes meanwhile fills the next. */
const requestsAtOnce = 4

/** Posts transactions and answers each, in order. */
export type PostTransactions = (transactions: readonly string[]) => Promise<readonly (BroadcastAnswer | Error)[]>

interface Waiting {
  readonly transaction: string
  readonly done: (answer: BroadcastAnswer) => void
  readonly fail: (error: unknown) => void
}

export class HandIn {
  readonly #post: PostTransactions
  #waiting: Waiting[] = []
  #underWay = 0
  #isDue = false

  constructor(post: PostTransactions) {
    this.#post = post
  }

  /** Resolves when the engine has it; rejects when that is unknown. */
  hand(transaction: string): Promise<BroadcastAnswer> {
    return new Promise((done, fail) => {
      this.#waiting.push({ transaction, done, fail })
      if (this.#isDue) return
      this.#isDue = true
      // What is handed in by the same turn goes together.
      queueMicrotask(() => {
        this.#isDue = false
        this.#send()
      })
    })
  }

  #send(): void {
    while (this.#underWay < requestsAtOnce && this.#waiting.length > 0) {
      const part = this.#waiting.splice(0, fitting(this.#waiting))
      this.#underWay++
      void this.#sendPart(part).finally(() => {
        this.#underWay--
        this.#send()
      })
    }
  }

  async #sendPart(part: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#post(part.map(({ transaction }) => transaction))
      for (const [index, { done, fail }] of part.entries()) {
        const answer = answers[index]
        if (answer instanceof Error || answer === undefined) fail(answer)
        else done(answer)
      }
    } catch (error) {
      for (const { fail } of part) fail(error)
    }
  }
}

/** How many of these go together: at least one. */
function fitting(waiting: readonly Waiting[]): number {
  let [count, bytes] = [0, 0]
  for (const { transaction } of waiting) {
    bytes += transaction.length
    if (count === handedInAtOnce || (count > 0 && bytes > bytesAtOnce)) break
    count++
  }
  return count
}
