/** One group at one node: sending transactions, waiting for outcomes, asking for what the group holds. */
import { answeredOf, createPause, type Http, NodeUnreachable, presentOnly, sleep } from './http.ts'
import { type LiveBlock, liveBlocks } from './live-blocks.ts'
import type { Outcome } from './outcome.ts'
import { createSubmitter, type SubmitOptions } from './submission.ts'

export interface GroupClient {
  readonly groupId: string
  /** Address of the group at the node. */
  readonly url: string
  /**
   * Sends transactions and waits until each has its outcome, in the order given. Busy answers and lost connections are
   * met by sending the same bytes again; when patience ends, the outcome is what the node said last.
   */
  submit(transactions: readonly string[], options?: SubmitOptions): Promise<readonly Outcome[]>
  /** What became of a transaction; undefined where the node does not know it. */
  outcome(transactionId: string): Promise<Outcome | undefined>
  /** JSON at a path below the group, such as `/points/programs`. Throws `NodeAnswered` where there is none. */
  get(path: string): Promise<unknown>
  /** As `get`, with undefined for what does not exist. */
  find(path: string): Promise<unknown>
  getText(path: string): Promise<string>
  /** A resource of the log or a document, as bytes. */
  getBytes(path: string): Promise<Uint8Array>
  /** Stores a public document whose SHA-256 the ledger has anchored. */
  putDocument(hash: string, document: string | Uint8Array, mediaType: string): Promise<void>
  /** Offers a trust bundle; the node keeps it if the committee signed it and it is newer than the one it has. */
  putTrustBundle(bundle: string): Promise<void>
  /** Resolves when queries answer for this height; `submit` returns before, because lists follow the ledger. */
  readModelReached(height: number, signal?: AbortSignal): Promise<void>
  /** Blocks as they are committed, without end, each once: what came after `after` first. `signal` ends it. */
  liveBlocks(options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<LiveBlock>
}

export function createGroupClient(http: Http, groupId: string): GroupClient {
  const base = `/v1/groups/${encodeURIComponent(groupId)}`
  const ask = (path: string, signal?: AbortSignal) => http.ask(`${base}${path}`, { signal })
  const get = async (path: string): Promise<unknown> => (await ask(path)).json()
  const outcome = async (id: string) => (await presentOnly(get(`/transactions/${id}`))) as Outcome | undefined

  async function put(path: string, body: string | Uint8Array, mediaType: string): Promise<void> {
    await http.ask(`${base}${path}`, { method: 'PUT', body, headers: { 'content-type': mediaType } })
  }

  return {
    groupId,
    url: `${http.url}${base}`,
    submit: createSubmitter(http, base, outcome),
    outcome,
    get,
    find: (path) => presentOnly(get(path)),
    getText: async (path) => (await ask(path)).text(),
    getBytes: async (path) => new Uint8Array(await (await ask(path)).arrayBuffer()),
    putDocument: (hash, document, mediaType) => put(`/documents/${hash}`, document, mediaType),
    putTrustBundle: (bundle) => put('/trust-bundle', bundle, 'application/json'),
    async readModelReached(height, signal) {
      const pause = createPause(http.patienceMs, signal)
      for (;;) {
        const { projection } = (await (await ask('', signal)).json()) as { projection: { height: number } }
        if (projection.height >= height) return
        if (!(await pause(0))) throw new Error(`The read model stands at ${projection.height}, not yet at ${height}.`)
      }
    },
    liveBlocks: ({ after, signal }) => liveBlocks(openStream(http, `${base}/events`), after, signal),
  }
}

/** How a live stream is opened again and again: a node that is away for a while is waited for, a refusal ends it. */
function openStream(http: Http, path: string) {
  return async (lastEventId: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const headers = { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }
        const response = await http.stream(path, headers, signal)
        if (response.ok && response.body !== null) return response.body
        const answered = await answeredOf(path, response)
        if (answered.retryAfterMs === undefined) throw answered
        await sleep(answered.retryAfterMs, signal)
      } catch (error) {
        if (!(error instanceof NodeUnreachable)) throw error
      }
      await sleep(Math.min(250 * 2 ** attempt, 10_000), signal)
    }
  }
}
