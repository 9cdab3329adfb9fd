/**
 * Which rows changed since the last state root: written with each step of settling, in sixteen parts by the hash of the
 * key, so that a root is computed with a sixteenth of them in memory.
 */
import type { Sha256 } from '@chengxin/crypto'
import { seal, unseal } from './checksum.ts'
import { type BytesTable, stateDamage } from './lmdb-tables.ts'
import { settledFile } from './settled-database.ts'

export const dirtyParts = 16
const hashBytes = 32

/** Part, then height, so that a part is one range. */
function keyOf(part: number, height: number): Buffer {
  const key = Buffer.alloc(7)
  key[0] = part
  key.writeUIntBE(height, 1, 6)
  return key
}

export function nameOfDirtyPart(key: Uint8Array): string {
  return `dirty ${Buffer.from(key).toString('hex')}`
}

/** Remembers the keys of a step in a transaction that is open. */
export function writeDirtyRows(table: BytesTable, sha256: Sha256, height: number, keys: readonly string[]): void {
  const parts: Buffer[][] = Array.from({ length: dirtyParts }, () => [])
  for (const key of keys) {
    const text = Buffer.from(key)
    const entry = Buffer.allocUnsafe(hashBytes + 2 + text.length)
    const keyHash = sha256(text)
    entry.set(keyHash, 0)
    entry.writeUInt16LE(text.length, hashBytes)
    entry.set(text, hashBytes + 2)
    parts[(keyHash[0] as number) >> 4]?.push(entry)
  }
  for (const [part, entries] of parts.entries()) {
    const key = keyOf(part, height)
    if (entries.length > 0) table.put(key, seal(nameOfDirtyPart(key), Buffer.concat(entries)))
  }
}

export interface DirtyRow {
  readonly keyHash: Buffer
  readonly key: string
}

/** The rows of a part, each once, in order of key hash. */
export function readDirtyRows(table: BytesTable, part: number): DirtyRow[] {
  const rows = new Map<string, DirtyRow>()
  for (const { key, value } of table.range({ start: keyOf(part, 0), end: keyOf(part + 1, 0) })) {
    const entries = unseal(nameOfDirtyPart(key), value)
    if (!entries) throw stateDamage(settledFile, nameOfDirtyPart(key), 'The list of changed rows is damaged.')
    for (let at = 0; at < entries.length; ) {
      const end = at + hashBytes + 2 + entries.readUInt16LE(at + hashBytes)
      const row = entries.toString('utf8', at + hashBytes + 2, end)
      rows.set(row, { keyHash: entries.subarray(at, at + hashBytes), key: row })
      at = end
    }
  }
  return [...rows.values()].sort((left, right) => left.keyHash.compare(right.keyHash))
}

/** Forgets a part, in a transaction that is open. */
export function clearDirtyRows(table: BytesTable, part: number): void {
  for (const key of table.keys({ start: keyOf(part, 0), end: keyOf(part + 1, 0) })) table.remove(key)
}
