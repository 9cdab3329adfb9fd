/**
 * The parcels that the engine keeps, as far as known here, with what waits of each. A parcel is over when the last of its
 * transactions has left: the engine asks about it after the next block, and lets it go.
 */

interface KeptParcel<Waiting> {
  readonly text: string
  readonly waiting: Set<Waiting>
}

export class KeptParcels<Waiting> {
  readonly #parcels = new Map<string, KeptParcel<Waiting>>()
  readonly #carriers = new Map<Waiting, KeptParcel<Waiting>>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  has(text: string): boolean {
    return this.#parcels.has(text)
  }

  carries(one: Waiting): boolean {
    return this.#carriers.has(one)
  }

  /** What still waits of a parcel. */
  waitingIn(text: string): Iterable<Waiting> {
    return this.#parcels.get(text)?.waiting ?? []
  }

  /** Each of these is carried by no other parcel. */
  add(text: string, waiting: readonly Waiting[]): void {
    const parcel = { text, waiting: new Set(waiting) }
    this.#parcels.set(text, parcel)
    this.#bytes += text.length
    for (const one of waiting) this.#carriers.set(one, parcel)
  }

  /** One that waited has left. */
  leave(one: Waiting): void {
    const parcel = this.#carriers.get(one)
    if (parcel === undefined) return
    this.#carriers.delete(one)
    parcel.waiting.delete(one)
    if (parcel.waiting.size === 0) this.#remove(parcel)
  }

  /** The engine is told to drop it, though some of it waits. */
  letGo(text: string): void {
    const parcel = this.#parcels.get(text)
    if (parcel === undefined) return
    for (const one of parcel.waiting) this.#carriers.delete(one)
    this.#remove(parcel)
  }

  clear(): void {
    this.#parcels.clear()
    this.#carriers.clear()
    this.#bytes = 0
  }

  #remove({ text }: KeptParcel<Waiting>): void {
    this.#parcels.delete(text)
    this.#bytes -= text.length
  }
}
