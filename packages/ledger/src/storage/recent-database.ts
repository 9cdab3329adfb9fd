/**
 * `state/recent`: the environment whose commit is the commit point of the store. It takes each block's changes as one
 * value, so that a commit costs little however scattered they are; they move on to `state/settled` later, many blocks at
 * once. It also knows where every block lies in the log.
 */
import { join } from 'node:path'
import { type BytesTable, type Environment, openOrDamage, openTables, type TextTable } from './lmdb-tables.ts'

export const recentFile = 'recent'

export interface RecentDatabase {
  readonly environment: Environment
  /** Height → the block's changes (recent-block.ts), until they are settled. */
  readonly changes: BytesTable
  /** Height → where the block lies in the log. */
  readonly blocks: BytesTable
  /** Index of a block's first leaf → height; blocks without leaves have none. */
  readonly starts: BytesTable
  /** Height → size, of blocks whose state a root is taken of and that are not settled yet. */
  readonly boundaries: BytesTable
  readonly meta: TextTable
}

export function openRecentDatabase(directory: string, create: boolean): RecentDatabase {
  return openOrDamage(recentFile, () => {
    const tables = openTables(join(directory, 'state', recentFile), create)
    return {
      environment: tables.environment,
      changes: tables.bytes('changes'),
      blocks: tables.bytes('blocks'),
      starts: tables.bytes('starts'),
      boundaries: tables.bytes('boundaries'),
      meta: tables.text('meta'),
    }
  })
}
