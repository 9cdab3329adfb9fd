/** What an endpoint answers with: a body, its media type, and how long others may keep it. */
import { canonicalize } from '@chengxin/kernel'

export const mediaTypes = {
  json: 'application/json',
  problem: 'application/problem+json',
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
  cose: 'application/cose',
  html: 'text/html; charset=utf-8',
} as const

/** `forever`: the address names these bytes. `ask`: keep, but ask each time whether it still holds. `never`: do not keep. */
export type Caching = 'forever' | 'hour' | 'ask' | 'never'

export interface Answer {
  readonly status: number
  readonly mediaType: string
  readonly body: string | Uint8Array
  readonly caching: Caching
  readonly headers?: { readonly [name: string]: string }
}

/** JSON in canonical form: amounts are decimal strings, members that are undefined are left out. */
export function jsonAnswer(value: unknown, change: Partial<Omit<Answer, 'body'>> = {}): Answer {
  return { status: 200, mediaType: mediaTypes.json, caching: 'never', ...change, body: canonicalize(value) }
}

export function textAnswer(body: string, change: Partial<Omit<Answer, 'body'>> = {}): Answer {
  return { status: 200, mediaType: mediaTypes.text, caching: 'ask', ...change, body }
}

export function bytesAnswer(body: Uint8Array, change: Partial<Omit<Answer, 'body'>> = {}): Answer {
  return { status: 200, mediaType: mediaTypes.bytes, caching: 'never', ...change, body }
}

export function cacheControl(caching: Caching, isPublic: boolean): string {
  const whom = isPublic ? 'public' : 'private'
  switch (caching) {
    case 'forever':
      return `${whom}, max-age=31536000, immutable`
    case 'hour':
      return `${whom}, max-age=3600`
    case 'ask':
      return `${whom}, no-cache`
    case 'never':
      return 'no-store'
  }
}
