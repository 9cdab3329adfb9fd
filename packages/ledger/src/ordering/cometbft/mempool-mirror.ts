/**
 * What waits in the engine's mempool, as far as this member has seen it through `checkTx`. The engine knows no sponsors
 * and takes whatever comes first; shares are kept here: a transaction above its sponsor's share is refused on entry, and
 * a block is proposed from here, so that one member's flood leaves room for the others.
 */
import { hash } from 'node:crypto'
import { limits } from '@chengxin/kernel'
import type { BlockRequest, CheckTxAnswer, CheckTxRequest } from '../port.ts'
import { type QueueLimits, TransactionQueue, type Waiting } from '../queue.ts'
import { KeptParcels } from './kept-parcels.ts'
import { isParcel, unpackParcel } from './parcel.ts'
import { varintBytes } from './wire.ts'

type Kept = Waiting<never>

/** One transaction of a parcel, and what the application says of it. */
export interface JudgedLine {
  readonly transaction: string
  readonly answer: CheckTxAnswer
}

/** Parcels may hold so many times the bytes that may wait: in part they hold what is done already. */
export const parcelShare = 2

/** Of a parcel most of which waits already: what is new in it must come by itself. */
export const sendAlone = 'send_alone'

/** With these a transaction may go on to other members: it is good, or enters the log by another way. */
const travels: ReadonlySet<string> = new Set(['ok', 'known', 'already_waiting'])

export class MempoolMirror {
  readonly #limits: QueueLimits
  readonly #queue: TransactionQueue<never>
  /** Found invalid since the last look, and taken out together: one by one would cost a pass over the queue each. */
  #dropped: Kept[] = []
  readonly #parcels = new KeptParcels<Kept>()

  constructor(limits: QueueLimits) {
    this.#limits = limits
    this.#queue = new TransactionQueue(limits)
  }

  /** Another engine has come: it keeps nothing yet. What waits is still known, and need not be judged by share again. */
  forgetParcels(): void {
    this.#parcels.clear()
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

  /**
   * As `judge`, for the transactions of one parcel: the verdict on each. The engine keeps the parcel, and floods it, where
   * at least one is `ok`. Half of its letters must be new, or a parcel would be a way to fill the engine with what waits
   * already. One that was packed here (`isOwn`) is kept as a whole or not at all: what is answered with a refusal must not
   * travel to members that have room for it. Where it is not kept, what was good is `already_waiting` or, where it is new,
   * `send_alone`.
   */
  judgeParcel(parcel: string, lines: readonly JudgedLine[], isOwn: boolean): readonly CheckTxAnswer[] {
    this.#clear()
    if (this.#parcels.has(parcel)) return lines.map(({ answer }) => answer)
    const before = lines.map(({ answer: { id = '' } }) => this.#queue.find(id))
    const isNew = lines.map((line, index) => this.#isNew(line, before[index]))
    const newBytes = lines.reduce((sum, { transaction }, index) => sum + (isNew[index] ? transaction.length : 0), 0)
    const isFull = this.#parcels.bytes + parcel.length > this.#limits.bytes * parcelShare
    if (isFull || newBytes * 2 < parcel.length) {
      const code = isFull ? 'queue_full' : sendAlone
      return lines.map(({ answer }, index) => insteadOfOk(answer, isNew[index] ? code : 'already_waiting'))
    }
    const answers = lines.map(({ transaction, answer }, index) => {
      const judged = this.judge({ transaction, kind: 'new' }, answer)
      return isNew[index] ? judged : insteadOfOk(judged, 'already_waiting')
    })
    const keptIn = (which: (index: number) => boolean) =>
      answers.flatMap(({ code, id = '' }, index) =>
        code === 'ok' && which(index) ? [this.#queue.find(id) as Kept] : [],
      )
    if (isOwn && answers.some(({ code }) => !travels.has(code))) {
      this.#queue.remove(keptIn((index) => before[index] === undefined))
      return answers.map((answer) => insteadOfOk(answer, sendAlone))
    }
    const kept = keptIn(() => true)
    if (kept.length > 0) this.#parcels.add(parcel, kept)
    return answers
  }

  /**
   * Whether anything of a parcel still waits; `isGood` asks the application about each that does. Where parcels crowd the
   * engine, one of which most is done is let go: the rest may still be proposed from here.
   */
  recheckParcel(parcel: string, isGood: (transaction: string) => boolean): boolean {
    let bytes = 0
    for (const one of this.#parcels.waitingIn(parcel)) {
      if (isGood(one.jws)) bytes += one.jws.length
      else this.#dropped.push(one)
    }
    const isCrowded = this.#parcels.bytes > this.#limits.bytes
    const stays = bytes > 0 && !(isCrowded && bytes * 2 < parcel.length)
    if (!stays) this.#parcels.letGo(parcel)
    return stays
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
    this.#remove(gone)
    const late = this.#queue.expired(timeMs)
    if (late.length > 0) this.#remove(late)
  }

  /** For a proposal: a fair choice of what waits here, then whatever else the engine offers. */
  candidates(offered: readonly string[], maxBytes: number): readonly string[] {
    this.#clear()
    const waiting = this.#queue.candidates({ transactions: limits.blockTransactions, bytes: maxBytes })
    const texts = waiting.map(({ jws }) => jws)
    const known = new Set(texts)
    const strangers = offered.flatMap((entry) => this.#linesOfStranger(entry))
    return [...texts, ...strangers.filter((transaction) => !known.has(transaction))]
  }

  /** What is in an entry that the engine offers, if it did not come by here. */
  #linesOfStranger(entry: string): readonly string[] {
    if (!isParcel(entry)) return [entry]
    return this.#parcels.has(entry) ? [] : (unpackParcel(entry) ?? [])
  }

  #isNew({ transaction, answer }: JudgedLine, same: Kept | undefined): boolean {
    if (answer.code !== 'ok') return false
    return same === undefined || (same.jws === transaction && !this.#parcels.carries(same))
  }

  #remove(left: readonly Kept[]): void {
    this.#queue.remove(left)
    for (const one of left) this.#parcels.leave(one)
  }

  #clear(): void {
    if (this.#dropped.length === 0) return
    this.#remove(this.#dropped)
    this.#dropped = []
  }
}

function insteadOfOk(answer: CheckTxAnswer, code: string): CheckTxAnswer {
  const { id } = answer
  return answer.code === 'ok' ? { code, ...(id !== undefined && { id }) } : answer
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
