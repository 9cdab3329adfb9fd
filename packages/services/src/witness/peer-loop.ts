/**
 * Asks one member's node, again and again, for what it signed: one request at a time, which the other side answers when
 * it has something new. Where blocks come quickly one question brings several; whoever waits for a quorum is asked for at
 * once. A node that is away is asked less and less often; what it answers is bounded in size and time.
 */
import { sleep } from '@chengxin/client'
import { boundedBody } from '../bounded-body.ts'
import type { GroupWitness } from './group-witness.ts'
import { answerLimits, readPeerAnswer } from './peer-answer.ts'

export interface Peer {
  readonly memberId: string
  /** Address of the member's node. */
  readonly nodeUrl: string
}

export interface PeerLoopOptions {
  readonly peer: Peer
  readonly witness: GroupWitness
  readonly signal: AbortSignal
  readonly fetch?: typeof fetch
  /** How long the other side may hold an answer back until it has something new. */
  readonly waitMs?: number
  /** How long after a question the next is asked at the soonest, unless somebody waits for a quorum; a second if absent. */
  readonly askEveryMs?: number
  /** How long to wait after the first failure; doubled with each further one, up to a minute. */
  readonly firstPauseMs?: number
  readonly notice: (level: 'info' | 'warn', code: string) => void
}

export interface PeerState {
  readonly reachable: boolean
  /** Why not: a code. */
  readonly fault?: string
}

const defaultWaitMs = 10_000
const defaultAskEveryMs = 1_000
const shortestPauseMs = 10
const longestPauseMs = 60_000

export class PeerLoop {
  readonly peer: Peer
  readonly #options: PeerLoopOptions
  /** The largest checkpoint that was taken in from this member. */
  #heardSize = -1
  #failures = 0
  #hasNews = false
  #fault: string | undefined = 'not_asked_yet'
  readonly #fetched = new Set<string>()

  constructor(options: PeerLoopOptions) {
    this.#options = options
    this.peer = options.peer
  }

  state(): PeerState {
    return this.#fault === undefined ? { reachable: true } : { reachable: false, fault: this.#fault }
  }

  /** Runs until the signal; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      const askedAtMs = performance.now()
      const fault = await this.askOnce()
      if (signal.aborted) return
      this.#tell(fault)
      await this.#pause(fault, performance.now() - askedAtMs)
    }
  }

  async #pause(fault: string | undefined, tookMs: number): Promise<void> {
    const { signal, witness, askEveryMs = defaultAskEveryMs } = this.#options
    const isAnswered = fault === undefined && (this.#hasNews || this.#isHeldBack(tookMs))
    if (!isAnswered) return sleep(this.#longPauseMs(fault), signal).catch(() => undefined)
    this.#failures = 0
    const restMs = this.#hasNews && !witness.isWanted ? askEveryMs - tookMs : 0
    const wanted = new AbortController()
    const stop = witness.onWanted(() => wanted.abort())
    await sleep(Math.max(shortestPauseMs, restMs), AbortSignal.any([signal, wanted.signal])).catch(() => undefined)
    stop()
  }

  /** Who answers at once with nothing new would keep us busy with asking. */
  #isHeldBack(tookMs: number): boolean {
    return tookMs >= (this.#options.waitMs ?? defaultWaitMs) / 2
  }

  #longPauseMs(fault: string | undefined): number {
    const { firstPauseMs = 1_000 } = this.#options
    if (fault === undefined) {
      this.#failures = 0
      return firstPauseMs
    }
    const pauseMs = Math.min(firstPauseMs * 2 ** this.#failures++, longestPauseMs)
    // Members that stopped together should not come back together.
    return pauseMs * (0.75 + Math.random() / 2)
  }

  /** One question and its answer; a code where it failed. */
  async askOnce(): Promise<string | undefined> {
    const { witness, waitMs = defaultWaitMs } = this.#options
    const text = await this.#get(`/log/cosignatures?from=${this.#heardSize}&waitMs=${waitMs}`, waitMs)
    if (typeof text !== 'string') return text.fault
    const answer = readPeerAnswer(text)
    if (answer === undefined) return 'answer_malformed'
    this.#hasNews = answer.checkpoints.length > 0
    const refusal = witness.heard(this.peer.memberId, answer)
    if (refusal !== undefined) return refusal.refused
    // A node that was set back shows its old log again, and is to be held against ours anew.
    this.#heardSize = answer.size < this.#heardSize ? -1 : answer.size
    for (const id of answer.contradictions) {
      if (witness.contradictions.has(id) || this.#fetched.has(id)) continue
      this.#fetched.add(id)
      const proof = await this.#get(`/log/contradictions/${id}`, 0)
      if (typeof proof === 'string') witness.heardContradiction(proof)
    }
    return undefined
  }

  async #get(path: string, waitMs: number): Promise<string | { readonly fault: string }> {
    const { peer, witness, signal, fetch: send = fetch } = this.#options
    const url = `${peer.nodeUrl.replace(/\/+$/, '')}/v1/groups/${witness.log.groupId}${path}`
    try {
      const response = await send(url, {
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(waitMs + 10_000)]),
      })
      const text = await boundedText(response)
      if (text === undefined) return { fault: 'answer_too_large' }
      return response.ok ? text : { fault: `http_${response.status}` }
    } catch {
      return { fault: 'unreachable' }
    }
  }

  #tell(fault: string | undefined): void {
    if (fault === this.#fault) return
    this.#fault = fault
    const { notice } = this.#options
    if (fault === undefined) notice('info', 'peer_heard')
    else notice('warn', fault)
  }
}

/** The body, unless it is longer than any honest one. */
export async function boundedText(response: Response): Promise<string | undefined> {
  return (await boundedBody(response, answerLimits.characters))?.toString('utf8')
}
