/** What a node answers about a transaction, and which of its answers say that the same bytes may pass later. */

/** One per submitted transaction, in order. */
export interface Outcome {
  /**
   * `committed`: in the log, with events. `refused`: in the log with a code and no effect; its nonce is used.
   * `rejected`: not in the log. `pending`: accepted, not yet in a block.
   */
  readonly status: 'committed' | 'refused' | 'rejected' | 'pending'
  readonly id?: string
  /** Why it was refused or rejected; `sentence` says it in English. */
  readonly code?: string
  readonly sentence?: string
  /** Where in the payload the fault is, as a JSON pointer. */
  readonly at?: string
  /** Present where sending the same bytes after so many milliseconds can help. */
  readonly retryAfterMs?: number
  readonly height?: number
  readonly position?: number
  readonly leafIndex?: number
  readonly timeMs?: number
  readonly events?: readonly OutcomeEvent[]
  /** Path of the receipt below the node's address. */
  readonly receipt?: string
}

export interface OutcomeEvent {
  /** `<domain>.<event>` */
  readonly type: string
  readonly [member: string]: unknown
}

export function isFinal(outcome: Outcome): boolean {
  return outcome.status !== 'pending' && !mayPassLater(outcome)
}

/** Whether nothing is wrong with the transaction and the node merely had no room for it. */
export function mayPassLater(outcome: Outcome): boolean {
  return outcome.status === 'rejected' && outcome.retryAfterMs !== undefined
}

/** The events of an outcome, or an exception that names the code: for callers to whom anything else is a failure. */
export function expectCommitted(outcome: Outcome | undefined): readonly OutcomeEvent[] {
  if (outcome?.status === 'committed') return outcome.events ?? []
  throw new TransactionFailed(outcome)
}

export class TransactionFailed extends Error {
  override readonly name = 'TransactionFailed'
  readonly outcome: Outcome | undefined
  constructor(outcome: Outcome | undefined) {
    const code = outcome?.code ?? outcome?.status ?? 'no outcome'
    const place = outcome?.at === undefined ? '' : ` at ${outcome.at}`
    super(`The transaction was not committed: ${code}${place}.${outcome?.sentence ? ` ${outcome.sentence}` : ''}`)
    this.outcome = outcome
  }
}
