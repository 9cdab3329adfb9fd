/**
 * Gathers transactions into parcels on their way to the engine. The first after a pause goes at once; what comes within
 * some milliseconds after it goes together. A parcel holds transactions of one sponsor, so that one whose share is used
 * up elsewhere does not hold others back.
 */
import type { BroadcastAnswer } from './engine-client.ts'
import { packParcel, parcelBytes, parcelTransactions } from './parcel.ts'

export interface Parcelled {
  readonly jws: string
  readonly sponsor: string
}

export interface ParcelSenderOptions<Sent extends Parcelled> {
  /** Hands an entry to the engine; rejects where it is unknown whether the engine has it. */
  readonly broadcast: (entry: string) => Promise<BroadcastAnswer>
  /** What the engine says of the entry that held these. */
  readonly onAnswer: (sent: readonly Sent[], answer: BroadcastAnswer) => void
  readonly onFault: (sent: readonly Sent[], error: unknown) => void
  readonly later: (step: () => void, milliseconds: number) => void
}

/** Twice as long as an engine waits before it sends what it has; a fraction of a block's time. */
const gatherMs = 20

export class ParcelSender<Sent extends Parcelled> {
  readonly #options: ParcelSenderOptions<Sent>
  /** By sponsor. What is sent again before it has gone is sent once: a parcel has no line twice. */
  readonly #waiting = new Map<string, Set<Sent>>()
  #isGathering = false
  #isDue = false

  constructor(options: ParcelSenderOptions<Sent>) {
    this.#options = options
  }

  send(one: Sent): void {
    const waiting = this.#waiting.get(one.sponsor)
    if (waiting === undefined) this.#waiting.set(one.sponsor, new Set([one]))
    else waiting.add(one)
    if (this.#isGathering || this.#isDue) return
    this.#isDue = true
    // What is handed in by the same turn goes together.
    queueMicrotask(() => {
      this.#isDue = false
      this.#sendAll()
    })
  }

  #sendAll(): void {
    if (this.#waiting.size === 0) return
    const parts = [...this.#waiting.values()].flatMap(parcelsOf)
    this.#waiting.clear()
    for (const part of parts) this.#sendPart(part)
    this.#isGathering = true
    this.#options.later(() => {
      this.#isGathering = false
      this.#sendAll()
    }, gatherMs)
  }

  #sendPart(part: readonly Sent[]): void {
    const { broadcast, onAnswer, onFault } = this.#options
    broadcast(packParcel(part.map(({ jws }) => jws))).then(
      (answer) => onAnswer(part, answer),
      (error: unknown) => onFault(part, error),
    )
  }
}

function parcelsOf<Sent extends Parcelled>(waiting: Iterable<Sent>): readonly Sent[][] {
  const parcels: Sent[][] = []
  let bytes = Infinity
  for (const one of waiting) {
    const last = parcels.at(-1)
    bytes += 1 + one.jws.length
    if (last !== undefined && bytes <= parcelBytes && last.length < parcelTransactions) last.push(one)
    else {
      parcels.push([one])
      bytes = one.jws.length
    }
  }
  return parcels
}
