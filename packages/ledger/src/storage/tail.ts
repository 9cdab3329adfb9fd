/**
 * What is checked when a store is opened: the newest block and the right edge of the tree. Their cost does not grow with
 * the log; all the rest is checked when it is read, and by the scrub.
 */
import { equalBytes } from '@chengxin/kernel'
import type { Reading } from './store-reader.ts'
import type { CommittedHead } from './stored-head.ts'
import { hashesAt } from './tile-files.ts'
import { treeHasher } from './tree-growth.ts'

/** Throws the damage found in the newest block, its leaves or the tree's edge. */
export function checkTail(store: Reading, committed: CommittedHead | undefined): void {
  if (!committed) return
  const { head, frontier } = committed
  const block = store.block(head.height)
  if (!block || block.size !== head.size || !equalBytes(block.root, head.root)) {
    throw store.log.damage(
      committed.logEnd.segment,
      committed.logEnd.offset,
      'The newest block is not the one committed.',
    )
  }
  for (const [position, { leaf }] of block.leaves.entries()) {
    const index = block.firstLeaf + position
    if (!equalBytes(treeHasher.leaf(leaf), store.nodeHash(0, index))) {
      throw store.tiles.damage(0, index, `The hash of leaf ${index} is not the one in the log.`)
    }
  }
  for (let level = 0; hashesAt(level, frontier.size) > 0; level++) {
    store.nodeHash(level * 8, hashesAt(level, frontier.size) - 1)
  }
}
