/**
 * The newest part of the log from a snapshot, and the tree above and before it: everything must lead to the agreed root.
 * What the root does not cover is held to what it does: a block with leaves has their time, one without lies between its
 * neighbours and changes nothing, and the newest is the agreed head.
 */
import { createFrontier, type FrontierState } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, limits, type Refusal, refuse } from '@chengxin/kernel'
import type { BlockHeader } from '../block-frames.ts'
import { type BlockPlace, writeBlockPlace } from '../block-index.ts'
import { type CarriedBlock, readCarriedBlock } from '../carried-block.ts'
import type { StoredHead } from '../face.ts'
import { firstSegment, newHistory, writeHistory } from '../history.ts'
import { nonceHashOf } from '../leaf-traces.ts'
import { type LogPosition, logStart } from '../log-files.ts'
import { encodeNonce, nonceRecordBytes } from '../nonces.ts'
import { writeBoundary } from '../recent-database.ts'
import { markAt, readMark, writeMark } from '../settled-database.ts'
import type { Reading } from '../store-reader.ts'
import { writeHead } from '../stored-head.ts'
import { hashBytes } from '../tile-files.ts'
import { encodeLeafIndex, idRecordBytes } from '../transaction-ids.ts'
import { growTree, treeHasher } from '../tree-growth.ts'
import { bytesOf, headOf, type SnapshotManifest, upperLeaves } from './manifest.ts'

const differs = refuse('snapshot_log_differs')

export function buildLog(
  reading: Reading,
  manifest: SnapshotManifest,
  read: (kind: 'edge' | 'log') => Iterable<Buffer>,
): Refusal | undefined {
  const before = treeBefore(reading, manifest, read('edge'))
  if (!before) return differs
  const builder = new LogBuilder(reading, manifest, before)
  for (const chunk of read('log')) {
    for (let from = 0; from < chunk.length; ) {
      const block = readCarriedBlock(sha256, chunk.subarray(from))
      if (!block || !builder.add(block)) return differs
      from += block.bytes.length
    }
  }
  return builder.finish(before)
}

/** The tree up to the first leaf that comes along; its upper levels and its edge go to the tree's files. */
function treeBefore(
  { tiles }: Reading,
  { upper, firstLeaf }: SnapshotManifest,
  edge: Iterable<Buffer>,
): FrontierState | undefined {
  const units = createFrontier(treeHasher)
  for (const hash of upper) {
    units.append(bytesOf(hash), (level, index, hashes) => {
      if (level % 8 === 0) tiles.write({ level: 2 + level / 8, first: index, hashes })
    })
  }
  const frontier = { size: units.size * upperLeaves, hashes: units.state().hashes }
  const hashes = [...edge].flatMap((chunk) => splitHashes(chunk))
  if (frontier.size + hashes.length !== firstLeaf) return undefined
  const growth = growTree(treeHasher, frontier, hashes)
  for (const part of growth.tiles) tiles.write(part)
  return growth.frontier
}

function splitHashes(bytes: Buffer): Uint8Array[] {
  const hashes: Uint8Array[] = []
  for (let at = 0; at + hashBytes <= bytes.length; at += hashBytes) hashes.push(bytes.subarray(at, at + hashBytes))
  return hashes
}

/** Time does not go back. Rules and nonces are judged by it, so an empty block must not seem older than what it follows. */
function isNext({ head: before }: BlockHeader, { head, count }: BlockHeader): boolean {
  return head.timeMs >= before.timeMs && (count > 0 || isSameState(before, head))
}

/** What members agree on beside the time. */
function isSameState(one: StoredHead, other: StoredHead): boolean {
  const [root, otherRoot] = [one.stateRoot, other.stateRoot]
  return (
    equalBytes(one.root, other.root) &&
    equalBytes(one.stateHash, other.stateHash) &&
    equalBytes(one.agreedHash, other.agreedHash) &&
    equalBytes(one.rulesetHash, other.rulesetHash) &&
    root?.size === otherRoot?.size &&
    (root === undefined || otherRoot === undefined || equalBytes(root.root, otherRoot.root))
  )
}

