/** Which leaf a transaction has, by the first 16 bytes of its id; the leaf itself holds the whole id. */
import type { BytesTable } from './state-database.ts'

const prefixBytes = 16

export function idPrefix(transactionId: Uint8Array): Uint8Array {
  return transactionId.subarray(0, prefixBytes)
}

export function writeLeafIndex(ids: BytesTable, transactionId: Uint8Array, leafIndex: number): void {
  const record = Buffer.allocUnsafe(6)
  record.writeUIntLE(leafIndex, 0, 6)
  ids.put(idPrefix(transactionId), record)
}

/** The index as stored. Without a checksum: whoever reads it compares the leaf's id. */
export function readLeafIndex(ids: BytesTable, transactionId: Uint8Array): number | undefined {
  return ids.getBinary(idPrefix(transactionId))?.readUIntLE(0, 6)
}
