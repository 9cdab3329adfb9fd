/** Signed, durable points transfers through the ledger's own face, in this process: no HTTP, no read model. */

import { availableParallelism } from 'node:os'
import type { BenchGroup } from './bench-group.ts'
import { driveFull, drivePaced } from './drive.ts'
import type { BenchRow } from './row.ts'
import { signTransfers } from './workload.ts'

/** Transactions handed in at once when latency is measured. */
export const pacedBatch = 32

export interface TransferLoad {
  readonly transactions: number
  readonly actions: number
  /** Transactions handed in at once, and how often at the same time. */
  readonly batch: number
  readonly lanes: number
}

export async function benchInProcess(city: BenchGroup, load: TransferLoad, rawPerSecond: number): Promise<BenchRow> {
  const { group, owners, submit } = city
  const { transactions, actions, batch, lanes } = load
  await driveFull(submit, signTransfers(group, owners, Math.ceil(transactions / 10), actions), load)
  const signed = signTransfers(group, owners, transactions, actions)
  const before = process.cpuUsage()
  const full = await driveFull(submit, signed, load)
  const { user, system } = process.cpuUsage(before)
  const half = await drivePaced(submit, signTransfers(group, owners, Math.ceil(transactions / 4), actions), {
    batch: pacedBatch,
    perSecond: full.perSecond / 2,
  })
  const cpuMicros = (user + system) / transactions
  const ratioToLimit = full.perSecond / rawPerSecond
  const note = remainder({ ratioToLimit, cpuMicros, checkMicros: (availableParallelism() * 1e6) / rawPerSecond })
  return {
    name: actions === 1 ? 'transfers.one.inprocess' : 'transfers.sixteen.inprocess',
    perSecond: full.perSecond * actions,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    ratioToLimit,
    how: `${transactions} transactions of ${actions}, ${lanes} × ${batch} at once, EdDSA checked by ${city.ledger().stats().verifier}, flushed; latency of ${pacedBatch} at once at half that load`,
    facts: { cpuMicrosATransaction: Math.round(cpuMicros) },
    ...(note !== undefined && { note }),
  }
}

interface Cost {
  readonly ratioToLimit: number
  /** Processor time of one transaction, over all threads. */
  readonly cpuMicros: number
  /** Of one signature check, with every core at work. */
  readonly checkMicros: number
}

/** The share of the limit that a transaction should reach. */
const aim = 0.6

/** What stands between the rate and the limit: told where the aim is missed. */
function remainder({ ratioToLimit, cpuMicros, checkMicros }: Cost): string | undefined {
  if (ratioToLimit >= aim) return undefined
  const beside = Math.round(cpuMicros - checkMicros)
  const idle = Math.max(0, Math.round(100 * (1 - (ratioToLimit * cpuMicros) / checkMicros)))
  return (
    `below ${aim}: ${beside} µs of processor time a transaction beside ${Math.round(checkMicros)} µs of checking its signature ` +
    `(opening, rules, hashes, log, state); the processors were without work of ours for ${idle} % of the time`
  )
}
