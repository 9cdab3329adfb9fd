/** A `fetch` that asks an API inside this process: the same door, without a socket. */
import type { Api } from './node-api.ts'

export function injectFetch(api: Api): typeof fetch {
  return async (input, init = {}) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const body = request.method === 'GET' ? undefined : Buffer.from(await request.arrayBuffer())
    const answer = await api.inject({
      method: request.method as 'GET' | 'POST' | 'PUT',
      url: `${pathname}${search}`,
      headers: Object.fromEntries(request.headers),
      ...(body === undefined ? {} : { payload: body }),
    })
    const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string])
    const hasBody = answer.statusCode !== 204 && answer.statusCode !== 304
    return new Response(hasBody ? new Uint8Array(answer.rawPayload) : null, { status: answer.statusCode, headers })
  }
}
