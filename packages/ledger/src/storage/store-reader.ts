/**
 * Everything that can be read from a store, by its writer or by any other thread. Nothing is returned that did not pass
 * its check: frames and values their checksums, tiles the tree.
 */

import * as fs from 'node:fs'
import { join } from 'node:path'
import { encodeEntryBundle, type FrontierState, parseTilePath, tileWidth } from '@chengxin/crypto'
import { equalBytes } from '@chengxin/kernel'
import { readBlockPlace, readPlaceOfLeaf } from './block-index.ts'
import { BlockReader, type LeafRecord } from './block-reader.ts'
import {
  type ProvenRow,
  type StoreArchive,
  type StoredBlock,
  type StoredHead,
  StoreIncomplete,
  type StoreReader,
  type UsedNonce,
} from './face.ts'
import { type History, isAbsent, readHistory } from './history.ts'
import { idPrefixBytes, nonceHashOf } from './leaf-traces.ts'
import { indexDamage, numberKey, numberOfKey } from './lmdb-tables.ts'
import { LogFiles } from './log-files.ts'
import { readNonce } from './nonces.ts'
import { proveRow } from './prove-row.ts'
import { type BlockChanges, decodeChanges } from './recent-block.ts'
import { openRecentDatabase, type RecentDatabase } from './recent-database.ts'
import { RecentState } from './recent-state.ts'
import { readRow } from './rows.ts'
import { openSettledDatabase, readMark, type SettledDatabase, settledFile } from './settled-database.ts'
import { readStateRoot } from './state-root.ts'
import { type CommittedHead, readHead } from './stored-head.ts'
import { TileFiles } from './tile-files.ts'
import { TileTree } from './tile-tree.ts'
import { readLeafIndex } from './transaction-ids.ts'
import { treeHasher } from './tree-growth.ts'

const emptyFrontier: FrontierState = { size: 0, hashes: [] }

export class Reading implements StoreReader, StoreArchive {
  readonly directory: string
  readonly recent: RecentDatabase
  readonly settled: SettledDatabase
  readonly log: LogFiles
  readonly tiles: TileFiles
  readonly state = new RecentState()
  readonly blocks: BlockReader
  readonly #tree: TileTree
  readonly #commits: Int32Array | undefined
  #commitsSeen = -1
  #committed: CommittedHead | undefined
  #history: History | undefined | 'unread' = 'unread'

  constructor(directory: string, isWriter: boolean, commits?: SharedArrayBuffer) {
    this.directory = directory
    this.recent = openRecentDatabase(directory, isWriter)
    this.settled = openSettledDatabase(directory, isWriter)
    this.log = new LogFiles(directory)
    this.tiles = new TileFiles(directory, isWriter)
    this.blocks = new BlockReader(this.log)
    this.#tree = new TileTree(this.tiles, treeHasher)
    this.#commits = commits && new Int32Array(commits)
  }

