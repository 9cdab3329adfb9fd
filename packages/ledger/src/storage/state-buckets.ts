/** Buckets and groups of the tree over the state, as they are stored: sealed values under two bytes of number. */

import { seal, unseal } from './checksum.ts'
import { type BytesTable, stateDamage } from './lmdb-tables.ts'
import { settledFile } from './settled-database.ts'
import { createEmptyGroups, findEntry, topGroup } from './state-tree.ts'
import { treeHasher } from './tree-growth.ts'

const emptyGroups = createEmptyGroups(treeHasher)

export type TreePart = 'bucket' | 'group'

function keyOf(index: number): Buffer {
  return Buffer.from([index >> 8, index & 0xff])
}

export function readBucket(buckets: BytesTable, bucket: number): Buffer {
  return readPart(buckets, 'bucket', bucket) ?? Buffer.alloc(0)
}

/** The group's nodes, the caller's to change. */
export function readGroup(groups: BytesTable, group: number): Buffer {
  return readPart(groups, 'group', group) ?? Buffer.from(group === topGroup ? emptyGroups.top : emptyGroups.bottom)
}

function readPart(table: BytesTable, part: TreePart, index: number): Buffer | undefined {
  const sealed = table.get(keyOf(index))
  return sealed && openPart(part, index, sealed)
}

export function openPart(part: TreePart, index: number, sealed: Buffer): Buffer {
  const value = unseal(`${part} ${index}`, sealed)
  if (!value) throw stateDamage(settledFile, `${part} ${index}`, 'This part of the tree over the state is damaged.')
  return value
}

/** Writes in a transaction that is open. */
export function writePart(table: BytesTable, part: TreePart, index: number, value: Buffer): void {
  table.put(keyOf(index), seal(`${part} ${index}`, value))
}

export function hasPart(table: BytesTable, index: number): boolean {
  return table.peek(keyOf(index)) !== undefined
}

/** The keys of parts from a number up to another. */
export function partRange(from: number, to: number): { readonly start: Buffer; readonly end: Buffer } {
  return { start: keyOf(from), end: to > 0xffff ? Buffer.from([0xff, 0xff, 0]) : keyOf(to) }
}

/** The number that a key of these tables spells. */
export function partIndex(key: Uint8Array): number {
  return ((key[0] as number) << 8) | (key[1] as number)
}

/** The hash of a row's value in a bucket, by the hash of its key. */
export function findInBucket(bucket: Buffer, keyHash: Uint8Array): Buffer | undefined {
  return findEntry(bucket, Buffer.from(keyHash.buffer, keyHash.byteOffset, keyHash.byteLength))
}
