/** Errors as RFC 9457 problem details with our stable code beside them. */
import { type Answer, jsonAnswer, mediaTypes } from './answer.ts'
import type { RefusalCatalogue } from './refusals.ts'

export interface ProblemFacts {
  /** JSON pointer to what is wrong. */
  readonly at?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** Further members of the problem document. */
  readonly members?: { readonly [name: string]: unknown }
}

const defaultRetryMs = 1000

export function problemAnswer(catalogue: RefusalCatalogue, code: string, facts: ProblemFacts = {}): Answer {
  const status = catalogue.statusOf(code)
  const sentence = catalogue.sentenceOf(code)
  const isBusy = status === 429 || status === 503
  const retryAfterMs = facts.retryAfterMs ?? (isBusy ? defaultRetryMs : undefined)
  const document = {
    type: `urn:chengxin:refusal:${code}`,
    title: sentence ?? code,
    status,
    code,
    ...(sentence === undefined ? {} : { detail: sentence }),
    at: facts.at,
    retryAfterMs,
    ...facts.members,
  }
  const headers = {
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="group", error="invalid_token"' } : {}),
  }
  return jsonAnswer(document, { status, mediaType: mediaTypes.problem, headers })
}

/** What we say of our own bugs: nothing that could be anyone's data. The log has the rest. */
export function internalErrorAnswer(): Answer {
  const title = 'The node met an error of its own; the operator finds it in the log.'
  const document = { type: 'urn:chengxin:error', title, status: 500, code: 'internal_error', detail: title }
  return jsonAnswer(document, { status: 500, mediaType: mediaTypes.problem })
}

export const problemSchema = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable; see the list of refusals.' },
    detail: { type: 'string' },
    at: { type: 'string', description: 'JSON pointer to what is wrong.' },
    retryAfterMs: { type: 'number', description: 'Present where the same request may pass later.' },
    outcomes: { type: 'array', items: { $ref: '#/components/schemas/Outcome' } },
  },
  required: ['type', 'title', 'status', 'code'],
} as const
