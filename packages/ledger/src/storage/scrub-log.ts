/**
 * The log read from its first byte: each frame, each leaf's hash in the tree's files, each root, and that every leaf is
 * found by its transaction and by its nonce.
 */
import { createFrontier } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes } from '@chengxin/kernel'
import { type BlockPlace, readBlockPlace } from './block-index.ts'
import type { LeafRecord } from './block-reader.ts'
import { checkLeafContents } from './leaf-contents.ts'
import { idPrefixBytes } from './leaf-traces.ts'
import { indexDamage } from './lmdb-tables.ts'
import { logStart } from './log-files.ts'
import { readNonce } from './nonces.ts'
import { recentFile } from './recent-database.ts'
import type { Findings, ScrubProgress } from './scrub.ts'
import { settledFile } from './settled-database.ts'
import type { Reading } from './store-reader.ts'
import type { CommittedHead } from './stored-head.ts'
import { hashBytes } from './tile-files.ts'
import { readLeafIndex } from './transaction-ids.ts'
import { treeHasher } from './tree-growth.ts'

export function scrubLog(
  reading: Reading,
  { head, logEnd }: CommittedHead,
  findings: Findings,
  progress: (progress: ScrubProgress) => void,
): void {
  const tree = createFrontier(treeHasher)
  let end = logStart
  let reported = 0
  for (let height = 0; height <= head.height; height++) {
    const place = readBlockPlace(reading.recent, height)
    if (!place) {
      findings.add(indexDamage(recentFile, `blocks ${height}`, 'This block is missing from the index.').damage)
      return
    }
    findings.try(() => {
      if (place.firstLeaf !== tree.size)
        throw indexDamage(recentFile, `blocks ${height}`, 'Leaves are missing before it.')
      expectAdjacent(reading, end, place)
      scrubBlock(reading, place, tree, head.timeMs, findings)
    })
    end = { segment: place.segment, offset: place.offset + place.length }
    if (tree.size < place.firstLeaf + place.count) return
    if (tree.size - reported >= 65_536) {
      reported = tree.size
      progress({ part: 'log', done: tree.size, total: head.size })
      giveWay(reading)
    }
  }
  if (end.segment !== logEnd.segment || end.offset !== logEnd.offset) {
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
  const follows = place.segment === end.segment ? place.offset === end.offset : place.offset === 0
  if (follows && place.segment - end.segment <= 1) return
  throw reading.log.damage(place.segment, place.offset, `Block ${place.height} does not follow the block before.`)
}

type Tree = ReturnType<typeof createFrontier>

function scrubBlock(reading: Reading, place: BlockPlace, tree: Tree, nowMs: number, findings: Findings): void {
  const block = reading.blocks.block(place)
  for (const record of block.leaves) {
    tree.append(treeHasher.leaf(record.leaf), (level, index, hash) => {
      if (level % 8 === 0) findings.try(() => expectHash(reading, level / 8, index, hash))
    })
    findings.try(() => scrubLeaf(reading, record, nowMs))
  }
  if (!equalBytes(tree.root(), block.root)) {
    throw reading.log.damage(place.segment, place.offset, `The leaves of block ${place.height} do not give its root.`)
  }
}

function expectHash(reading: Reading, level: number, index: number, hash: Uint8Array): void {
  const stored = reading.tiles.readAhead(level, index)
  if (stored.length !== hashBytes || !equalBytes(stored, hash)) {
    throw reading.tiles.damage(level, index, 'This hash is not the one of the leaves.')
  }
}

function scrubLeaf(reading: Reading, record: LeafRecord, nowMs: number): void {
  const { index, transactionId, nonceHash } = record
  const problem = checkLeafContents(sha256, record)
  if (problem) throw indexDamage('../log', `leaf ${index}`, problem)
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
