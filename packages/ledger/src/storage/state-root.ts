/**
 * Roots over the whole state, at boundaries. Settling stops at a boundary, so the tables are the state there; the root is
 * brought up from the rows that changed since the boundary before, in sixteen parts. What a part overwrites is kept
 * (state-undo.ts), for proofs against the root before.
 *
 * Any thread may run it, and may be killed in it: a part that was not finished is done again, with the same result.
 */
import { stateBucketHash, stateBucketOf } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { seal, unseal } from './checksum.ts'
import { clearDirtyRows, dirtyParts, readDirtyRows } from './dirty-rows.ts'
import { numberKey, readRecord, stateDamage, writeRecord } from './lmdb-tables.ts'
import { type RecentDatabase, readBoundary } from './recent-database.ts'
import { lostRow, openRow } from './rows.ts'
import { type SettledDatabase, settledFile } from './settled-database.ts'
import { readBucket, readGroup, writePart } from './state-buckets.ts'
import {
  type ChangedEntry,
  findEntry,
  groupWidth,
  mergeBucket,
  nodeOfGroup,
  rootOfGroup,
  topGroup,
  updateGroup,
} from './state-tree.ts'
import { type NodeBefore, writePartBefore } from './state-undo.ts'
import { treeHasher } from './tree-growth.ts'

/** Rows after which a transaction ends: few rows are one transaction, many are not one long one. */
const rowsOfTransaction = 8192

/** Which roots the stored tree can prove against. */
export interface TreeVersions {
  /** The newest finished root. */
  readonly newest?: RootRecord
  /** The one before; provable as long as no newer root is being computed. */
  readonly before?: RootRecord
  /** A root whose first parts are done. */
  readonly building?: { readonly size: number; readonly height: number; readonly nextPart: number }
}

export interface RootRecord {
  readonly size: number
  readonly height: number
  readonly root: string
}

const versionsName = 'tree'

export function readVersions({ meta }: SettledDatabase): TreeVersions {
  return readRecord<TreeVersions>(meta, versionsName, settledFile) ?? {}
}

/** The root of the state at a boundary, by its size; `undefined` where it is not computed yet, or none is taken there. */
export function readStateRoot({ roots }: SettledDatabase, size: number): Uint8Array | undefined {
  const sealed = roots.get(numberKey(size))
  if (!sealed) return undefined
  const root = unseal(`root ${size}`, sealed)
  if (!root) throw stateDamage(settledFile, `root ${size}`, 'This state root is damaged.')
  return new Uint8Array(root)
}

/** Stores the root of a tree that was not computed here, in a transaction that is open. */
export function storeFirstRoot(settled: SettledDatabase, newest: RootRecord): void {
  settled.roots.put(numberKey(newest.size), seal(`root ${newest.size}`, Buffer.from(newest.root, 'hex')))
  writeRecord(settled.meta, versionsName, { newest } satisfies TreeVersions)
}

/** Computes the root of the boundary at this height, up to which the tables are settled; nothing where none is due. */
export function computeRootIfDue(
  recent: RecentDatabase,
  settled: SettledDatabase,
  height: number,
): { readonly size: number; readonly root: Uint8Array } | undefined {
  const size = height < 0 ? undefined : readBoundary(recent, height)
  if (size === undefined || readStateRoot(settled, size)) return undefined
  for (;;) {
    settled.environment.transact(() => computeParts(settled, size, height))
    settled.environment.renew()
    const root = readStateRoot(settled, size)
    if (root) return { size, root }
  }
}

/** The next parts; with the last one, the root. */
function computeParts(settled: SettledDatabase, size: number, height: number): void {
  // Another thread may have come first.
  if (readStateRoot(settled, size)) return
  const versions = readVersions(settled)
  if (!versions.building) settled.undo.clear()
  let part = versions.building?.nextPart ?? 0
  for (let rows = 0; part < dirtyParts && rows < rowsOfTransaction; part++) rows += updatePart(settled, part)
  if (part < dirtyParts) {
    writeRecord(settled.meta, versionsName, { ...versions, building: { size, height, nextPart: part } })
    return
  }
  const root = rootOfGroup(readGroup(settled.groups, topGroup))
  settled.roots.put(numberKey(size), seal(`root ${size}`, root))
  const record: RootRecord = { size, height, root: root.toString('hex') }
  const finished: TreeVersions = { newest: record, ...(versions.newest && { before: versions.newest }) }
  writeRecord(settled.meta, versionsName, finished)
}

/** Buckets of one sixteenth, the groups over them, and the top. Returns how many rows there were. */
function updatePart(settled: SettledDatabase, part: number): number {
  const rows: ChangedEntry[] = []
  const groups = new Map<number, GroupLeaf[]>()
  for (const [bucket, changes] of changedBuckets(settled, part)) {
    const stored = readBucket(settled.buckets, bucket)
    const merged = mergeBucket(stored, changes)
    for (const { keyHash } of changes) rows.push({ keyHash, valueHash: findEntry(stored, keyHash) })
    writePart(settled.buckets, 'bucket', bucket, merged)
    const leaf = [bucket % groupWidth, stateBucketHash(sha256, merged)] as const
    const leaves = groups.get(bucket >> 8)
    if (leaves) leaves.push(leaf)
    else groups.set(bucket >> 8, [leaf])
  }
  writePartBefore(settled.undo, part, { rows, ...updateGroups(settled, groups) })
  clearDirtyRows(settled.dirty, part)
  return rows.length
}

type GroupLeaf = readonly [position: number, hash: Uint8Array]

/** Returns the hashes that the buckets and the groups had. */
function updateGroups(
  settled: SettledDatabase,
  changes: ReadonlyMap<number, readonly GroupLeaf[]>,
): { readonly buckets: readonly NodeBefore[]; readonly groups: readonly NodeBefore[] } {
  const buckets: NodeBefore[] = []
  const groups: NodeBefore[] = []
  const top = readGroup(settled.groups, topGroup)
  const roots: GroupLeaf[] = []
  for (const [index, leaves] of changes) {
    const group = readGroup(settled.groups, index)
    groups.push({ index, hash: Buffer.from(rootOfGroup(group)) })
    for (const [position] of leaves) {
      const hash = Buffer.from(nodeOfGroup(group, groupWidth + position))
      buckets.push({ index: index * groupWidth + position, hash })
    }
    updateGroup(treeHasher, group, leaves)
    writePart(settled.groups, 'group', index, group)
    roots.push([index, rootOfGroup(group)])
  }
  if (roots.length > 0) {
    updateGroup(treeHasher, top, roots)
    writePart(settled.groups, 'group', topGroup, top)
  }
  return { buckets, groups }
}

/** Changed rows of a part, by bucket, both in order. A row that was removed leaves the table now. */
function changedBuckets(settled: SettledDatabase, part: number): Map<number, ChangedEntry[]> {
  const buckets = new Map<number, ChangedEntry[]>()
  for (const { key, keyHash } of readDirtyRows(settled.dirty, part)) {
    const sealed = settled.rows.peek(key)
    if (!sealed) throw lostRow(key)
    const text = openRow(key, sealed)
    const valueHash = text && sha256(text)
    if (!text) settled.rows.remove(key)
    const bucket = stateBucketOf(keyHash)
    const changes = buckets.get(bucket)
    if (changes) changes.push({ keyHash, valueHash })
    else buckets.set(bucket, [{ keyHash, valueHash }])
  }
  return buckets
}
