/**
 * `state/recent`: the environment whose commit is the commit point of the store. It takes each block's changes as one
 * value, so that a commit costs little however scattered they are; they move on to `state/settled` later, many blocks at
 * once. It also knows where every block lies in the log.
 */
import { seal, unseal } from './checksum.ts'
import {
  type BytesTable,
  Environment,
  numberKey,
  numberOfKey,
  openOrDamage,
  stateDamage,
  type TextTable,
} from './lmdb-tables.ts'

export const recentFile = 'recent'

export interface RecentDatabase {
  readonly environment: Environment
  /** Height → the block's changes (recent-block.ts), until they are settled. */
  readonly changes: BytesTable
  /** Height → where the block lies in the log. */
  readonly blocks: BytesTable
  /** Index of a block's first leaf → height; blocks without leaves have none. */
  readonly starts: BytesTable
  /** Height → size, of blocks whose state a root is taken of. */
  readonly boundaries: BytesTable
  readonly meta: TextTable
}

export function openRecentDatabase(directory: string, create: boolean): RecentDatabase {
  return openOrDamage(recentFile, () => {
    const environment = new Environment(directory, recentFile, create)
    return {
      environment,
      changes: environment.bytes('changes'),
      blocks: environment.bytes('blocks'),
      starts: environment.bytes('starts'),
      boundaries: environment.bytes('boundaries'),
      meta: environment.text('meta'),
    }
  })
}

/** Marks a block as a boundary, in a transaction that is open. */
export function writeBoundary({ boundaries }: RecentDatabase, height: number, size: number): void {
  boundaries.put(numberKey(height), seal(boundaryName(height), numberKey(size)))
}

/** The size of the log at a boundary, or nothing where the block is none. */
export function readBoundary({ boundaries }: RecentDatabase, height: number): number | undefined {
  const sealed = boundaries.get(numberKey(height))
  if (!sealed) return undefined
  const size = unseal(boundaryName(height), sealed)
  if (!size) throw stateDamage(recentFile, boundaryName(height), 'The record of this boundary is damaged.')
  return numberOfKey(size)
}

function boundaryName(height: number): string {
  return `boundary ${height}`
}
