/** How long a consortium takes to a receipt that a quorum of members has cosigned, and what it does when nobody asks anything of it. */
import { setTimeout as delay } from 'node:timers/promises'
import { transactionIdOf } from '@chengxin/client'
import { type ConsortiumCity, lookAt } from './consortium.ts'
import { usedBetween } from './process-tree.ts'
import { type BenchRow, percentiles } from './row.ts'
import { signTransfers } from './workload.ts'

/** From handing in one transaction until its receipt with a quorum is read, one after the other, nothing else going on. */
export async function benchQuorumReceipt(city: ConsortiumCity, receipts: number): Promise<BenchRow> {
  const { group, owners, submit, urls, members } = city
  const samples: number[] = []
  let receiptBytes = 0
  const started = performance.now()
  for (const transaction of signTransfers(group, owners, receipts, 1)) {
    const handedIn = performance.now()
    const [answer] = await submit([transaction])
    if (answer?.status !== 'committed') throw new Error(`A transaction of the benchmark was ${answer?.status}.`)
    const where = `${urls[1]}/v1/groups/${group}/receipts/${transactionIdOf(transaction)}?waitMs=20000`
    const response = await fetch(where)
    const text = await response.text()
    if (!response.ok) throw new Error(`No quorum has cosigned within 20 s: ${text}`)
    samples.push(performance.now() - handedIn)
    receiptBytes = text.length
  }
  return {
    name: 'consortium.receipt',
    perSecond: receipts / ((performance.now() - started) / 1000),
    ...percentiles(samples),
    how: `${members} members; from handing in one transaction until its receipt, cosigned by a quorum, is read; one after the other`,
    facts: { receiptBytes },
  }
}

/**
 * Left alone for some time: blocks of the heartbeat and what all processes write, for each block and for an hour at this
 * rate. What they write to sockets may be in it, so that it is a bound.
 */
export async function benchIdle(city: ConsortiumCity, seconds: number): Promise<BenchRow> {
  // What was asked before has still to reach the lists and the disk.
  await delay(5_000)
  const before = await lookAt(city)
  await delay(seconds * 1000)
  const after = await lookAt(city)
  const took = (after.atMs - before.atMs) / 1000
  const anHour = (count: number) => Math.round((count / took) * 3600)
  const { engines, others } = usedBetween(before.tree, after.tree)
  const blocks = after.height - before.height
  const aBlock = (bytes: number) => Math.round(bytes / Math.max(1, blocks) / city.members / 100) / 10
  return {
    name: 'consortium.idle',
    perSecond: blocks / took,
    how: `blocks while nobody hands anything in, over ${Math.round(took)} s; the facts are for an hour at that rate, all ${city.members} members together`,
    facts: {
      blocksAnHour: anHour(blocks),
      engineKilobytesABlockAndMember: aBlock(engines.bytesWritten),
      nodeKilobytesABlockAndMember: aBlock(others.bytesWritten),
      engineKilobytesWrittenAnHour: Math.round(anHour(engines.bytesWritten) / 1000),
      nodeKilobytesWrittenAnHour: Math.round(anHour(others.bytesWritten) / 1000),
      processorSecondsAnHour: Math.round(anHour(engines.cpuMicros + others.cpuMicros) / 1e6),
    },
  }
}
