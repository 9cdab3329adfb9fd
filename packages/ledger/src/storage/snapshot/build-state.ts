/** The settled tables from a snapshot's rows, and the tree over them, whose root must be the agreed one. */
import { emptyBucketHash, stateBucketHash, stateBucketOf, stateBuckets } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { compareText, equalBytes, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { writeRow } from '../rows.ts'
import type { SettledDatabase } from '../settled-database.ts'
import { readGroup, writePart } from '../state-buckets.ts'
import { storeFirstRoot } from '../state-root.ts'
import { groupWidth, rootOfGroup, topGroup, updateGroup } from '../state-tree.ts'
import { treeHasher } from '../tree-growth.ts'
import { bytesOf, type SnapshotManifest } from './manifest.ts'
import { decodeRowChunk, followsInBuckets, type SnapshotRow } from './row-chunk.ts'

export function buildState(
  settled: SettledDatabase,
  { head, stateRoot }: SnapshotManifest,
  chunks: Iterable<Buffer>,
): Refusal | undefined {
  const hashes = new Map<number, Uint8Array>()
  let before: readonly SnapshotRow[] = []
  for (const chunk of chunks) {
    const rows = decodeRowChunk(chunk)
    if (isRefusal(rows)) return rows
    if (!followsInBuckets(before, rows)) return refuse('snapshot_chunk_malformed')
    settled.environment.transact(() => writeRows(settled, rows, hashes))
    if (rows.length > 0) before = rows
  }
  const root = new Uint8Array(32)
  settled.environment.transact(() => {
    root.set(writeTree(settled, hashes))
    storeFirstRoot(settled, { size: head.size, height: head.height, root: Buffer.from(root).toString('hex') })
  })
  return equalBytes(root, bytesOf(stateRoot)) ? undefined : refuse('snapshot_state_differs')
}

function writeRows(settled: SettledDatabase, rows: readonly SnapshotRow[], hashes: Map<number, Uint8Array>): void {
  const buckets = new Map<number, Uint8Array[]>()
  for (const { keyHash, value } of rows) {
    const bucket = stateBucketOf(keyHash)
    const entries = buckets.get(bucket) ?? []
    entries.push(keyHash, sha256(value))
    buckets.set(bucket, entries)
  }
  for (const [index, entries] of buckets) {
    const bucket = Buffer.concat(entries)
    writePart(settled.buckets, 'bucket', index, bucket)
    hashes.set(index, stateBucketHash(sha256, bucket))
  }
  for (const { key, value } of [...rows].sort((left, right) => compareText(left.key, right.key))) {
    writeRow(settled.rows, key, value)
  }
}

function writeTree(settled: SettledDatabase, hashes: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const top = readGroup(settled.groups, topGroup)
  for (let index = 0; index < stateBuckets / groupWidth; index++) {
    const leaves = Array.from({ length: groupWidth }, (_, position): readonly [number, Uint8Array] => {
      return [position, hashes.get(index * groupWidth + position) ?? emptyBucketHash]
    }).filter(([, hash]) => hash !== emptyBucketHash)
    if (leaves.length === 0) continue
    const group = readGroup(settled.groups, index)
    updateGroup(treeHasher, group, leaves)
    writePart(settled.groups, 'group', index, group)
    updateGroup(treeHasher, top, [[index, rootOfGroup(group)]])
  }
  writePart(settled.groups, 'group', topGroup, top)
  return new Uint8Array(rootOfGroup(top))
}
