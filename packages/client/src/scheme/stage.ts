/**
 * The desks of a sample city as somebody works there: one role after the other, each by the same addresses that the portal
 * uses. In a browser the cookie of the session is the browser's affair; elsewhere it is kept here.
 */
import type { GroupClient } from '../group-client.ts'
import { createNodeClient } from '../node-client.ts'

export interface Stage {
  readonly url: string
  readonly group: GroupClient
  /** Signs in as one of the city's personas. */
  become(persona: string): Promise<void>
  /** Asks a desk, as whoever is signed in; the path begins with the desk's name. Throws `DeskRefused`. */
  ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** A file as bytes, such as a register. */
  send<T>(path: string, mediaType: string, bytes: Uint8Array): Promise<T>
}

/** A desk refused, or did not answer: its code and its sentence. */
export class DeskRefused extends Error {
  override readonly name = 'DeskRefused'
  readonly code: string
  /** `reason` is another's code that this desk passes on. */
  constructor(path: string, { code, detail = '', reason }: Refused) {
    super(`${path} was refused with ${code}${reason === undefined ? '' : ` (${reason})`}. ${detail}`.trim())
    this.code = code
  }
}

interface Refused {
  readonly code: string
  readonly detail?: string
  readonly reason?: string
}

export interface StageOptions {
  readonly url: string
  readonly fetch?: typeof fetch
}

/** Opens the stage at a node that keeps a sample city. Throws where it keeps none. */
export async function openStage({ url, fetch: send = fetch }: StageOptions): Promise<Stage> {
  const node = createNodeClient({ url, fetch: send })
  const city = (await node.groups()).find(({ sample }) => sample)
  if (city === undefined) throw new Error('This node keeps no sample city, and only there can roles be tried.')
  let cookie = ''

  async function request<T>(method: string, path: string, content: RequestInit): Promise<T> {
    const own = cookie === '' ? {} : { cookie }
    const headers = { accept: 'application/json', ...own, ...(content.headers as Record<string, string> | undefined) }
    const answer = await send(`${url}/v1/desks/${path}`, { ...content, method, headers })
    const given = answer.headers.get('set-cookie')
    if (given !== null) cookie = given.split(';')[0] ?? ''
    const body = (await answer.json().catch(() => ({}))) as Partial<Refused>
    if (!answer.ok) throw new DeskRefused(path, { ...body, code: body.code ?? `status_${answer.status}` })
    return body as T
  }
  const ask: Stage['ask'] = (method, path, body) =>
    request(
      method,
      path,
      method === 'GET' || method === 'DELETE'
        ? {}
        : { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } },
    )

  return {
    url,
    group: node.group(city.id),
    become: async (persona) => void (await ask('POST', `sign-in/personas/${persona}`)),
    ask,
    send: (path, mediaType, bytes) =>
      request('POST', path, { body: bytes as BodyInit, headers: { 'content-type': mediaType } }),
  }
}
