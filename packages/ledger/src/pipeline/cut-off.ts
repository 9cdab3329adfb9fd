/**
 * Ends connections of this member's engine to engines that belong to no member any more. CometBFT asks whom it may keep when
 * a connection is made, and offers no way to end one: so the engine is started again, and refuses whoever comes back. Members
 * take turns by the clock, so that one is away at a time and comes back within its turn.
 */
import { quorumOf } from '../joining/endorsed-boundaries.ts'
import type { EnginesOfMembers } from './consensus.ts'

export interface CutOffOptions {
  /** The id of this member's own engine. */
  readonly self: string
  /** Milliseconds since 1970; members' clocks agree within seconds. */
  readonly clock: () => number
  /** Whether this member takes part and has what the others have. */
  readonly isAtHead: () => boolean
  /** Starts the engine again. Named are the engines that are to be gone by that. */
  readonly restart: (former: readonly string[]) => void
}

/** Above what an engine needs to be back, on a machine that is not at its limit. Looks are less than half of it apart. */
export const turnMs = 10_000
/** So many turns a member waits for others to be back, where the group has to pause without it. */
const patientTurns = 6
/** Who is there again after a restart was not kept out by it: that is tried no more often than this. */
const againAfterMs = 600_000

export class CutOff {
  readonly #options: CutOffOptions
  readonly #cutAtMs = new Map<string, number>()
  #turnsPassed = 0
  #lastTurn = -1
  #count = 0

  constructor(options: CutOffOptions) {
    this.#options = options
  }

  /** Restarts of the engine so far. */
  get count(): number {
    return this.#count
  }

  /** Told every few seconds to which engines ours is connected. */
  look(connected: readonly string[], engines: EnginesOfMembers): void {
    const { clock, isAtHead, restart } = this.#options
    const nowMs = clock()
    const former = connected.filter((id) => engines.former.includes(id) && this.#mayCut(id, nowMs))
    if (former.length === 0) {
      this.#turnsPassed = 0
      return
    }
    if (!this.#isOwnTurn(engines.listed, nowMs) || !isAtHead()) return
    if (!this.#mayLeave(connected, engines.listed, nowMs)) return
    for (const id of former) this.#cutAtMs.set(id, nowMs)
    this.#turnsPassed = 0
    this.#count++
    restart(former)
  }

  #mayCut(id: string, nowMs: number): boolean {
    const cutAtMs = this.#cutAtMs.get(id)
    return cutAtMs === undefined || nowMs - cutAtMs > againAfterMs
  }

  /** Only its first half: in the second an engine that goes could not be back before the next member's turn. */
  #isOwnTurn(listed: readonly string[], nowMs: number): boolean {
    const position = listed.indexOf(this.#options.self)
    const turn = Math.floor(nowMs / turnMs)
    return position >= 0 && turn % listed.length === position && nowMs % turnMs < turnMs / 2
  }

  /**
   * Whether it may be away for a moment: where all others are there, or enough to go on without it. Of three all are needed,
   * so these pause for that moment. Where somebody is down for long it is done all the same, while the group stands with it.
   */
  #mayLeave(connected: readonly string[], listed: readonly string[], nowMs: number): boolean {
    const others = listed.filter((id) => id !== this.#options.self)
    const present = others.filter((id) => connected.includes(id)).length
    const needed = quorumOf(listed.length)
    if (present === others.length || present >= needed) return true
    const turn = Math.floor(nowMs / turnMs)
    if (turn !== this.#lastTurn) this.#turnsPassed++
    this.#lastTurn = turn
    return this.#turnsPassed > patientTurns && present + 1 >= needed
  }
}
