/**
 * Everything that can be read from a store, by its writer or by any other thread. Nothing is returned that did not pass
 * its check: frames and values their checksums, tiles the tree.
 */

import * as fs from 'node:fs'
import { join } from 'node:path'
import { createTreeHasher, encodeEntryBundle, type FrontierState, parseTilePath, tileWidth } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes } from '@chengxin/kernel'
import {
  type BlockHeader,
  decodeGenesis,
  decodeHeader,
  decodeLeaf,
  type LeafRecord,
  offsetsAt,
  openFrame,
} from './block-frames.ts'
import { type BlockPlace, readBlockPlace, readPlaceOfLeaf } from './block-index.ts'
import type { StoredBlock, StoredHead, StoreReader, UsedNonce } from './face.ts'
import { LogFiles } from './log-files.ts'
import { nonceHashOf, readNonce } from './nonce-index.ts'
import { readRow } from './rows.ts'
import { indexDamage, openStateDatabase, type StateDatabase } from './state-database.ts'
import { type CommittedHead, readHead } from './stored-head.ts'
import { TileFiles } from './tile-files.ts'
import { TileTree } from './tile-tree.ts'
import { idPrefix, readLeafIndex } from './transaction-index.ts'

export const treeHasher = createTreeHasher(sha256)

const emptyFrontier: FrontierState = { size: 0, hashes: [] }

export class Reading implements StoreReader {
  readonly directory: string
  readonly database: StateDatabase
  readonly log: LogFiles
  readonly tiles: TileFiles
  readonly #tree: TileTree

  constructor(directory: string, isWriter: boolean) {
    this.directory = directory
    this.database = openStateDatabase(directory, { create: isWriter })
    this.log = new LogFiles(directory)
    this.tiles = new TileFiles(directory, isWriter)
    this.#tree = new TileTree(this.tiles, treeHasher)
  }

  /** What is committed now: another thread may have committed since the last read. */
  committed(): CommittedHead | undefined {
    this.database.root.resetReadTxn()
    return readHead(this.database)
  }

  head(): StoredHead | undefined {
    return this.committed()?.head
  }

  row(key: string): string | undefined {
    return readRow(this.database.rows, key)
  }

  usedNonce(nonceKey: string): UsedNonce | undefined {
    const entry = readNonce(this.database.nonces, nonceHashOf(sha256, nonceKey))
    if (!entry) return undefined
    const record = this.leafRecord(entry.leafIndex)
    if (!record || !equalBytes(record.nonceHash, nonceHashOf(sha256, nonceKey))) {
      throw indexDamage(`nonce of leaf ${entry.leafIndex}`, 'The index names a leaf that did not use this nonce.')
    }
    return { transactionId: new Uint8Array(record.transactionId), ...entry }
  }

  leafIndexOf(transactionId: Uint8Array): number | undefined {
    const index = readLeafIndex(this.database.ids, transactionId)
    if (index === undefined) return undefined
    const record = this.leafRecord(index)
    if (!record || !equalBytes(idPrefix(record.transactionId), idPrefix(transactionId))) {
      throw indexDamage(`id of leaf ${index}`, 'The index names a leaf of another transaction.')
    }
    return equalBytes(record.transactionId, transactionId) ? index : undefined
  }

  leaf(index: number): { readonly leaf: Uint8Array; readonly events: Uint8Array; readonly height: number } | undefined {
    const place = isIndex(index) ? this.placeOfLeaf(index) : undefined
    if (!place) return undefined
    const { leaf, events } = this.#readLeaf(place, index)
    return { leaf, events, height: place.height }
  }

