/** Another member's node, asked for what one that joins needs. Everything it answers is bounded, and checked elsewhere. */
import type { ClaimedSnapshot } from '@chengxin/ledger/joining/endorsed-boundaries'
import { boundedBody } from '@chengxin/services'

const textBytes = 1024 * 1024
/** A block may take more than an answer is to hold, and then comes alone. */
const blockBytes = 64 * 1024 * 1024
const answerWithinMs = 30_000

export interface MemberNodeOptions {
  readonly memberId: string
  readonly nodeUrl: string
  readonly groupId: string
  /** Shown where the group's log is for its members alone. */
  readonly token?: () => Promise<string | undefined>
  readonly signal: AbortSignal
}

export class MemberNode {
  readonly memberId: string
  readonly #options: MemberNodeOptions

  constructor(options: MemberNodeOptions) {
    this.#options = options
    this.memberId = options.memberId
  }

  /** Where its engine's headers are asked for. */
  get engineUrl(): string {
    return this.#url('/engine')
  }

  /** What it says of its snapshots; nothing where it does not answer, or nothing that can be read. */
  async snapshots(): Promise<readonly ClaimedSnapshot[]> {
    const answer = await this.#json('/snapshots')
    const { snapshots } = (answer ?? {}) as { readonly snapshots?: unknown }
    if (!Array.isArray(snapshots)) return []
    return snapshots.flatMap((one: unknown) => {
      const { height, hash, signed } = (one ?? {}) as { readonly [fact: string]: unknown }
      const { state, log } = (signed ?? {}) as { readonly state?: unknown; readonly log?: unknown }
      if (typeof height !== 'number' || typeof state !== 'string' || typeof log !== 'string') return []
      if (typeof hash !== 'string') return []
      return [{ memberId: this.memberId, height, hash, notes: { state, log } }]
    })
  }

  /** The result of the engine's RPC; undefined where there is none. */
  async askEngine(method: string, params: object): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = await this.#json('/engine', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    return (answer as { readonly result?: unknown } | undefined)?.result
  }

  /** Blocks from a height on, at most so many. */
  async rawBlocks(height: number, count: number): Promise<Uint8Array | undefined> {
    const token = await this.#options.token?.()
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return this.#bytes(`/log/raw/${height}?count=${count}`, blockBytes, { headers })
  }

  /** The hash of the same blocks as it has them. */
  async rawDigest(height: number, count: number): Promise<string | undefined> {
    const answer = (await this.#json(`/log/raw/${height}/digest?count=${count}`)) as
      | { readonly sha256?: unknown }
      | undefined
    return typeof answer?.sha256 === 'string' ? answer.sha256 : undefined
  }

  async #json(path: string, request: RequestInit = {}): Promise<unknown> {
    const bytes = await this.#bytes(path, textBytes, request)
    try {
      return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown)
    } catch {
      return undefined
    }
  }

  async #bytes(path: string, limit: number, request: RequestInit): Promise<Uint8Array | undefined> {
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(answerWithinMs)])
    try {
      const response = await fetch(this.#url(path), { ...request, redirect: 'error', signal })
      const bytes = await boundedBody(response, limit)
      return response.ok ? bytes : undefined
    } catch {
      return undefined
    }
  }

  #url(path: string): string {
    const { nodeUrl, groupId } = this.#options
    return `${nodeUrl.replace(/\/+$/, '')}/v1/groups/${groupId}${path}`
  }
}
