/** Which leaf a transaction has, by the first 16 bytes of its id; the leaf itself holds the whole id. */
import { idPrefixBytes } from './leaf-traces.ts'
import type { SortedRuns } from './sorted-runs.ts'

/** The prefix, then the index of the leaf. */
export const idRecordBytes = idPrefixBytes + 6

/** Writes one record; the buffer has room for it. */
export function encodeLeafIndex(to: Buffer, at: number, transactionId: Uint8Array, leafIndex: number): void {
  to.set(transactionId.subarray(0, idPrefixBytes), at)
  to.writeUIntLE(leafIndex, at + idPrefixBytes, 6)
}

/** The index as stored. Whoever reads it compares the leaf's own id. */
export function readLeafIndex(ids: SortedRuns, prefix: Uint8Array): number | undefined {
  return ids.findOnly(prefix)?.readUIntLE(idPrefixBytes, 6)
}