  block(height: number): StoredBlock | undefined {
    const place = isIndex(height) ? readBlockPlace(this.database, height) : undefined
    if (!place) return undefined
    const bytes = this.log.read(place.segment, place.offset, place.length)
    const header = this.#headerOf(place, bytes)
    const leaves = [...this.#leavesOf(place, header, bytes)]
    const { genesisOffset } = header
    const genesis = genesisOffset === undefined ? undefined : openFrame(bytes.subarray(genesisOffset))
    const genesisEvents = genesis && decodeGenesis(genesis)
    if (genesisOffset !== undefined && !genesisEvents) {
      throw this.log.damage(place.segment, place.offset + genesisOffset, 'The genesis events are damaged.')
    }
    return {
      height,
      timeMs: header.head.timeMs,
      firstLeaf: header.firstLeaf,
      size: header.head.size,
      root: header.head.root,
      agreedHash: header.head.agreedHash,
      leaves,
      ...(genesisEvents && { genesisEvents }),
    }
  }

  nodeHash(level: number, index: number): Uint8Array {
    return this.#tree.nodeHash(level, index, this.frontier())
  }

  tile(path: string): Uint8Array | undefined {
    const tile = parseTilePath(path)
    if (!tile) return undefined
    if (tile.level !== 'entries') return this.#tree.tile(tile.level, tile.index, tile.width, this.frontier())
    const first = tile.index * tileWidth
    if (first + tile.width > this.frontier().size) return undefined
    return this.#entryBundle(first, tile.width)
  }

  usage(): { readonly log: number; readonly tiles: number; readonly state: number } {
    const state = fs.statSync(join(this.directory, 'state', 'data.mdb')).size
    return { log: this.log.size(), tiles: this.tiles.size(), state }
  }

  close(): void {
    this.log.close()
    this.tiles.close()
    void this.database.root.close()
  }

  frontier(): FrontierState {
    return this.committed()?.frontier ?? emptyFrontier
  }

  /** The leaf with its identity, as logged. */
  leafRecord(index: number): LeafRecord | undefined {
    const place = this.placeOfLeaf(index)
    return place && this.#readLeaf(place, index)
  }

  protected placeOfLeaf(index: number): BlockPlace | undefined {
    return readPlaceOfLeaf(this.database, index)
  }

  #readLeaf(place: BlockPlace, index: number): LeafRecord {
    const offsets = this.log.read(place.segment, place.offset + offsetsAt(index - place.firstLeaf), 8)
    const [start, end] = [offsets.readUInt32LE(0), offsets.readUInt32LE(4)]
    const at = place.offset + start
    if (start >= end || end > place.length) {
      throw this.log.damage(place.segment, at, 'The places of leaves in this block are damaged.')
    }
    return this.#checkLeaf(place, index, at, this.log.read(place.segment, at, end - start))
  }

  #checkLeaf(place: BlockPlace, index: number, at: number, bytes: Buffer): LeafRecord {
    const payload = openFrame(bytes)
    const record = payload && decodeLeaf(payload)
    if (record?.index !== index) throw this.log.damage(place.segment, at, `Leaf ${index} is damaged.`)
    return record
  }

  #headerOf(place: BlockPlace, bytes: Buffer): BlockHeader {
    const payload = openFrame(bytes)
    const header = payload && decodeHeader(payload)
    if (
      header?.head.height !== place.height ||
      header.blockLength !== place.length ||
      header.firstLeaf !== place.firstLeaf
    ) {
      throw this.log.damage(place.segment, place.offset, `The header of block ${place.height} is damaged.`)
    }
    return header
  }

  *#leavesOf(place: BlockPlace, header: BlockHeader, bytes: Buffer): Generator<LeafRecord> {
    for (let position = 0; position < header.count; position++) {
      const start = header.leafOffsets[position] as number
      const frame = bytes.subarray(start, header.leafOffsets[position + 1])
      yield this.#checkLeaf(place, header.firstLeaf + position, place.offset + start, frame)
    }
  }

  /** Leaves of consecutive blocks, each block read once. */
  #entryBundle(first: number, width: number): Uint8Array | undefined {
    const entries: Uint8Array[] = []
    while (entries.length < width) {
      const place = this.placeOfLeaf(first + entries.length)
      const block = place && this.block(place.height)
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

/** Opens a store for reading, from any thread, while another may be writing. */
export function openStoreReader(directory: string): StoreReader {
  return new Reading(directory, false)
}
