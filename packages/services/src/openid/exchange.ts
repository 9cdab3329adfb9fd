/**
 * Requests and answers without a web framework: what a server hands in and sends out. Bodies are read here and strictly, a
 * parameter or a name that stands twice is refused (RFC 6749 section 3.1), because readers disagree on which one counts.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { type OpenidAnswer, type OpenidRequest, type Parameters, readParameters } from '@chengxin/holder'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type OpenidCode, openidCodes } from './codes.ts'

export { type OpenidAnswer, type OpenidRequest, type Parameters, readParameters } from '@chengxin/holder'

/** Far above any request that wallets send: a batch of proofs is a few kilobytes, a presentation a few dozen. */
const maxBodyCharacters = 512 * 1024

/** Refusals: `content_type_wrong`, `request_too_large`, `form_malformed`, `parameter_repeated`. */
export function readForm({ headers, body }: OpenidRequest): Parameters | Refusal {
  if (mediaTypeOf(headers) !== 'application/x-www-form-urlencoded') return refuse('content_type_wrong')
  return body.length > maxBodyCharacters ? refuse('request_too_large') : readParameters(body)
}

/** Refusals: `content_type_wrong`, `request_too_large`, `json_malformed` (also a name twice in one object). */
export function readJson({ headers, body }: OpenidRequest): JsonObject | Refusal {
  if (mediaTypeOf(headers) !== 'application/json') return refuse('content_type_wrong')
  if (body.length > maxBodyCharacters) return refuse('request_too_large')
  return parseJsonObject(body) ?? refuse('json_malformed')
}

function mediaTypeOf(headers: OpenidRequest['headers']): string | undefined {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase()
}

/** Nothing that is answered here may be kept by anybody on the way. */
const uncached = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export function jsonAnswer(status: number, body: object, headers: OpenidAnswer['headers'] = {}): OpenidAnswer {
  const type = { 'content-type': 'application/json' }
  return { status, headers: { ...type, ...uncached, ...headers }, body: JSON.stringify(body) }
}

export function textAnswer(mediaType: string, body: string): OpenidAnswer {
  return { status: 200, headers: { 'content-type': mediaType, ...uncached }, body }
}

export const emptyAnswer: OpenidAnswer = { status: 204, headers: uncached, body: '' }

/** A refusal as the standards spell errors, and our own code beside it, which says more than `invalid_request` does. */
export function refusalAnswer({ refused }: Refusal): OpenidAnswer {
  if (!isOpenidCode(refused)) throw new Error(`The code ${refused} is not among those of OpenID exchanges.`)
  const [error, status, sentence] = openidCodes[refused]
  const challenge = status === 401 ? { 'www-authenticate': `DPoP error="${error}", Bearer error="${error}"` } : {}
  return jsonAnswer(status, { error, error_description: sentence, code: refused }, challenge)
}

export function isOpenidCode(code: string): code is OpenidCode {
  return Object.hasOwn(openidCodes, code)
}

/** What a handler made of a request: its answer, or its refusal as an answer. */
export function answerOf(outcome: OpenidAnswer | Refusal): OpenidAnswer {
  return isRefusal(outcome) ? refusalAnswer(outcome) : outcome
}
