/** One way to ask the node: JSON or text from the same origin, and a problem as an error that carries its code. */

/** What went wrong, in words a program can read (RFC 9457). `code` is `unreachable` where no answer came at all. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

async function ask(path: string, accept: string, signal?: AbortSignal, sent: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    const headers = { accept, ...(sent.headers as Record<string, string> | undefined) }
    response = await fetch(path, { ...sent, headers, ...(signal === undefined ? {} : { signal }) })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new ApiProblem(0, 'unreachable', String(cause))
  }
  if (response.ok) return response
  throw await problemOf(response)
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = new ApiProblem(response.status, `http_${response.status}`, response.statusText)
  if (!(response.headers.get('content-type') ?? '').includes('json')) return fallback
  try {
    const problem = (await response.json()) as { code?: string; detail?: string; title?: string }
    return new ApiProblem(response.status, problem.code ?? fallback.code, problem.detail ?? problem.title ?? '')
  } catch {
    return fallback
  }
}

/** The answer's shape is the API's contract (/openapi.json); the caller names it. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, 'application/json', signal)
  return (await response.json()) as T
}

export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  const response = await ask(path, 'text/plain, */*', signal)
  return response.text()
}

/** Sends something and returns the answer: what changes things at a desk. Without a body an empty object is sent. */
export async function sendJson<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown = {}): Promise<T> {
  const content =
    method === 'DELETE' ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await ask(path, 'application/json', undefined, { method, ...content })
  return (await response.json()) as T
}

/** Sends bytes as they are, such as a photograph. */
export async function sendBytes<T>(method: 'POST' | 'PUT', path: string, bytes: Blob): Promise<T> {
  const sent = { method, body: bytes, headers: { 'content-type': bytes.type } }
  const response = await ask(path, 'application/json', undefined, sent)
  return (await response.json()) as T
}
