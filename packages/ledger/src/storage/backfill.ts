/**
 * Fills the log of a store that began with a snapshot, from genesis upwards. Leaves are verified 65,536 at a time, against
 * the one hash of theirs that the store has; a block becomes readable when all its leaves are verified, and until then is
 * kept in memory only.
 */
import { createFrontier, type Frontier } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, type Refusal, refuse } from '@chengxin/kernel'
import { type BlockPlace, writeBlockPlace } from './block-index.ts'
import { type CarriedBlock, readCarriedBlock } from './carried-block.ts'
import { frontierAt, type History, readHistory, unitLeaves, writeHistory } from './history.ts'
import type { Reading } from './store-reader.ts'
import { encodeLeafIndex, idRecordBytes } from './transaction-ids.ts'
import { growTree, treeHasher } from './tree-growth.ts'

const differs = refuse('history_differs')

export class Backfill {
  readonly #reading: Reading
  /** Blocks that came and are not verified to their end. */
  #waiting: CarriedBlock[] = []
  #tree: Frontier | undefined

  constructor(reading: Reading) {
    this.#reading = reading
  }

  /** The next block to fetch. */
  wantedHeight(): number | undefined {
    const history = readHistory(this.#reading.recent)
    return history && history.fetchedHeight + this.#waiting.length
  }

  take(blocks: readonly Uint8Array[]): Refusal | undefined {
    for (const bytes of blocks) {
      const history = readHistory(this.#reading.recent)
      if (!history) return undefined
      const block = readCarriedBlock(sha256, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      if (block?.bytes.length !== bytes.length || !this.#add(history, block)) {
        this.#waiting = []
        this.#tree = undefined
        return differs
      }
      this.#waiting.push(block)
      this.#keepVerified(history)
    }
    return undefined
  }

  /** False where the block does not continue what came before, or a hash that the store has says otherwise. */
  #add(history: History, block: CarriedBlock): boolean {
    this.#tree ??= createFrontier(treeHasher, frontierAt(history.fetchedLeaves, history.fetchedFrontier))
    const tree = this.#tree
    const { header } = block
    if (header.head.height !== this.wantedHeight() || header.firstLeaf !== tree.size) return false
    let isKnown = true
    const edge = history.firstLeaf - (history.firstLeaf % unitLeaves)
    for (const leafHash of block.leafHashes) {
      tree.append(leafHash, (level, index, hash) => {
        const isChecked = level === 16 ? index * unitLeaves < edge : level === 0 && index >= edge
        if (isChecked && !equalBytes(hash, this.#reading.nodeHash(level, index))) isKnown = false
      })
    }
    const isLast = header.head.height + 1 === history.firstHeight
    const fits = isLast ? tree.size === history.firstLeaf : tree.size <= history.firstLeaf
    return isKnown && fits && equalBytes(tree.root(), header.head.root)
  }

  /** Writes the blocks that end within verified leaves. */
  #keepVerified(history: History): void {
    const size = this.#tree?.size ?? history.fetchedLeaves
    const edge = history.firstLeaf - (history.firstLeaf % unitLeaves)
    const verified = size >= edge ? size : size - (size % unitLeaves)
    const count = this.#waiting.filter(({ header }) => header.head.size <= verified).length
    if (count === 0) return
    this.#write(history, this.#waiting.slice(0, count))
    this.#waiting = this.#waiting.slice(count)
  }

  #write(history: History, blocks: readonly CarriedBlock[]): void {
    const { log, tiles, recent, settled } = this.#reading
    const hashes = blocks.flatMap(({ leafHashes }) => leafHashes)
    const growth = growTree(treeHasher, frontierAt(history.fetchedLeaves, history.fetchedFrontier), hashes)
    let end = history.fetchedEnd
    const places = blocks.map(({ header, bytes }): BlockPlace => {
      const at = log.place(end, bytes.length)
      log.write(at, bytes)
      end = { segment: at.segment, offset: at.offset + bytes.length }
      const { height } = header.head
      return { ...at, height, firstLeaf: header.firstLeaf, count: header.count, length: bytes.length }
    })
    for (const part of growth.tiles) tiles.write(part)
    log.flush()
    tiles.flushAll()
    const ids = blocks.flatMap(({ header, leaves }) =>
      leaves.map(({ transactionId }, position) => {
        const record = Buffer.allocUnsafe(idRecordBytes)
        encodeLeafIndex(record, 0, transactionId, header.firstLeaf + position)
        return record
      }),
    )
    settled.environment.transact(() => settled.ids.add(Buffer.concat(ids)))
    const last = blocks.at(-1) as CarriedBlock
    recent.environment.transact(() => {
      for (const place of places) writeBlockPlace(recent, place)
      writeHistory(recent, {
        ...history,
        fetchedHeight: last.header.head.height + 1,
        fetchedLeaves: growth.frontier.size,
        fetchedFrontier: growth.frontier.hashes.map((hash) => Buffer.from(hash).toString('hex')),
        fetchedEnd: end,
      })
    })
    recent.environment.renew()
  }
}
