/**
 * The tree over the state against the rows: nodes against the buckets, buckets against the rows. Rows that changed since
 * the newest root are listed; every other row must be in its bucket with its value, and no bucket may have more.
 */
import { emptyBucketHash, stateBucketHash, stateBucketOf, stateBuckets } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes } from '@chengxin/kernel'
import { dirtyParts, readDirtyRows } from './dirty-rows.ts'
import { stateDamage } from './lmdb-tables.ts'
import { openRow } from './rows.ts'
import type { Findings, ScrubProgress } from './scrub.ts'
import { type SettledDatabase, settledFile } from './settled-database.ts'
import { findInBucket, hasPart, openPart, partIndex, partRange, readBucket, readGroup } from './state-buckets.ts'
import { readVersions } from './state-root.ts'
import { entryBytes, groupWidth, isGroupWhole, nodeOfGroup, rootOfGroup, topGroup } from './state-tree.ts'
import type { Reading } from './store-reader.ts'
import { treeHasher } from './tree-growth.ts'

/** Sorts before every key of a row. */
const firstKey = '\0'

export function scrubTree({ settled }: Reading, findings: Findings, progress: (progress: ScrubProgress) => void): void {
  const { newest, building } = readVersions(settled)
  // While a root is being computed the stored tree is between two roots; the next scrub sees it.
  if (building) return
  const changed = changedRows(settled)
  const listed = scrubBuckets(settled, changed, newest && Buffer.from(newest.root, 'hex'), findings)
  const unchanged = scrubRows(settled, changed, findings, progress)
  if (listed !== unchanged) {
    const sentence = `The tree over the state knows ${listed} unchanged rows, the table ${unchanged}.`
    findings.add(stateDamage(settledFile, 'rows', sentence).damage)
  }
}

/** The beginnings of the hashes of changed rows' keys, as numbers: a few bytes each, however many there are. */
function changedRows(settled: SettledDatabase): Set<number> {
  const changed = new Set<number>()
  for (let part = 0; part < dirtyParts; part++) {
    for (const { keyHash } of readDirtyRows(settled.dirty, part)) changed.add(keyHash.readUIntBE(0, 6))
  }
  return changed
}

/** Checks all nodes; the number of rows that the buckets list and that have not changed. */
function scrubBuckets(
  settled: SettledDatabase,
  changed: ReadonlySet<number>,
  newest: Uint8Array | undefined,
  findings: Findings,
): number {
  let listed = 0
  const top = readGroup(settled.groups, topGroup)
  expectWhole(top, topGroup, findings)
  if (newest && !equalBytes(rootOfGroup(top), newest)) {
    findings.add(stateDamage(settledFile, 'groups', 'The tree over the state does not give its root.').damage)
  }
  for (let index = 0; index < stateBuckets / groupWidth; index++) {
    const group = readGroup(settled.groups, index)
    if (hasPart(settled.groups, index)) expectWhole(group, index, findings)
    if (!equalBytes(rootOfGroup(group), nodeOfGroup(top, groupWidth + index))) {
      findings.add(stateDamage(settledFile, `group ${index}`, 'These nodes are not those below the root.').damage)
    }
    const buckets = storedBuckets(settled, index)
    for (let position = 0; position < groupWidth; position++) {
      const bucket = buckets.get(position)
      const hash = bucket ? stateBucketHash(sha256, bucket) : emptyBucketHash
      if (!equalBytes(hash, nodeOfGroup(group, groupWidth + position))) {
        const at = `bucket ${index * groupWidth + position}`
        findings.add(stateDamage(settledFile, at, 'This bucket does not have its hash.').damage)
      }
      listed += countUnchanged(bucket, changed)
    }
  }
  return listed
}

/** The buckets of a group that are stored, by their position in it. */
function storedBuckets(settled: SettledDatabase, group: number): Map<number, Buffer> {
  const buckets = new Map<number, Buffer>()
  for (const { key, value } of settled.buckets.range(partRange(group * groupWidth, (group + 1) * groupWidth))) {
    const bucket = partIndex(key)
    buckets.set(bucket % groupWidth, openPart('bucket', bucket, value))
  }
  return buckets
}

function countUnchanged(bucket: Buffer | undefined, changed: ReadonlySet<number>): number {
  let count = 0
  for (let at = 0; bucket && at < bucket.length; at += entryBytes) if (!changed.has(bucket.readUIntBE(at, 6))) count++
  return count
}

function expectWhole(group: Buffer, index: number, findings: Findings): void {
  if (isGroupWhole(treeHasher, group)) return
  findings.add(stateDamage(settledFile, `group ${index}`, 'Nodes of the tree over the state are damaged.').damage)
}

/** Checks every row; the number of those that have not changed since the newest root. */
function scrubRows(
  settled: SettledDatabase,
  changed: ReadonlySet<number>,
  findings: Findings,
  progress: (progress: ScrubProgress) => void,
): number {
  let unchanged = 0
  let done = 0
  for (const { key, value } of settled.rows.range({ start: firstKey })) {
    const keyHash = sha256(Buffer.from(key))
    if (++done % 65_536 === 0) progress({ part: 'tree', done })
    if (changed.has(Buffer.from(keyHash).readUIntBE(0, 6))) continue
    unchanged++
    findings.try(() => {
      const text = openRow(key, value)
      const valueHash = findInBucket(readBucket(settled.buckets, stateBucketOf(keyHash)), keyHash)
      if (text === undefined || !valueHash || !equalBytes(sha256(text), valueHash)) {
        throw stateDamage(settledFile, `row ${key}`, 'This row is not the one in the tree over the state.')
      }
    })
  }
  progress({ part: 'tree', done })
  return unchanged
}
