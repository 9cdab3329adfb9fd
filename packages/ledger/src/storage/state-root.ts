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
import { numberKey, readRecord, stateDamage, writeRecord } from './lmdb-tables.ts'
import { type RecentDatabase, readBoundary } from './recent-database.ts'
import { lostRow, openRow, readRow } from './rows.ts'
import { readMark, type SettledDatabase, settledFile } from './settled-database.ts'
import { hasPart, readBucket, readGroup, writePart } from './state-buckets.ts'
import {
  type ChangedEntry,
  entryBytes,
  groupWidth,
  mergeBucket,
  rootOfGroup,
  siblingsInGroup,
  topGroup,
  updateGroup,
} from './state-tree.ts'

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
  const sealed = roots.get(numberKey(size))
  if (!sealed) return undefined
  const root = unseal(`root ${size}`, sealed)
  if (!root) throw stateDamage(settledFile, `root ${size}`, 'This state root is damaged.')
  return new Uint8Array(root)
}

/** The root that the stored tree has; nothing before the first, `building` between two. */
export function readNewestRoot(settled: SettledDatabase): Uint8Array | 'building' | undefined {
  const { newest, building } = readVersions(settled)
  if (building) return 'building'
  return newest && new Uint8Array(Buffer.from(newest.root, 'hex'))
}

/** Computes the root of the boundary that settling has reached, if it lacks one. */
export function computeRootIfDue(recent: RecentDatabase, settled: SettledDatabase): void {
  settled.environment.renew()
  const { height } = readMark(settled)
  const size = height < 0 ? undefined : readBoundary(recent, height)
  if (size === undefined) return
  while (!readStateRoot(settled, size)) {
    settled.environment.transact(() => computePart(settled, size, height))
    settled.environment.renew()
  }
}

function computePart(settled: SettledDatabase, size: number, height: number): void {
  // Another thread may have come first.
  if (readStateRoot(settled, size)) return
  const versions = readVersions(settled)
  const part = versions.building?.nextPart ?? 0
  if (!versions.building) {
    settled.bucketsBefore.clear()
    settled.groupsBefore.clear()
  }
  updatePart(settled, part)
  if (part + 1 < dirtyParts) {
    writeRecord(settled.meta, versionsName, { ...versions, building: { size, height, nextPart: part + 1 } })
    return
  }
  const root = rootOfGroup(readGroup(settled.groups, topGroup))
  settled.roots.put(numberKey(size), seal(`root ${size}`, root))
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
    const sealed = settled.rows.peek(key)
    if (!sealed) throw lostRow(key)
    const value = openRow(key, sealed)
    const valueHash = value === undefined ? undefined : sha256(Buffer.from(value))
    if (value === undefined) settled.rows.remove(key)
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
  if (!hasPart(settled.bucketsBefore, bucket)) writePart(settled.bucketsBefore, 'bucket', bucket, before)
  writePart(settled.buckets, 'bucket', bucket, after)
  return stateBucketHash(sha256, after)
}

/** The top group changes with every part; what it was before the first is what counts, and is kept. */
function updateStoredGroup(
  settled: SettledDatabase,
  group: number,
  leaves: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  const before = readGroup(settled.groups, group)
  const after = Buffer.from(before)
  updateGroup(sha256, after, leaves)
  if (!hasPart(settled.groupsBefore, group)) writePart(settled.groupsBefore, 'group', group, before)
  writePart(settled.groups, 'group', group, after)
  return rootOfGroup(after)
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
  const value = readRow(settled, key)
  const isUnchanged = verifyStateProof(sha256, root, { key, value }, proof)
  return { size, root, proof, ...(isUnchanged && { value: value ?? null }) }
}

function readVersion(settled: SettledDatabase, what: 'buckets' | 'groups', index: number, usesKept: boolean): Buffer {
  const [kept, current] =
    what === 'buckets' ? [settled.bucketsBefore, settled.buckets] : [settled.groupsBefore, settled.groups]
  const table = usesKept && hasPart(kept, index) ? kept : current
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