  /** What is committed now, with the changes that are not settled taken in. */
  committed(): CommittedHead | undefined {
    if (this.#commits) {
      const commits = Atomics.load(this.#commits, 0)
      if (commits === this.#commitsSeen) return this.#committed
      this.#commitsSeen = commits
    }
    this.recent.environment.renew()
    this.forgetHistory()
    const committed = readHead(this.recent)
    if (committed && committed.head.height !== this.#committed?.head.height) this.takeInChanges(committed.head.height)
    this.#committed = committed
    return committed
  }

  /**
   * Takes in the changes committed since the last time, then lets go of what is settled. In this order: what is no longer
   * among the recent changes had been settled before, so it is in the tables when those are looked at now.
   */
  protected takeInChanges(height: number): void {
    for (const { key, value } of this.recent.changes.range({ start: numberKey(this.state.newest + 1) })) {
      const next = numberOfKey(key)
      if (next !== this.state.newest + 1) this.state.reset(next - 1)
      this.state.add(decodeChanges(next, value))
    }
    if (this.state.newest !== height) this.state.reset(height)
    this.settled.environment.renew()
    this.state.settledUpTo(readMark(this.settled).height)
  }

  /** For settling: changes that are in memory need not be read again. */
  get held(): readonly BlockChanges[] {
    return this.state.blocks
  }

  head(): StoredHead | undefined {
    return this.committed()?.head
  }

  headAt(height: number): StoredHead | undefined {
    this.committed()
    const place = isIndex(height) ? readBlockPlace(this.recent, height) : undefined
    return place && this.blocks.header(place).head
  }

  row(key: string, atHeight?: number): string | undefined {
    this.committed()
    const changed =
      atHeight === undefined || atHeight >= this.state.newest ? this.state.row(key) : this.state.rowAt(key, atHeight)
    return changed ? changed.value : readRow(this.settled, key)
  }

  usedNonce(nonceKey: string): UsedNonce | undefined {
    this.committed()
    const nonceHash = nonceHashOf(nonceKey)
    const use = this.state.nonce(nonceHash) ?? readNonce(this.settled, nonceHash)
    if (!use) return undefined
    const record = this.leafRecord(use.leafIndex)
    if (!record || !equalBytes(record.nonceHash, nonceHash)) {
      throw indexDamage(settledFile, `nonce of leaf ${use.leafIndex}`, 'The index names a leaf without this nonce.')
    }
    return { transactionId: new Uint8Array(record.transactionId), leafIndex: use.leafIndex, untilMs: use.untilMs }
  }

  leafIndexOf(transactionId: Uint8Array): number | undefined {
    this.committed()
    const prefix = transactionId.subarray(0, idPrefixBytes)
    const index = this.state.leafIndexOf(prefix) ?? readLeafIndex(this.settled.ids, prefix)
    if (index === undefined) return undefined
    const record = this.leafRecord(index)
    if (!record || !equalBytes(record.transactionId.subarray(0, idPrefixBytes), prefix)) {
      throw indexDamage(settledFile, `id of leaf ${index}`, 'The index names a leaf of another transaction.')
    }
    return equalBytes(record.transactionId, transactionId) ? index : undefined
  }

  leaf(index: number): { readonly leaf: Uint8Array; readonly events: Uint8Array; readonly height: number } | undefined {
    this.committed()
    const place = isIndex(index) ? readPlaceOfLeaf(this.recent, index) : undefined
    if (!place) return undefined
    const { leaf, events } = this.blocks.leaf(place, index)
    return { leaf, events, height: place.height }
  }

  block(height: number): StoredBlock | undefined {
    this.committed()
    const place = isIndex(height) ? readBlockPlace(this.recent, height) : undefined
    return place && this.blocks.block(place)
  }

  nodeHash(level: number, index: number): Uint8Array {
    const frontier = this.frontier()
    if (isAbsent(this.history(), level, index, 1)) throw new StoreIncomplete(`level ${level}, index ${index}`)
    return this.#tree.nodeHash(level, index, frontier)
  }

  /** The first hashes of a tile; throws where the tree has fewer. */
  hashes(level: number, index: number, width: number): Uint8Array {
    const hashes = this.#tree.tile(level, index, width, this.frontier())
    if (!hashes) throw new Error(`The tree has no ${width} hashes in tile ${index} of level ${level}.`)
    return hashes
  }

  rawBlock(height: number): Uint8Array | undefined {
    this.committed()
    const place = isIndex(height) ? readBlockPlace(this.recent, height) : undefined
    if (!place) return undefined
    // Read whole first: whoever gets the bytes must be able to rely on them.
    this.blocks.block(place)
    return this.blocks.frames(place)
  }

  /** What is absent, in a store that began with a snapshot. */
  history(): History | undefined {
    if (this.#history === 'unread') this.#history = readHistory(this.recent)
    return this.#history
  }

  /** It is read again: more of it may have been fetched. */
  protected forgetHistory(): void {
    this.#history = 'unread'
  }

  tile(path: string): Uint8Array | undefined {
    const tile = parseTilePath(path)
    if (!tile) return undefined
    const frontier = this.frontier()
    if (tile.level !== 'entries') {
      if (isAbsent(this.history(), tile.level * 8, tile.index * tileWidth, tile.width)) return undefined
      return this.#tree.tile(tile.level, tile.index, tile.width, frontier)
    }
    const first = tile.index * tileWidth
    return first + tile.width > frontier.size ? undefined : this.#entryBundle(first, tile.width)
  }

  stateRootAt(size: number): Uint8Array | undefined {
    this.settled.environment.renew()
    return readStateRoot(this.settled, size)
  }

  proveRow(size: number, key: string): ProvenRow | undefined {
    this.settled.environment.renew()
    return proveRow(this.settled, size, key)
  }

  usage(): { readonly log: number; readonly tiles: number; readonly state: number } {
    const state = ['recent', 'settled'].map((name) => fs.statSync(join(this.directory, 'state', name, 'data.mdb')).size)
    return { log: this.log.size(), tiles: this.tiles.size(), state: state.reduce((sum, size) => sum + size, 0) }
  }

  close(): void {
    this.log.close()
    this.tiles.close()
    this.recent.environment.close()
    this.settled.environment.close()
  }

  frontier(): FrontierState {
    return this.committed()?.frontier ?? emptyFrontier
  }

  /** The leaf with its identity, as logged. */
  leafRecord(index: number): LeafRecord | undefined {
    const place = readPlaceOfLeaf(this.recent, index)
    return place && this.blocks.leaf(place, index)
  }

  /** Leaves of consecutive blocks, each block read once. */
  #entryBundle(first: number, width: number): Uint8Array | undefined {
    const entries: Uint8Array[] = []
    while (entries.length < width) {
      const place = readPlaceOfLeaf(this.recent, first + entries.length)
      const block = place && this.blocks.block(place)
      if (!block) return undefined
      const from = first + entries.length - block.firstLeaf
      for (const { leaf } of block.leaves.slice(from, from + width - entries.length)) entries.push(leaf)
    }
    return encodeEntryBundle(entries)
  }
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/**
 * Opens a store for reading, from any thread, while another may be writing. With the writer's `commits` a read costs
 * nothing to be up to date; without, as in another process, each looks at the disk.
 */
export function openStoreReader(directory: string, commits?: SharedArrayBuffer): StoreReader & StoreArchive {
  return new Reading(directory, false, commits)
}
