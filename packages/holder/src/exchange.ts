/**
 * Requests and answers without a web framework, and how forms are read: strictly, because readers disagree on which of two
 * parameters of one name counts (RFC 6749 section 3.1).
 */
import { type Refusal, refuse } from '@chengxin/kernel'

export interface OpenidRequest {
  readonly method: string
  /** The address as the client asked for it, scheme and host included. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The body as text; empty where there is none. */
  readonly body: string
}

export interface OpenidAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

const maxParameters = 64

export type Parameters = ReadonlyMap<string, string>

/** Parameters of a form or of a query without its question mark: `form_malformed`, `parameter_repeated`. */
export function readParameters(text: string): Parameters | Refusal {
  const parameters = new Map<string, string>()
  if (text === '') return parameters
  const pairs = text.split('&')
  if (pairs.length > maxParameters) return refuse('form_malformed')
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = at > 0 ? decodePart(pair.slice(0, at)) : undefined
    const value = decodePart(pair.slice(at + 1))
    if (name === undefined || value === undefined) return refuse('form_malformed')
    if (parameters.has(name)) return refuse('parameter_repeated')
    parameters.set(name, value)
  }
  return parameters
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