class LogBuilder {
  readonly #reading: Reading
  readonly #manifest: SnapshotManifest
  #frontier: FrontierState
  #height: number
  #end: LogPosition
  #firstTimeMs: number | undefined
  #last: CarriedBlock | undefined

  constructor(reading: Reading, manifest: SnapshotManifest, before: FrontierState) {
    this.#reading = reading
    this.#manifest = manifest
    this.#frontier = before
    this.#height = manifest.firstHeight
    this.#end = manifest.firstHeight === 0 ? logStart : { segment: firstSegment, offset: 0 }
  }

  /** Takes the next block; false where it does not continue the log. */
  add(block: CarriedBlock): boolean {
    const { header } = block
    if (header.head.height !== this.#height || header.firstLeaf !== this.#frontier.size) return false
    if (this.#last && !isNext(this.#last.header, header)) return false
    const growth = growTree(treeHasher, this.#frontier, block.leafHashes)
    if (!equalBytes(growth.root, header.head.root)) return false
    const at = this.#reading.log.place(this.#end, block.bytes.length)
    this.#reading.log.write(at, block.bytes)
    for (const part of growth.tiles) this.#reading.tiles.write(part)
    const place = {
      ...at,
      height: this.#height,
      firstLeaf: header.firstLeaf,
      count: header.count,
      length: block.bytes.length,
    }
    this.#index(block, place)
    this.#firstTimeMs ??= block.leaves[0]?.timeMs
    this.#frontier = growth.frontier
    this.#end = { segment: at.segment, offset: at.offset + block.bytes.length }
    this.#height++
    this.#last = block
    return true
  }

  /** All nonces are kept, as after a block: what has expired does no harm. */
  #index({ leaves, header }: CarriedBlock, place: BlockPlace): void {
    const { recent, settled } = this.#reading
    recent.environment.transact(() => writeBlockPlace(recent, place))
    const ids = Buffer.allocUnsafe(leaves.length * idRecordBytes)
    const nonces = Buffer.allocUnsafe(leaves.length * nonceRecordBytes)
    for (const [position, { transactionId, nonceKey, nonceUntilMs: untilMs }] of leaves.entries()) {
      const leafIndex = header.firstLeaf + position
      encodeLeafIndex(ids, position * idRecordBytes, transactionId, leafIndex)
      encodeNonce(nonces, position * nonceRecordBytes, nonceHashOf(nonceKey), { leafIndex, untilMs })
    }
    settled.environment.transact(() => {
      settled.ids.add(ids)
      settled.nonces[readMark(settled).nonceTable].add(nonces)
    })
  }

  finish(before: FrontierState): Refusal | undefined {
    const { recent, settled, log, tiles } = this.#reading
    const { firstHeight, firstLeaf } = this.#manifest
    const head = headOf(this.#manifest)
    const last = this.#last
    if (!last || this.#height !== head.height + 1 || this.#frontier.size !== head.size) return differs
    if (last.header.head.timeMs !== head.timeMs || !isSameState(last.header.head, head)) return differs
    const lastTimeMs = last.leaves.at(-1)?.timeMs
    // Without leaves in the newest block there was no boundary; an older first leaf shows that no newer one was left out.
    if (lastTimeMs === undefined || this.#firstTimeMs === undefined) return differs
    if (firstLeaf > 0 && this.#firstTimeMs > lastTimeMs - limits.notAfterAheadMs)
      return refuse('snapshot_log_too_short')
    log.flush()
    tiles.flushAll()
    settled.environment.transact(() => {
      const mark = markAt(readMark(settled), head.height, this.#frontier)
      writeMark(settled, { ...mark, nonceSinceMs: head.timeMs })
    })
    recent.environment.transact(() => {
      if (firstHeight > 0) writeHistory(recent, newHistory(firstHeight, before))
      writeBoundary(recent, head.height, head.size)
      writeHead(recent, { head, frontier: this.#frontier, logEnd: this.#end })
    })
    return undefined
  }
}
