/** Signed, durable points transfers through the ledger's own face, in this process: no HTTP, no read model. */

import { availableParallelism } from 'node:os'
import { createSigner, createVerifier, generatePrivateJwk } from '@chengxin/crypto/node'
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
  const cost = { ratioToLimit, cpuMicros, checkMicros: checkCost(), perSecond: full.perSecond }
  const note = actions === 1 ? remainder(cost) : undefined
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
  /** Of one signature check. */
  readonly checkMicros: number
  readonly perSecond: number
}

/** Processor time of one check on this thread, when nothing else runs in this process: a rate would count what others do. */
function checkCost(): number {
  const { sign, jwk } = createSigner(generatePrivateJwk('EdDSA'))
  const message = new Uint8Array(600)
  const signature = sign(message)
  const { verify } = createVerifier()
  const checks = 5_000
  verify(jwk, message, signature)
  const before = process.cpuUsage()
  for (let check = 0; check < checks; check++) verify(jwk, message, signature)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / checks
}

/** The share of the limit that a transaction should reach. */
const aim = 0.6

/** What stands between the rate and the limit: told where the aim is missed. */
function remainder({ ratioToLimit, cpuMicros, checkMicros, perSecond }: Cost): string | undefined {
  if (ratioToLimit >= aim) return undefined
  const beside = Math.round(cpuMicros - checkMicros)
  const unused = Math.max(0, Math.round(100 * (1 - (perSecond * cpuMicros) / (availableParallelism() * 1e6))))
  return (
    `below ${aim}: ${beside} µs of processor time a transaction beside ${Math.round(checkMicros)} µs of checking its signature ` +
    `(opening, rules, hashes, log, state); ${unused} % of the processors went unused or to other programs`
  )
}
