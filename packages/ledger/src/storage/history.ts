/**
 * What a store that began with a snapshot does not have yet: leaves and events below its first block, and the hashes of
 * the lower two tile levels below a multiple of 65,536 leaves. They are fetched from the beginning upwards (backfill.ts),
 * so that what is absent is one range.
 */
import type { FrontierState } from '@chengxin/crypto'
import { readRecord, writeRecord } from './lmdb-tables.ts'
import { type LogPosition, logStart } from './log-files.ts'
import { type RecentDatabase, recentFile } from './recent-database.ts'

/** Leaves whose hashes are fetched together: their root is one hash of tile level 2. */
export const unitLeaves = 65_536

/** The log of a store that began with a snapshot starts in this segment; those below are for what is fetched. */
export const firstSegment = 1_000_000

export interface History {
  /** The block that the snapshot's log begins with, its first leaf, and the tree before it. */
  readonly firstHeight: number
  readonly firstLeaf: number
  readonly frontier: readonly string[]
  /** How far the blocks from genesis on are fetched and verified. */
  readonly fetchedHeight: number
  readonly fetchedLeaves: number
  readonly fetchedFrontier: readonly string[]
  readonly fetchedEnd: LogPosition
}

const name = 'history'

/** Nothing where the store has everything. */
export function readHistory({ meta }: RecentDatabase): History | undefined {
  return readRecord<History>(meta, name, recentFile)
}

/** Writes in a transaction that is open; nothing is written once everything is there. */
export function writeHistory({ meta }: RecentDatabase, history: History): void {
  if (history.fetchedHeight === history.firstHeight) meta.remove(name)
  else writeRecord(meta, name, history)
}

export function newHistory(firstHeight: number, frontier: FrontierState): History {
  const hashes = frontier.hashes.map((hash) => Buffer.from(hash).toString('hex'))
  const fetched = { fetchedHeight: 0, fetchedLeaves: 0, fetchedFrontier: [], fetchedEnd: logStart }
  return { firstHeight, firstLeaf: frontier.size, frontier: hashes, ...fetched }
}

export function frontierAt(size: number, hashes: readonly string[]): FrontierState {
  return { size, hashes: hashes.map((hash) => new Uint8Array(Buffer.from(hash, 'hex'))) }
}

/** Leaves whose hashes are absent: from the first up to, but without, the second. */
export function absentHashes({ firstLeaf, fetchedLeaves }: History): readonly [number, number] {
  return [fetchedLeaves, firstLeaf - (firstLeaf % unitLeaves)]
}

/** Whether hashes of a tree level, from an index on, lie below leaves whose hashes are absent. */
export function isAbsent(history: History | undefined, level: number, first: number, count: number): boolean {
  if (!history || level >= 16) return false
  const [from, to] = absentHashes(history)
  const leaves = 2 ** level
  return first * leaves < to && (first + count) * leaves > from
}
