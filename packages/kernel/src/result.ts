/**
 * Outcomes as values. A refusal is an answer that the caller must handle; an exception is a bug of ours.
 *
 * A refusal carries a stable code (`balance_too_low`), never prose: the sentence for a code lives with its definition
 * and its translation in the portal.
 */

/** What a refusal asks of whoever receives it. `api` turns the kind into an HTTP status, and nobody else does. */
export type RefusalKind =
  | 'malformed' // The bytes or the fields are wrong; sending them again cannot help.
  | 'unauthenticated' // The signature or the key does not hold.
  | 'forbidden' // The signer is known and may not do this.
  | 'missing' // What the request names does not exist.
  | 'conflict' // The state does not admit it: done before, too late, too little.
  | 'busy' // Nothing is wrong with the request; sending the same bytes later can help.

export interface Refusal {
  readonly refused: string
}

export type Result<T> = T | Refusal

/** Makes a refusal with this code. Codes are lower snake case and listed in docs/REFUSALS.md. */
export function refuse(code: string): Refusal {
  return { refused: code }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && typeof (value as { refused?: unknown }).refused === 'string'
}

/** The value, or an exception that names the code: for places where a refusal would be our own bug, such as tests. */
export function expectOk<T>(value: Result<T>): T {
  if (isRefusal(value)) throw new Error(`Unexpected refusal: ${value.refused}`)
  return value
}
