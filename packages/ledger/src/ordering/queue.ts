/**
 * Transactions that wait for a block, first come first served, bounded in number and bytes. While others wait, nobody's
 * share of the queue or of a block is above half, counted by the member that sponsors the signer.
 */
import { type Refusal, refuse } from '@chengxin/kernel'
import { type Admitted, lengthOf } from '../admission/admitted.ts'

export interface Waiting<Ticket> {
  readonly jws: string
  /** What admission has made of it, where it was admitted in this process. */
  readonly admitted?: Admitted | undefined
  readonly id: string
  readonly sponsor: string
  readonly notAfterMs: number
  /** Everyone who waits for the outcome: the same transaction may be sent twice while it waits. */
  readonly tickets: Ticket[]
}

export interface QueueLimits {
  readonly transactions: number
  readonly bytes: number
}

export interface BlockLimits {
  readonly transactions: number
  readonly bytes: number
}

interface Share {
  transactions: number
  bytes: number
}

export class TransactionQueue<Ticket> {
  readonly #limits: QueueLimits
  /** In order of arrival, as a map keeps it: whoever leaves, from the front or from the middle, moves nobody else. */
  readonly #waiting = new Map<string, Waiting<Ticket>>()
  readonly #shares = new Map<string, Share>()
  #bytes = 0
  /** Nobody who waits is too late before this time. */
  #soonestMs = Infinity

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#waiting.size
  }

  find(id: string): Waiting<Ticket> | undefined {
    return this.#waiting.get(id)
  }

  /** Queues a transaction, or refuses: `queue_full`, or `sponsor_quota` where room is left, but not for this sponsor. */
  add(waiting: Waiting<Ticket>): Refusal | undefined {
    const { transactions, bytes } = this.#limits
    const share = this.#shares.get(waiting.sponsor) ?? { transactions: 0, bytes: 0 }
    const size = sizeOf(waiting)
    if (this.size + 1 > transactions || this.#bytes + size > bytes) return refuse('queue_full')
    // A sponsor alone may use most of the queue, and never all of it: the rest is the door for whoever comes next.
    const part = this.#shares.size > (share.transactions > 0 ? 1 : 0) ? 1 / 2 : 7 / 8
    if (share.transactions + 1 > transactions * part || share.bytes + size > bytes * part)
      return refuse('sponsor_quota')

    share.transactions++
    share.bytes += size
    this.#shares.set(waiting.sponsor, share)
    this.#bytes += size
    this.#waiting.set(waiting.id, waiting)
    this.#soonestMs = Math.min(this.#soonestMs, waiting.notAfterMs)
    return undefined
  }

  /** What the next block could hold, in order; they stay queued until `remove`. */
  candidates(limits: BlockLimits): readonly Waiting<Ticket>[] {
    if (this.size <= limits.transactions && this.#bytes <= limits.bytes) return [...this.#waiting.values()]
    return this.#shares.size === 1 ? this.#firstOf(limits) : this.#fairShare(limits)
  }

  remove(left: Iterable<Waiting<Ticket>>): void {
    for (const waiting of left) {
      if (!this.#waiting.delete(waiting.id)) continue
      const size = sizeOf(waiting)
      this.#bytes -= size
      const share = this.#shares.get(waiting.sponsor) as Share
      share.bytes -= size
      if (--share.transactions === 0) this.#shares.delete(waiting.sponsor)
    }
  }

  /** Everything that is too late at this time. */
  expired(nowMs: number): readonly Waiting<Ticket>[] {
    if (nowMs < this.#soonestMs) return []
    const late: Waiting<Ticket>[] = []
    let soonestMs = Infinity
    for (const waiting of this.#waiting.values()) {
      if (waiting.notAfterMs <= nowMs) late.push(waiting)
      soonestMs = Math.min(soonestMs, waiting.notAfterMs)
    }
    this.#soonestMs = soonestMs
    return late
  }

  /** Up to half a block for each sponsor; what then is left of the block goes to whoever is next. */
  #fairShare(limits: BlockLimits): readonly Waiting<Ticket>[] {
    const chosen = new Set<Waiting<Ticket>>()
    const taken = new Map<string, Share>()
    let bytes = 0
    const take = (waiting: Waiting<Ticket>): boolean => {
      if (chosen.size === limits.transactions || bytes + sizeOf(waiting) > limits.bytes) return false
      chosen.add(waiting)
      bytes += sizeOf(waiting)
      return true
    }
    for (const waiting of this.#waiting.values()) {
      const share = taken.get(waiting.sponsor) ?? { transactions: 0, bytes: 0 }
      if (share.transactions >= limits.transactions / 2 || share.bytes >= limits.bytes / 2) continue
      if (!take(waiting)) break
      share.transactions++
      share.bytes += sizeOf(waiting)
      taken.set(waiting.sponsor, share)
    }
    for (const waiting of this.#waiting.values()) if (!chosen.has(waiting) && !take(waiting)) break
    return this.#inOrder(chosen)
  }

  #inOrder(chosen: ReadonlySet<Waiting<Ticket>>): readonly Waiting<Ticket>[] {
    const ordered: Waiting<Ticket>[] = []
    for (const waiting of this.#waiting.values()) {
      if (ordered.length === chosen.size) break
      if (chosen.has(waiting)) ordered.push(waiting)
    }
    return ordered
  }

  #firstOf(limits: BlockLimits): readonly Waiting<Ticket>[] {
    const first: Waiting<Ticket>[] = []
    let bytes = 0
    for (const waiting of this.#waiting.values()) {
      bytes += sizeOf(waiting)
      if (first.length === limits.transactions || bytes > limits.bytes) break
      first.push(waiting)
    }
    return first
  }
}

/** Letters of its text, which need not be at hand as one. */
function sizeOf(waiting: Waiting<unknown>): number {
  return waiting.admitted === undefined ? waiting.jws.length : lengthOf(waiting.admitted)
}
