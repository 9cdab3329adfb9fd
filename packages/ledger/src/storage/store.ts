/**
 * The store's writer. A commit is: log and tiles written and flushed, then one transaction of the state database, whose
 * flush is the moment from which the block exists. What lies beyond it in log and tiles is a killed commit's and is cut
 * away when the store is opened.
 */

import * as fs from 'node:fs'
import { join } from 'node:path'
import type { FrontierState } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes } from '@chengxin/kernel'
import { createBlockEncoder, type LeafToLog } from './block-frames.ts'
import { writeBlockPlace } from './block-index.ts'
import { asStoreError } from './disk.ts'
import type { BlockToStore, LeafEntry, Store } from './face.ts'
import { type LogPosition, logStart } from './log-files.ts'
import { forgetOldNonces, nonceHashOf, writeNonce, writeNonceBlock } from './nonce-index.ts'
import { writeRow } from './rows.ts'
import { Reading, treeHasher } from './store-reader.ts'
import { type CommittedHead, writeHead } from './stored-head.ts'
import { checkTail } from './tail.ts'
import { writeLeafIndex } from './transaction-index.ts'
import { growTree, type TreeGrowth } from './tree-growth.ts'

export interface OpenStoreOptions {
  /** Makes an empty store where the directory has none. */
  readonly createFresh: boolean
}

/** Opens a store for its one writer; cuts what a killed commit left, and checks the newest block and the tree's edge. */
export function openStore(directory: string, { createFresh }: OpenStoreOptions): Store {
  if (!fs.existsSync(join(directory, 'state', 'data.mdb'))) {
    if (!createFresh) throw new Error(`There is no store in ${directory}.`)
    for (const part of ['log', 'tiles', 'state']) fs.mkdirSync(join(directory, part), { recursive: true })
  }
  return new Writing(directory)
}

class Writing extends Reading implements Store {
  readonly #encode = createBlockEncoder()
  #committed: CommittedHead | undefined
  /** What rootAfter computed last: FinalizeBlock asks for the root, and the commit of the same leaves follows. */
  #planned: TreeGrowth | undefined

  constructor(directory: string) {
    super(directory, true)
    this.#committed = super.committed()
    this.#cutBack()
    checkTail(this, this.#committed)
  }

  override committed(): CommittedHead | undefined {
    return this.#committed
  }

  rootAfter(leafHashes: readonly Uint8Array[]): Uint8Array {
    this.#planned = growTree(treeHasher, this.#frontier(), leafHashes)
    return this.#planned.root
  }

  commit(block: BlockToStore): void {
    const growth = this.#growthBy(block.leaves)
    this.#expectNext(block, growth)
    const leaves = block.leaves.map((leaf): LeafToLog => ({ ...leaf, nonceHash: nonceHashOf(sha256, leaf.nonceKey) }))
    try {
      const at = this.#writeFiles(block, leaves, growth)
      const next: CommittedHead = {
        head: block.head,
        frontier: growth.frontier,
        logEnd: { segment: at.segment, offset: at.offset + at.length },
      }
      this.#writeState(block, leaves, at, next)
      this.#committed = next
    } catch (error) {
      this.#cutBack()
      throw asStoreError(error)
    }
  }

  #frontier(): FrontierState {
    return this.#committed?.frontier ?? { size: 0, hashes: [] }
  }

  #growthBy(leaves: readonly LeafEntry[]): TreeGrowth {
    const planned = this.#planned
    this.#planned = undefined
    const isPlanned =
      planned?.leafHashes.length === leaves.length &&
      leaves.every(({ leafHash }, index) => equalBytes(leafHash, planned.leafHashes[index] as Uint8Array))
    return isPlanned
      ? planned
      : growTree(
          treeHasher,
          this.#frontier(),
          leaves.map(({ leafHash }) => leafHash),
        )
  }

  /** A block that does not continue the log is our own bug, and must not reach the disk. */
  #expectNext({ head }: BlockToStore, growth: TreeGrowth): void {
    const height = this.#committed ? this.#committed.head.height + 1 : 0
    if (head.height !== height) throw new Error(`Height ${head.height} does not follow ${height - 1}.`)
    if (head.size !== growth.frontier.size)
      throw new Error(`Size ${head.size} is not the log's ${growth.frontier.size}.`)
    if (!equalBytes(head.root, growth.root)) throw new Error(`The root at height ${height} is not the log's.`)
  }

  #writeFiles(block: BlockToStore, leaves: readonly LeafToLog[], growth: TreeGrowth): LogPosition & { length: number } {
    const bytes = this.#encode(block, this.#frontier().size, leaves)
    const at = this.log.place(this.#committed?.logEnd ?? logStart, bytes.length)
    this.log.write(at, bytes)
    for (const part of growth.tiles) this.tiles.write(part)
    this.log.flush()
    this.tiles.flush()
    return { ...at, length: bytes.length }
  }

  #writeState(
    { head, writes }: BlockToStore,
    leaves: readonly LeafToLog[],
    at: LogPosition & { length: number },
    next: CommittedHead,
  ): void {
    const { database } = this
    const firstLeaf = this.#frontier().size
    database.root.transactionSync(() => {
      for (const { key, value } of writes) writeRow(database.rows, key, value)
      for (const [position, leaf] of leaves.entries()) {
        const leafIndex = firstLeaf + position
        writeLeafIndex(database.ids, leaf.transactionId, leafIndex)
        writeNonce(database, leaf.nonceHash, { untilMs: leaf.nonceUntilMs, leafIndex })
      }
      if (leaves.length > 0) {
        const hashes = leaves.map(({ nonceHash }) => nonceHash)
        writeNonceBlock(database, head.height, head.timeMs, hashes)
      }
      forgetOldNonces(database, head.timeMs, leaves.length * 2 + 64)
      writeBlockPlace(database, { ...at, height: head.height, firstLeaf, count: leaves.length })
      writeHead(database, next)
    })
  }

  #cutBack(): void {
    this.log.cut(this.#committed?.logEnd ?? logStart)
    this.tiles.cut(this.#frontier().size)
  }
}
