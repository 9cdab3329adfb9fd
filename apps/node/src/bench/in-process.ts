/** Signed, durable points transfers through the ledger's own face, in this process: no HTTP, no read model. */

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
  const full = await driveFull(submit, signTransfers(group, owners, transactions, actions), load)
  const half = await drivePaced(submit, signTransfers(group, owners, Math.ceil(transactions / 4), actions), {
    batch: pacedBatch,
    perSecond: full.perSecond / 2,
  })
  return {
    name: actions === 1 ? 'transfers.one.inprocess' : 'transfers.sixteen.inprocess',
    perSecond: full.perSecond * actions,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    ratioToLimit: full.perSecond / rawPerSecond,
    how: `${transactions} transactions of ${actions}, ${lanes} × ${batch} at once, flushed; latency of ${pacedBatch} at once at half that load`,
  }
}
