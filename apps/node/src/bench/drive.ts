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

/** A steady rate, whatever the answers take: latency is counted from the moment a transaction was due. */
export async function drivePaced(submit: Submit, transactions: readonly string[], perSecond: number): Promise<Driven> {
  const tickMs = 2
  const samples: number[] = []
  const open: Promise<void>[] = []
  const started = performance.now()
  let next = 0
  while (next < transactions.length) {
    const due = Math.min(transactions.length, Math.floor(((performance.now() - started) / 1000) * perSecond))
    if (due > next) {
      const part = transactions.slice(next, due)
      const firstDue = started + (next / perSecond) * 1000
      next = due
      open.push(
        submit(part).then((answers) => {
          assertCommitted(answers)
          for (let index = 0; index < part.length; index++)
            samples.push(performance.now() - firstDue - (index / perSecond) * 1000)
        }),
      )
    }
    await delay(tickMs)
  }
  await Promise.all(open)
  const seconds = (performance.now() - started) / 1000
  return { perSecond: transactions.length / seconds, ...percentiles(samples) }
}

function assertCommitted(answers: readonly { readonly status: string; readonly code?: string }[]): void {
  const other = answers.find((answer) => answer.status !== 'committed')
  if (other !== undefined) throw new Error(`A transaction of the benchmark was ${other.status}: ${other.code}`)
}
