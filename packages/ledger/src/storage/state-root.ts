/**
 * Roots over the whole state, at boundaries. Settling stops at a boundary, so the tables are the state there; the root is
 * brought up from the rows that changed since the boundary before, in sixteen parts, each a transaction of its own. What a
 * part overwrites is kept, because until the next boundary the root before is the one that members have agreed on.
 *
 * Any thread may run it, and may be killed in it: a part that was not finished is done again, with the same result.
 */
import { type StateProof, stateBucketHash, stateBucketOf, verifyStateProof } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { seal, unseal } from './checksum.ts'
import { clearDirtyRows, dirtyParts, readDirtyRows } from './dirty-rows.ts'
import type { ProvenRow } from './face.ts'
import { type BytesTable, numberKey, numberOfKey, readRecord, stateDamage, writeRecord } from './lmdb-tables.ts'
import type { RecentDatabase } from './recent-database.ts'
import { readRow } from './rows.ts'
import { readMark, type SettledDatabase, settledFile } from './settled-database.ts'
import {
  type ChangedEntry,
  createEmptyGroups,
  entryBytes,
  groupWidth,
  mergeBucket,
  rootOfGroup,
  siblingsInGroup,
  topGroup,
  updateGroup,
} from './state-tree.ts'

const emptyGroups = createEmptyGroups(sha256)
const hashBytes = 32

/** Which roots the stored tree can prove against. */
interface TreeVersions {
  /** The newest finished root. */
  readonly newest?: RootRecord
  /** The one before; provable as long as no newer root is being computed. */
  readonly before?: RootRecord
  /** A root whose first parts are done. */
  readonly building?: { readonly size: number; readonly height: number; readonly nextPart: number }
}

interface RootRecord {
  readonly size: number
  readonly height: number
  readonly root: string
}

const versionsName = 'tree'

function readVersions({ meta }: SettledDatabase): TreeVersions {
  return readRecord<TreeVersions>(meta, versionsName, settledFile) ?? {}
}

/** The root of the state at a boundary, by its size; `undefined` where it is not computed yet, or none is taken there. */
export function readStateRoot({ roots }: SettledDatabase, size: number): Uint8Array | undefined {
  const sealed = roots.getBinary(numberKey(size))
  if (!sealed) return undefined
  const root = unseal(`root ${size}`, sealed)
  if (!root) throw stateDamage(settledFile, `root ${size}`, 'This state root is damaged.')
  return new Uint8Array(root)
}

/** Computes the root of the boundary that settling has reached, if it lacks one. */
export function computeRootIfDue(recent: RecentDatabase, settled: SettledDatabase): void {
  settled.environment.resetReadTxn()
  const { height } = readMark(settled)
  const boundary = height < 0 ? undefined : recent.boundaries.getBinary(numberKey(height))
  if (!boundary) return
  const size = numberOfKey(boundary)
  while (!readStateRoot(settled, size)) {
    settled.environment.transactionSync(() => computePart(settled, size, height))
    settled.environment.resetReadTxn()
  }
}

function computePart(settled: SettledDatabase, size: number, height: number): void {
  // Another thread may have come first.
  if (readStateRoot(settled, size)) return
  const versions = readVersions(settled)
  const part = versions.building?.nextPart ?? 0
  if (!versions.building) {
    settled.bucketsBefore.clearSync()
    settled.groupsBefore.clearSync()
  }
  updatePart(settled, part)
  if (part + 1 < dirtyParts) {
    writeRecord(settled.meta, versionsName, { ...versions, building: { size, height, nextPart: part + 1 } })
    return
  }
  const root = rootOfGroup(readGroup(settled.groups, topGroup))
  void settled.roots.put(numberKey(size), seal(`root ${size}`, root))
  const record: RootRecord = { size, height, root: root.toString('hex') }
  const finished: TreeVersions = { newest: record, ...(versions.newest && { before: versions.newest }) }
  writeRecord(settled.meta, versionsName, finished)
}

/** Buckets of one sixteenth, the groups over them, and the top. */
function updatePart(settled: SettledDatabase, part: number): void {
  const groups = new Map<number, (readonly [number, Uint8Array])[]>()
  for (const [bucket, changes] of changedBuckets(settled, part)) {
    const group = bucket >> 8
    const hash = updateBucket(settled, bucket, changes)
    groups.set(group, [...(groups.get(group) ?? []), [bucket % groupWidth, hash]])
  }
  const roots: (readonly [number, Uint8Array])[] = []
  for (const [group, leaves] of groups) roots.push([group, updateStoredGroup(settled, group, leaves)])
  if (roots.length > 0) updateStoredGroup(settled, topGroup, roots)
  clearDirtyRows(settled.dirty, part)
}

