/** Proofs of rows against the two newest state roots: as the tree is stored, or with what the newest root changed undone. */
import { type StateProof, stateBucketOf, verifyStateProof } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { dirtyParts } from './dirty-rows.ts'
import type { ProvenRow } from './face.ts'
import { readRow } from './rows.ts'
import type { SettledDatabase } from './settled-database.ts'
import { readBucket, readGroup } from './state-buckets.ts'
import { type RootRecord, readVersions } from './state-root.ts'
import { entryBytes, groupWidth, mergeBucket, siblingsInGroup, topGroup, updateGroup } from './state-tree.ts'
import { type NodeBefore, readNodesBefore, readRowsBefore } from './state-undo.ts'
import { treeHasher } from './tree-growth.ts'

const hashBytes = 32
const bucketsOfPart = 65_536 / dirtyParts

/** Proves a row against a boundary's root, as long as the stored tree can. */
export function proveRow(settled: SettledDatabase, size: number, key: string): ProvenRow | undefined {
  const version = versionAt(settled, size)
  if (!version) return undefined
  const bucket = stateBucketOf(sha256(Buffer.from(key)))
  const root = new Uint8Array(Buffer.from(version.record.root, 'hex'))
  const proof = version.isUndone ? proofBefore(settled, bucket) : proofNow(settled, bucket)
  const value = readRow(settled, key)
  const isUnchanged = verifyStateProof(sha256, root, { key, value }, proof)
  return { size, root, proof, ...(isUnchanged && { value: value ?? null }) }
}

/** While a root is being computed, the newest finished one is what the undone tree gives; afterwards, the one before. */
function versionAt(settled: SettledDatabase, size: number): { record: RootRecord; isUndone: boolean } | undefined {
  const { newest, before, building } = readVersions(settled)
  if (newest?.size === size) return { record: newest, isUndone: building !== undefined }
  return before?.size === size && !building ? { record: before, isUndone: true } : undefined
}

function proofNow(settled: SettledDatabase, bucket: number): StateProof {
  const group = readGroup(settled.groups, bucket >> 8)
  const top = readGroup(settled.groups, topGroup)
  return { rows: rowsOf(readBucket(settled.buckets, bucket)), path: pathOf(group, top, bucket) }
}

function proofBefore(settled: SettledDatabase, bucket: number): StateProof {
  const part = Math.floor(bucket / bucketsOfPart)
  const rows = mergeBucket(readBucket(settled.buckets, bucket), readRowsBefore(settled.undo, part, bucket))
  const group = readGroup(settled.groups, bucket >> 8)
  const inGroup = readNodesBefore(settled.undo, 'buckets', part).filter(({ index }) => index >> 8 === bucket >> 8)
  updateGroup(treeHasher, group, inGroup.map(leafOfGroup))
  const top = readGroup(settled.groups, topGroup)
  for (let each = 0; each < dirtyParts; each++) {
    updateGroup(treeHasher, top, readNodesBefore(settled.undo, 'groups', each).map(leafOfGroup))
  }
  return { rows: rowsOf(rows), path: pathOf(group, top, bucket) }
}

function leafOfGroup({ index, hash }: NodeBefore): readonly [position: number, hash: Uint8Array] {
  return [index % groupWidth, hash]
}

function pathOf(group: Buffer, top: Buffer, bucket: number): Uint8Array[] {
  const siblings = [...siblingsInGroup(group, bucket % groupWidth), ...siblingsInGroup(top, bucket >> 8)]
  return siblings.map((hash) => new Uint8Array(hash))
}

function rowsOf(bucket: Buffer): StateProof['rows'] {
  const rows: { keyHash: Uint8Array; valueHash: Uint8Array }[] = []
  for (let at = 0; at < bucket.length; at += entryBytes) {
    const keyHash = new Uint8Array(bucket.subarray(at, at + hashBytes))
    rows.push({ keyHash, valueHash: new Uint8Array(bucket.subarray(at + hashBytes, at + entryBytes)) })
  }
  return rows
}
