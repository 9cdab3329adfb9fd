/**
 * The tree's files after a crash. They are flushed when blocks are settled, not at every commit; what they gained since
 * is written again from the leaf hashes among the recent changes, which a commit does flush.
 */

import { equalBytes } from '@chengxin/kernel'
import { numberKey, numberOfKey } from './lmdb-tables.ts'
import { decodeChanges } from './recent-block.ts'
import type { RecentDatabase } from './recent-database.ts'
import { frontierOf, type SettledMark } from './settled-database.ts'
import type { CommittedHead } from './stored-head.ts'
import type { TileFiles } from './tile-files.ts'
import { growTree, treeHasher } from './tree-growth.ts'

export function restoreTiles(
  recent: RecentDatabase,
  tiles: TileFiles,
  mark: SettledMark,
  { frontier }: CommittedHead,
): void {
  let reached = frontierOf(mark)
  for (const { key, value } of recent.changes.range({ start: numberKey(mark.height + 1) })) {
    const { traces } = decodeChanges(numberOfKey(key), value)
    const growth = growTree(treeHasher, reached, traces.leafHashes())
    for (const part of growth.tiles) tiles.write(part)
    reached = growth.frontier
  }
  const isWhole =
    reached.size === frontier.size &&
    reached.hashes.every((hash, position) => equalBytes(hash, frontier.hashes[position] as Uint8Array))
  if (!isWhole) throw tiles.damage(0, reached.size, 'The recent changes do not lead to the committed tree.')
}
