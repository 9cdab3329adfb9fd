/** The same transfers over HTTP to a node in a process of its own, with its read model following. */
import { setTimeout as delay } from 'node:timers/promises'
import { createNodeClient } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { driveFull, drivePaced } from './drive.ts'
import { pacedBatch, type TransferLoad } from './in-process.ts'
import { type NodeProcess, startNodeProcess } from './node-process.ts'
import type { BenchRow } from './row.ts'
import { type Answered, type Owner, type Submit, settleOwners, signTransfers } from './workload.ts'

export interface HttpCity {
  readonly node: NodeProcess
  readonly group: GroupId
  readonly owners: readonly Owner[]
  readonly submit: Submit
}

export async function openHttpCity(ownerCount: number): Promise<HttpCity> {
  const node = await startNodeProcess()
  const group = (await createNodeClient({ url: node.url }).findGroup()).groupId as GroupId
  const submit = submitTo(`${node.url}/v1/groups/${group}/transactions`)
  return { node, group, submit, owners: await settleOwners(group, submit, ownerCount) }
}

export function submitTo(url: string): Submit {
  return async (transactions) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transactions }),
    })
    const answer = (await response.json()) as { outcomes?: readonly Answered[]; code?: string }
    return (
      answer.outcomes ?? transactions.map(() => ({ status: 'rejected', code: answer.code ?? String(response.status) }))
    )
  }
}

export async function benchOverHttp(city: HttpCity, load: TransferLoad, rawPerSecond: number): Promise<BenchRow> {
  const { group, owners, submit } = city
  const { transactions, actions, batch, lanes } = load
  await driveFull(submit, signTransfers(group, owners, Math.ceil(transactions / 10), actions), load)
  const full = await driveFull(submit, signTransfers(group, owners, transactions, actions), load)
  const followed = await followDrain(city)
  const half = await drivePaced(submit, signTransfers(group, owners, Math.ceil(transactions / 4), actions), {
    batch: pacedBatch,
    perSecond: full.perSecond / 2,
  })
  await followDrain(city)
  return {
    name: actions === 1 ? 'transfers.one.http' : 'transfers.sixteen.http',
    perSecond: full.perSecond * actions,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    ratioToLimit: full.perSecond / rawPerSecond,
    how: `${transactions} transactions of ${actions}, ${batch} to a request, ${lanes} requests at once, flushed; latency of ${pacedBatch} at once at half that load`,
    facts: followed,
  }
}

/** How far the read model is behind when the load ends, and how long it takes to catch up. */
async function followDrain({
  node,
  group,
}: HttpCity): Promise<{ readLagBlocks: number; readLagMs: number; readDrainMs: number; memoryMb: number }> {
  const ended = performance.now()
  let first: Standing | undefined
  for (;;) {
    const standing = await standingOf(node.url, group)
    first ??= standing
    if (standing.projection.height >= standing.height) {
      const { lagBlocks, lagMs } = first.projection
      return {
        readLagBlocks: lagBlocks,
        readLagMs: lagMs,
        readDrainMs: Math.round(performance.now() - ended),
        memoryMb: Math.round(node.memoryMb()),
      }
    }
    await delay(50)
  }
}

interface Standing {
  readonly height: number
  readonly projection: { readonly height: number; readonly lagBlocks: number; readonly lagMs: number }
}

async function standingOf(url: string, group: GroupId): Promise<Standing> {
  return (await fetch(`${url}/v1/groups/${group}`)).json() as Promise<Standing>
}
