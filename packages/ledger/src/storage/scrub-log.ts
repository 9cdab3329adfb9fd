/**
 * The log read from its first byte: each frame, each leaf's hash in the tree's files, each root, and that every leaf is
 * found by its transaction and by its nonce.
 */
import { createFrontier, type FrontierState } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes } from '@chengxin/kernel'
import { type BlockPlace, readBlockPlace } from './block-index.ts'
import type { LeafRecord } from './block-reader.ts'
import type { StoredHead } from './face.ts'
import { firstSegment, frontierAt, type History } from './history.ts'
import { checkLeafContents, readLeafContents } from './leaf-contents.ts'
import { idPrefixBytes } from './leaf-traces.ts'
import { indexDamage } from './lmdb-tables.ts'
import { type LogPosition, logStart } from './log-files.ts'
import { readNonce } from './nonces.ts'
import { recentFile } from './recent-database.ts'
import type { Findings, ScrubbedBlock, ScrubProgress } from './scrub.ts'
import { readMark, settledFile } from './settled-database.ts'
import type { Reading } from './store-reader.ts'
import type { CommittedHead } from './stored-head.ts'
import { hashBytes } from './tile-files.ts'
import { readLeafIndex } from './transaction-ids.ts'
import { treeHasher } from './tree-growth.ts'

/** A run of blocks without gaps: the whole log, or what a store that began with a snapshot has of it. */
interface Stretch {
  readonly firstHeight: number
  readonly lastHeight: number
  readonly tree: FrontierState
  readonly start: LogPosition
  readonly end: LogPosition
}

function stretchesOf(history: History | undefined, { head, logEnd }: CommittedHead): Stretch[] {
  const lastHeight = head.height
  const nothing = { size: 0, hashes: [] }
  if (!history) return [{ firstHeight: 0, lastHeight, tree: nothing, start: logStart, end: logEnd }]
  const { firstHeight, firstLeaf, frontier, fetchedHeight, fetchedEnd } = history
  const start = { segment: firstSegment, offset: 0 }
  return [
    { firstHeight: 0, lastHeight: fetchedHeight - 1, tree: nothing, start: logStart, end: fetchedEnd },
    { firstHeight, lastHeight, tree: frontierAt(firstLeaf, frontier), start, end: logEnd },
  ]
}

interface Told {
  readonly progress: (progress: ScrubProgress) => void
  readonly onBlock: (block: ScrubbedBlock) => void
}

export function scrubLog(reading: Reading, committed: CommittedHead, findings: Findings, told: Told): void {
  for (const stretch of stretchesOf(reading.history(), committed)) {
    scrubStretch(reading, committed.head, stretch, findings, told)
  }
}

function scrubStretch(
  reading: Reading,
  head: StoredHead,
  stretch: Stretch,
  findings: Findings,
  { progress, onBlock }: Told,
): void {
  const tree = createFrontier(treeHasher, stretch.tree)
  let end = stretch.start
  let reported = tree.size
  for (let height = stretch.firstHeight; height <= stretch.lastHeight; height++) {
    const place = readBlockPlace(reading.recent, height)
    if (!place) {
      findings.add(indexDamage(recentFile, `blocks ${height}`, 'This block is missing from the index.').damage)
      return
    }
    findings.try(() => {
      if (place.firstLeaf !== tree.size)
        throw indexDamage(recentFile, `blocks ${height}`, 'Leaves are missing before it.')
      expectAdjacent(reading, end, place)
      onBlock(scrubBlock(reading, place, tree, head.timeMs, findings))
    })
    end = { segment: place.segment, offset: place.offset + place.length }
    if (tree.size < place.firstLeaf + place.count) return
    if (tree.size - reported >= 65_536) {
      reported = tree.size
      progress({ part: 'log', done: tree.size, total: head.size })
      giveWay(reading)
    }
  }
  if (end.segment !== stretch.end.segment || end.offset !== stretch.end.offset) {
    findings.add(indexDamage(recentFile, 'meta head', 'The log ends elsewhere than the newest commit says.').damage)
  }
  progress({ part: 'log', done: tree.size, total: head.size })
}

/** Lets LMDB reuse what was freed meanwhile; what is read from here on was only added to. */
function giveWay(reading: Reading): void {
  reading.committed()
  reading.settled.environment.renew()
}

function expectAdjacent(reading: Reading, end: { segment: number; offset: number }, place: BlockPlace): void {
  // A store that began with a snapshot left room for what it fetched: its own log starts in a segment far on.
  const isNext = place.segment === end.segment + 1 || (place.segment === firstSegment && end.segment < firstSegment)
  if (place.segment === end.segment ? place.offset === end.offset : isNext && place.offset === 0) return
  throw reading.log.damage(place.segment, place.offset, `Block ${place.height} does not follow the block before.`)
}

type Tree = ReturnType<typeof createFrontier>

function scrubBlock(reading: Reading, place: BlockPlace, tree: Tree, nowMs: number, findings: Findings): ScrubbedBlock {
  const block = reading.blocks.block(place)
  for (const record of block.leaves) {
    tree.append(treeHasher.leaf(record.leaf), (level, index, hash) => {
      if (level % 8 === 0) findings.try(() => expectHash(reading, level / 8, index, hash))
    })
    findings.try(() => scrubLeaf(reading, place, record, nowMs))
  }
  if (!equalBytes(tree.root(), block.root)) {
    throw reading.log.damage(place.segment, place.offset, `The leaves of block ${place.height} do not give its root.`)
  }
  const { height, timeMs, size, root, leaves } = block
  const [first] = place.firstLeaf === 0 ? leaves : []
  return {
    ...{ height, timeMs, size, root },
    ...(first !== undefined && { signedFor: readLeafContents(sha256, first.leaf)?.group }),
  }
}

function expectHash(reading: Reading, level: number, index: number, hash: Uint8Array): void {
  const stored = reading.tiles.readAhead(level, index)
  if (stored.length === hashBytes && equalBytes(stored, hash)) return
  // After a power cut the newest hashes may not have reached the file: the next start writes them again.
  const isSettled = (index + 1) * 256 ** level <= readMark(reading.settled).size
  if (!isSettled && stored.every((byte) => byte === 0)) return
  throw reading.tiles.damage(level, index, 'This hash is not the one of the leaves.')
}

function scrubLeaf(reading: Reading, place: BlockPlace, record: LeafRecord, nowMs: number): void {
  const { index, transactionId, nonceHash } = record
  const contents = checkLeafContents(sha256, record)
  if (typeof contents === 'string') throw reading.log.damage(place.segment, place.offset, `Leaf ${index}: ${contents}`)
  const prefix = transactionId.subarray(0, idPrefixBytes)
  const found = reading.state.leafIndexOf(prefix) ?? readLeafIndex(reading.settled.ids, prefix)
  if (found !== index) {
    throw indexDamage(settledFile, `id of leaf ${index}`, 'The leaf is not found by its transaction.')
  }
  // What has expired may have been forgotten, or used again.
  if (record.nonceUntilMs <= nowMs) return
  const use = reading.state.nonce(nonceHash) ?? readNonce(reading.settled, nonceHash)
  if (use?.leafIndex !== index) {
    throw indexDamage(settledFile, `nonce of leaf ${index}`, 'The leaf is not found by the nonce it used.')
  }
}
