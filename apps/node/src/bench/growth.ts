/** What grows with the log and what does not: memory, start-up time, bytes on disk, and the rate before and after a start. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchGroup } from './bench-group.ts'
import { driveFull } from './drive.ts'
import { signTransfers } from './workload.ts'

export interface GrowthRow {
  readonly name: string
  readonly leaves: number
  readonly memoryMb: number
  readonly heapMb: number
  readonly startMs: number
  /** Transfers a second in the last portion before the start. */
  readonly perSecond: number
  /** In the first portion after it, while the nonces that still count are read back from the log. */
  readonly perSecondAfterStart: number
  readonly diskBytesPerLeaf: number
}

const portion = 20_000

/** Fills the log to a number of leaves, in portions so that signed transactions never pile up, then starts anew. */
export async function measureGrowth(city: BenchGroup, leaves: number): Promise<GrowthRow> {
  while (city.ledger().head().size < leaves) {
    await fill(city, Math.min(portion, leaves - city.ledger().head().size))
  }
  const perSecond = await fill(city, portion)
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const startMs = await city.reopen()
  const perSecondAfterStart = await fill(city, portion)
  const size = city.ledger().head().size
  return {
    name: `growth.${leaves}`,
    leaves: size,
    memoryMb: Math.round(rss / 1e6),
    heapMb: Math.round(heapUsed / 1e6),
    startMs: Math.round(startMs),
    perSecond: Math.round(perSecond),
    perSecondAfterStart: Math.round(perSecondAfterStart),
    diskBytesPerLeaf: Math.round(bytesBelow(city.directory) / size),
  }
}

async function fill({ submit, group, owners }: BenchGroup, transfers: number): Promise<number> {
  const { perSecond } = await driveFull(submit, signTransfers(group, owners, transfers, 1), { batch: 256, lanes: 16 })
  return perSecond
}

/** Bytes that the files take on disk, holes left out. */
export function bytesBelow(directory: string): number {
  return readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name)
    return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).blocks * 512)
  }, 0)
}
