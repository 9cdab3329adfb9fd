/** Keeps a ledger busy with transactions that are signed already, and times the answers. */
import { setTimeout as delay } from 'node:timers/promises'
import { percentiles } from './row.ts'
import type { Submit } from './workload.ts'

export interface Driven {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Load {
  /** Transactions handed in at once. */
  readonly batch: number
  /** Batches under way at the same time. */
  readonly lanes: number
}

/** Full load: every lane hands in its next batch as soon as the last is answered. Fails if any is not committed. */
export async function driveFull(submit: Submit, transactions: readonly string[], load: Load): Promise<Driven> {
  const samples: number[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < transactions.length) {
      const part = transactions.slice(next, next + load.batch)
      next += part.length
      const handedIn = performance.now()
      assertCommitted(await submit(part))
      samples.push(performance.now() - handedIn)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: load.lanes }, lane))
  const seconds = (performance.now() - started) / 1000
  return { perSecond: transactions.length / seconds, ...percentiles(samples) }
}

/** A steady rate, whatever the answers take: each batch is handed in when it is due, and timed from then. */
export async function drivePaced(
  submit: Submit,
  transactions: readonly string[],
  { batch, perSecond }: { readonly batch: number; readonly perSecond: number },
): Promise<Driven> {
  const samples: number[] = []
  const open: Promise<unknown>[] = []
  const started = performance.now()
  for (let next = 0; next < transactions.length; next += batch) {
    const dueMs = started + (next / perSecond) * 1000
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    const answered = submit(transactions.slice(next, next + batch)).then((answers) => {
      assertCommitted(answers)
      samples.push(performance.now() - dueMs)
    })
    // What fails is told when all are in: a rejection that nobody awaits yet would end the program.
    open.push(answered.catch((error: unknown) => error))
  }
  const failed = (await Promise.all(open)).find((outcome) => outcome !== undefined)
  if (failed !== undefined) throw failed
  const seconds = (performance.now() - started) / 1000
  return { perSecond: transactions.length / seconds, ...percentiles(samples) }
}

function assertCommitted(answers: readonly { readonly status: string; readonly code?: string }[]): void {
  const other = answers.find((answer) => answer.status !== 'committed')
  if (other !== undefined) throw new Error(`A transaction of the benchmark was ${other.status}: ${other.code}`)
}