function changedBuckets(settled: SettledDatabase, part: number): Map<number, ChangedEntry[]> {
  const buckets = new Map<number, ChangedEntry[]>()
  for (const { key, keyHash } of readDirtyRows(settled.dirty, part)) {
    const value = readRow(settled.rows, key)
    const valueHash = value === undefined ? undefined : sha256(Buffer.from(value))
    const bucket = stateBucketOf(keyHash)
    const changes = buckets.get(bucket)
    if (changes) changes.push({ keyHash, valueHash })
    else buckets.set(bucket, [{ keyHash, valueHash }])
  }
  return buckets
}

function updateBucket(settled: SettledDatabase, bucket: number, changes: readonly ChangedEntry[]): Uint8Array {
  const before = readBucket(settled.buckets, bucket)
  const after = mergeBucket(before, changes)
  keepBefore(settled.bucketsBefore, bucket, bucketName(bucket), before)
  void settled.buckets.put(bucketKey(bucket), seal(bucketName(bucket), after))
  return stateBucketHash(sha256, after)
}

function updateStoredGroup(
  settled: SettledDatabase,
  index: number,
  leaves: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  const before = readGroup(settled.groups, index)
  const after = Buffer.from(before)
  updateGroup(sha256, after, leaves)
  keepBefore(settled.groupsBefore, index, groupName(index), before)
  void settled.groups.put(bucketKey(index), seal(groupName(index), after))
  return rootOfGroup(after)
}

/** The top group changes with every part; what it was before the first is what counts. */
function keepBefore(table: BytesTable, index: number, name: string, value: Buffer): void {
  const key = bucketKey(index)
  if (table.getBinaryFast(key) === undefined) void table.put(key, seal(name, value))
}

function bucketKey(index: number): Buffer {
  return Buffer.from([index >> 8, index & 0xff])
}

function bucketName(bucket: number): string {
  return `bucket ${bucket}`
}

function groupName(group: number): string {
  return `group ${group}`
}

function readBucket(table: BytesTable, bucket: number): Buffer {
  return readSealed(table, bucket, bucketName(bucket)) ?? Buffer.alloc(0)
}

function readGroup(table: BytesTable, group: number): Buffer {
  return readSealed(table, group, groupName(group)) ?? (group === topGroup ? emptyGroups.top : emptyGroups.bottom)
}

function readSealed(table: BytesTable, index: number, name: string): Buffer | undefined {
  const sealed = table.getBinary(bucketKey(index))
  if (!sealed) return undefined
  const value = unseal(name, sealed)
  if (!value) throw stateDamage(settledFile, name, 'This part of the tree over the state is damaged.')
  return value
}

/** Proves a row against a boundary's root, as long as the stored tree can. */
export function proveRow(settled: SettledDatabase, size: number, key: string): ProvenRow | undefined {
  const versions = readVersions(settled)
  const isNewest = versions.newest?.size === size
  const version = isNewest ? versions.newest : versions.building ? undefined : versions.before
  if (version?.size !== size) return undefined
  // While a root is being computed, what it overwrote is the newest finished one's; afterwards, the one before's.
  const usesKept = !isNewest || versions.building !== undefined
  const keyHash = sha256(Buffer.from(key))
  const bucket = stateBucketOf(keyHash)
  const root = new Uint8Array(Buffer.from(version.root, 'hex'))
  const proof = {
    rows: rowsOf(readVersion(settled, 'buckets', bucket, usesKept)),
    path: [
      ...siblingsInGroup(readVersion(settled, 'groups', bucket >> 8, usesKept), bucket % groupWidth),
      ...siblingsInGroup(readVersion(settled, 'groups', topGroup, usesKept), bucket >> 8),
    ],
  }
  const value = readRow(settled.rows, key)
  const isUnchanged = verifyStateProof(sha256, root, { key, value }, proof)
  return { size, root, proof, ...(isUnchanged && { value: value ?? null }) }
}

function readVersion(settled: SettledDatabase, what: 'buckets' | 'groups', index: number, usesKept: boolean): Buffer {
  const [kept, current] =
    what === 'buckets' ? [settled.bucketsBefore, settled.buckets] : [settled.groupsBefore, settled.groups]
  const table = usesKept && kept.getBinaryFast(bucketKey(index)) !== undefined ? kept : current
  return what === 'buckets' ? readBucket(table, index) : readGroup(table, index)
}

function rowsOf(bucket: Buffer): StateProof['rows'] {
  const rows: { keyHash: Uint8Array; valueHash: Uint8Array }[] = []
  for (let at = 0; at < bucket.length; at += entryBytes) {
    const keyHash = new Uint8Array(bucket.subarray(at, at + hashBytes))
    rows.push({ keyHash, valueHash: new Uint8Array(bucket.subarray(at + hashBytes, at + entryBytes)) })
  }
  return rows
}
