/**
 * What the newest state root overwrote, to prove against the one before: until half the way to the next boundary that is
 * the root members have agreed on. For each part of the state: the rows' hashes, the buckets' and the groups', as they were.
 */
import { seal, unseal } from './checksum.ts'
import { type BytesTable, stateDamage } from './lmdb-tables.ts'
import { settledFile } from './settled-database.ts'
import type { ChangedEntry } from './state-tree.ts'

const hashBytes = 32
/** Key hash, whether there was a row, hash of its value. */
const rowBytes = 2 * hashBytes + 1
/** Number of a bucket or group, and its hash. */
const nodeBytes = 2 + hashBytes

type Kind = 'rows' | 'buckets' | 'groups'
const kinds: readonly Kind[] = ['rows', 'buckets', 'groups']

export interface NodeBefore {
  readonly index: number
  readonly hash: Uint8Array
}

export interface PartBefore {
  readonly rows: readonly ChangedEntry[]
  readonly buckets: readonly NodeBefore[]
  readonly groups: readonly NodeBefore[]
}

function keyOf(kind: Kind, part: number): Buffer {
  return Buffer.from([kinds.indexOf(kind), part])
}

export function nameOfUndo(key: Uint8Array): string {
  return `undo ${kinds[key[0] as number]} ${key[1]}`
}

/** Remembers a part in a transaction that is open. */
export function writePartBefore(undo: BytesTable, part: number, { rows, buckets, groups }: PartBefore): void {
  const listed = Buffer.alloc(rows.length * rowBytes)
  for (const [position, { keyHash, valueHash }] of rows.entries()) {
    const at = position * rowBytes
    listed.set(keyHash, at)
    if (!valueHash) continue
    listed[at + hashBytes] = 1
    listed.set(valueHash, at + hashBytes + 1)
  }
  put(undo, keyOf('rows', part), listed)
  put(undo, keyOf('buckets', part), encodeNodes(buckets))
  put(undo, keyOf('groups', part), encodeNodes(groups))
}

function put(undo: BytesTable, key: Buffer, value: Buffer): void {
  undo.put(key, seal(nameOfUndo(key), value))
}

function encodeNodes(nodes: readonly NodeBefore[]): Buffer {
  const listed = Buffer.alloc(nodes.length * nodeBytes)
  for (const [position, { index, hash }] of nodes.entries()) {
    listed.writeUInt16LE(index, position * nodeBytes)
    listed.set(hash, position * nodeBytes + 2)
  }
  return listed
}

function get(undo: BytesTable, key: Buffer): Buffer {
  const sealed = undo.get(key)
  if (!sealed) return Buffer.alloc(0)
  const value = unseal(nameOfUndo(key), sealed)
  if (!value) throw stateDamage(settledFile, nameOfUndo(key), 'This part of the tree over the state is damaged.')
  return value
}

/** The rows of a bucket that were changed, as they were, in order of key hash. */
export function readRowsBefore(undo: BytesTable, part: number, bucket: number): ChangedEntry[] {
  const listed = get(undo, keyOf('rows', part))
  const rows: ChangedEntry[] = []
  for (let at = 0; at < listed.length; at += rowBytes) {
    if (listed.readUInt16BE(at) !== bucket) continue
    const valueHash = listed.subarray(at + hashBytes + 1, at + rowBytes)
    rows.push({
      keyHash: listed.subarray(at, at + hashBytes),
      valueHash: listed[at + hashBytes] === 1 ? valueHash : undefined,
    })
  }
  return rows
}

/** Buckets or groups of a part that were changed, as they were. */
export function readNodesBefore(undo: BytesTable, kind: 'buckets' | 'groups', part: number): NodeBefore[] {
  const listed = get(undo, keyOf(kind, part))
  const nodes: NodeBefore[] = []
  for (let at = 0; at < listed.length; at += nodeBytes) {
    nodes.push({ index: listed.readUInt16LE(at), hash: listed.subarray(at + 2, at + nodeBytes) })
  }
  return nodes
}
