/** What grows with the log and what does not: memory, start-up time, bytes on disk. */
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
  readonly diskBytesPerLeaf: number
}

/** Fills the log to a number of leaves, in portions so that signed transactions never pile up, then starts anew. */
export async function measureGrowth(city: BenchGroup, leaves: number): Promise<GrowthRow> {
  const portion = 20_000
  while (city.ledger().head().size < leaves) {
    const missing = Math.min(portion, leaves - city.ledger().head().size)
    await driveFull(city.submit, signTransfers(city.group, city.owners, missing, 1), { batch: 256, lanes: 16 })
  }
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const startMs = await city.reopen()
  const size = city.ledger().head().size
  return {
    name: `growth.${leaves}`,
    leaves: size,
    memoryMb: Math.round(rss / 1e6),
    heapMb: Math.round(heapUsed / 1e6),
    startMs: Math.round(startMs),
    diskBytesPerLeaf: Math.round(bytesBelow(city.directory) / size),
  }
}

/** Bytes that the files take on disk, holes left out. */
function bytesBelow(directory: string): number {
  return readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(directory, entry.name)
    return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).blocks * 512)
  }, 0)
}
