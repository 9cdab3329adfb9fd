/** Gathers answers for a moment, so that a flood of rejections crosses the thread in few messages. */
import type { RejectedAnswer } from './engine.ts'
import type { Rejection } from './messages.ts'

type Send = (rejected: readonly Rejection[], known: readonly (readonly [number, string])[]) => void

export class AnswerBox {
  readonly #send: Send
  #rejected: Rejection[] = []
  #known: (readonly [number, string])[] = []
  #waiting = false

  constructor(send: Send) {
    this.#send = send
  }

  reject(tickets: readonly number[], answer: RejectedAnswer): void {
    this.#rejected.push({ tickets, answer })
    this.#soon()
  }

  know(ticket: number, id: string): void {
    this.#known.push([ticket, id])
    this.#soon()
  }

  #soon(): void {
    if (this.#waiting) return
    this.#waiting = true
    setImmediate(() => {
      this.#waiting = false
      this.#send(this.#rejected, this.#known)
      this.#rejected = []
      this.#known = []
    })
  }
}
