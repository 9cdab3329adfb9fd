/**
 * A chunk of rows: whole buckets, ascending, each row in order of the hash of its key as
 * `[key length u16][value length u32]` and both texts. Which bucket a row is in follows from its key.
 */
import { stateBucketOf } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { compareBytes, fromUtf8, type Refusal, refuse } from '@chengxin/kernel'

const lengthBytes = 6

export interface SnapshotRow {
  readonly keyHash: Uint8Array
  readonly key: string
  readonly value: Buffer
}

/** Bytes of a row in a chunk. */
export function encodeRow(key: string, value: Uint8Array): Buffer {
  const text = Buffer.from(key)
  const row = Buffer.allocUnsafe(lengthBytes + text.length + value.length)
  row.writeUInt16LE(text.length, 0)
  row.writeUInt32LE(value.length, 2)
  row.set(text, lengthBytes)
  row.set(value, lengthBytes + text.length)
  return row
}

/** Reads one row; nothing where the bytes end within it. */
export function decodeRow(
  bytes: Buffer,
  from: number,
): { readonly key: Buffer; readonly value: Buffer; readonly end: number } | undefined {
  if (from + lengthBytes > bytes.length) return undefined
  const keyEnd = from + lengthBytes + bytes.readUInt16LE(from)
  const end = keyEnd + bytes.readUInt32LE(from + 2)
  if (end > bytes.length) return undefined
  return { key: bytes.subarray(from + lengthBytes, keyEnd), value: bytes.subarray(keyEnd, end), end }
}

/**
 * The rows of a chunk, or `snapshot_chunk_malformed`: torn, not UTF-8, without value, out of order, twice, or of a bucket
 * that an earlier chunk has begun. `after` is the last key hash of the chunk before.
 */
export function decodeRowChunk(chunk: Uint8Array): SnapshotRow[] | Refusal {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const rows: SnapshotRow[] = []
  for (let from = 0; from < bytes.length; ) {
    const row = decodeRow(bytes, from)
    const key = row && fromUtf8(row.key)
    if (!row || key === undefined || row.value.length === 0) return refuse('snapshot_chunk_malformed')
    const keyHash = sha256(row.key)
    const before = rows.at(-1)
    if (before && compareBytes(before.keyHash, keyHash) >= 0) return refuse('snapshot_chunk_malformed')
    rows.push({ keyHash, key, value: row.value })
    from = row.end
  }
  return rows
}

/** Whether the second chunk's rows all stand in buckets after the first's. */
export function followsInBuckets(first: readonly SnapshotRow[], second: readonly SnapshotRow[]): boolean {
  const [last, next] = [first.at(-1), second[0]]
  return !last || !next || stateBucketOf(last.keyHash) < stateBucketOf(next.keyHash)
}
