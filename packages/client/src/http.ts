/**
 * Requests to a node, with patience where waiting can help: 429 and 503 are asked again after Retry-After, growing and
 * with jitter so that many clients do not return at once. Bodies are sent again as the same bytes.
 */

export interface HttpOptions {
  /** Address of the node, such as `http://localhost:8080`. */
  readonly url: string
  readonly fetch?: typeof fetch
  /** How long a busy node is asked again, in all; a minute if absent. 0 asks once. */
  readonly patienceMs?: number
  /** How long one answer may take; 30 seconds if absent. */
  readonly timeoutMs?: number
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly body?: string | Uint8Array
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal | undefined
}

/** RFC 9457 problem details, as every error of a node is. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title?: string
  readonly detail?: string
  readonly at?: string
}

/** The node answered, and the answer is not the thing asked for. */
export class NodeAnswered extends Error {
  override readonly name = 'NodeAnswered'
  readonly problem: Problem
  readonly retryAfterMs: number | undefined
  constructor(path: string, problem: Problem, retryAfterMs?: number) {
    const sentence = problem.detail ?? problem.title
    super(`The node answered ${path} with ${problem.code} (${problem.status}).${sentence ? ` ${sentence}` : ''}`)
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}

/** No answer came: the node does not run, or another program stands at its address. */
export class NodeUnreachable extends Error {
  override readonly name = 'NodeUnreachable'
  constructor(url: string, cause: unknown) {
    super(`No node answers at ${url} (${reasonOf(cause)}).`, { cause })
  }
}

export interface Http {
  readonly url: string
  readonly patienceMs: number
  /** The answer whatever its status, asked once. Throws `NodeUnreachable` where none came. */
  once(path: string, request?: HttpRequest): Promise<Response>
  /** A good answer; throws `NodeAnswered` otherwise, and only after patience where the node was busy. */
  ask(path: string, request?: HttpRequest): Promise<Response>
  /** An answer that may go on without end; only the signal ends it. */
  stream(path: string, headers: { readonly [name: string]: string }, signal: AbortSignal): Promise<Response>
}

export function createHttp(options: HttpOptions): Http {
  const { fetch: send = fetch, patienceMs = 60_000, timeoutMs = 30_000 } = options
  const url = options.url.replace(/\/+$/, '')

  async function once(path: string, request: HttpRequest = {}): Promise<Response> {
    const { method = 'GET', body, headers, signal } = request
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      return await send(`${url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: body as BodyInit }),
        ...(headers === undefined ? {} : { headers }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new NodeUnreachable(url, error)
    }
  }

  async function ask(path: string, request: HttpRequest = {}): Promise<Response> {
    const pause = createPause(patienceMs, request.signal)
    for (;;) {
      const response = await once(path, request)
      if (response.ok) return response
      const answered = await answeredOf(path, response)
      if (answered.retryAfterMs === undefined || !(await pause(answered.retryAfterMs))) throw answered
    }
  }

  async function stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    try {
      return await send(`${url}${path}`, { headers, signal })
    } catch (error) {
      if (signal.aborted) throw error
      throw new NodeUnreachable(url, error)
    }
  }

  return { url, patienceMs, once, ask, stream }
}

/** Undefined in place of the answer that there is no such thing; any other failure stays one. */
export async function presentOnly<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NodeAnswered && error.problem.status === 404) return undefined
    throw error
  }
}

/** The error that a response with a bad status stands for. */
export async function answeredOf(path: string, response: Response): Promise<NodeAnswered> {
  const text = await response.text().catch(() => '')
  return new NodeAnswered(path, problemOf(response.status, text), retryAfterMsOf(response))
}

export function problemOf(status: number, text: string): Problem {
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null
    if (typeof problem?.code === 'string') return { ...problem, code: problem.code, status }
  } catch {
    // Whatever answered is not a node, or a proxy stands before it: its status is all there is to tell.
  }
  return { status, code: `http_${status}` }
}

/** Undefined where waiting cannot help. */
export function retryAfterMsOf({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  const seconds = Number(headers.get('retry-after') ?? '')
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : 0
}

/**
 * A way to wait that ends: each call waits at least as long as asked and, from call to call, up to twice as long; it
 * answers false, without waiting, once the whole would last longer than `patienceMs`.
 */
export function createPause(patienceMs: number, signal?: AbortSignal): (atLeastMs: number) => Promise<boolean> {
  const endMs = Date.now() + patienceMs
  let stepMs = 100
  return async (atLeastMs) => {
    const waitMs = Math.max(atLeastMs, stepMs) + Math.random() * stepMs
    stepMs = Math.min(stepMs * 2, 5_000)
    if (Date.now() + waitMs > endMs) return false
    await sleep(waitMs, signal)
    return true
  }
}

/** Resolves after a time, or at once rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      if (signal?.aborted) reject(signal.reason)
      else resolve()
    }
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  const { cause } = error
  // Node's fetch says only "fetch failed"; what happened is in the cause, and its code is the shortest way to say it.
  const code = cause instanceof Error ? (cause as Error & { code?: string }).code : undefined
  return code ?? error.message
}
