/**
 * Sending transactions until each has an outcome. Sending the same bytes twice is harmless (the node answers with the
 * first outcome), so that a lost connection needs no thought: what has no outcome yet is sent again.
 */
import { createPause, type Http, NodeUnreachable, problemOf, retryAfterMsOf } from './http.ts'
import { isFinal, type Outcome } from './outcome.ts'

export interface SubmitOptions {
  readonly signal?: AbortSignal
  /** False returns `pending` outcomes as they are; true if absent. */
  readonly wait?: boolean
}

/** What a node takes in one request: so many transactions, and well under its limit of bytes. */
const requestTransactions = 256
const requestBytes = 4 * 1024 * 1024

type AskOutcome = (transactionId: string) => Promise<Outcome | undefined>

export function createSubmitter(http: Http, base: string, askOutcome: AskOutcome) {
  const path = `${base}/transactions`
  // Before the first answer a silent address is a mistake to tell at once; after it, a node that will be back.
  let hasAnswered = false

  async function post(transactions: readonly string[], signal: AbortSignal | undefined): Promise<readonly Outcome[]> {
    const body = JSON.stringify({ transactions })
    const response = await http.once(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      signal,
    })
    hasAnswered = true
    return outcomesOf(response.status, await response.text(), retryAfterMsOf(response), transactions.length)
  }

  /** The outcomes of transactions sent once, those that are pending asked for once more. */
  async function round(transactions: readonly string[], { signal, wait = true }: SubmitOptions) {
    const outcomes = await post(transactions, signal)
    if (!wait) return outcomes
    return Promise.all(
      outcomes.map(async (outcome) => {
        const isOpen = outcome.status === 'pending' && outcome.id !== undefined
        return isOpen ? ((await askOutcome(outcome.id)) ?? outcome) : outcome
      }),
    )
  }

  async function submitPart(transactions: readonly string[], options: SubmitOptions): Promise<readonly Outcome[]> {
    const pause = createPause(http.patienceMs, options.signal)
    const isSettled = (outcome: Outcome | undefined) =>
      outcome !== undefined && (isFinal(outcome) || (options.wait === false && outcome.status === 'pending'))
    const outcomes = new Array<Outcome | undefined>(transactions.length).fill(undefined)
    for (;;) {
      const open = transactions.flatMap((_, index) => (isSettled(outcomes[index]) ? [] : [index]))
      try {
        const answers = await round(
          open.map((index) => transactions[index] as string),
          options,
        )
        for (const [at, answer] of answers.entries()) outcomes[open[at] as number] = answer
        const retryAfterMs = Math.max(...answers.map((answer) => answer.retryAfterMs ?? 0))
        if (outcomes.every(isSettled)) return outcomes as Outcome[]
        if (!(await pause(retryAfterMs))) return outcomes as Outcome[]
      } catch (error) {
        if (!(error instanceof NodeUnreachable) || !hasAnswered || !(await pause(0))) throw error
      }
    }
  }

  return async (transactions: readonly string[], options: SubmitOptions = {}): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = []
    for (const part of parts(transactions)) outcomes.push(...(await submitPart(part, options)))
    return outcomes
  }
}

function* parts(transactions: readonly string[]): Generator<readonly string[]> {
  let part: string[] = []
  let bytes = 0
  for (const transaction of transactions) {
    if (part.length === requestTransactions || (part.length > 0 && bytes + transaction.length > requestBytes)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(transaction)
    bytes += transaction.length
  }
  if (part.length > 0) yield part
}

/** One outcome per transaction sent, whatever way the node found to say it. */
function outcomesOf(status: number, text: string, retryAfterMs: number | undefined, count: number): readonly Outcome[] {
  const listed = listedOutcomes(text)
  if (listed?.length === count) return listed
  const { code, detail, at } = problemOf(status, text)
  if (retryAfterMs === undefined && count > 1) {
    throw new Error(`The node refused the whole request with ${code} (${status}).${detail ? ` ${detail}` : ''}`)
  }
  const outcome: Outcome = {
    status: 'rejected',
    code,
    ...(detail === undefined ? {} : { sentence: detail }),
    ...(at === undefined ? {} : { at }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  return Array.from({ length: count }, () => outcome)
}

function listedOutcomes(text: string): readonly Outcome[] | undefined {
  try {
    const { outcomes } = JSON.parse(text) as { outcomes?: readonly Outcome[] }
    return Array.isArray(outcomes) ? outcomes : undefined
  } catch {
    return undefined
  }
}
