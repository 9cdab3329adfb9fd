/** Which leaf a transaction has, by the first 16 bytes of its id; the leaf itself holds the whole id. */
import type { BytesTable } from './lmdb-tables.ts'

const record = Buffer.allocUnsafeSlow(6)

/** Writes the index in a transaction that is open, which copies it. */
export function writeLeafIndex(ids: BytesTable, prefix: Uint8Array, leafIndex: number): void {
  record.writeUIntLE(leafIndex, 0, 6)
  ids.put(prefix, record)
}

/** The index as stored. It has no checksum: whoever reads it compares the leaf's own id. */
export function readLeafIndex(ids: BytesTable, prefix: Uint8Array): number | undefined {
  const stored = ids.peek(prefix)
  return stored && stored.length >= 6 ? stored.readUIntLE(0, 6) : undefined
}
