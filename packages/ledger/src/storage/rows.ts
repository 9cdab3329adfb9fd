/**
 * Rows of the domains' tables: canonical text under `<domain>/<table>/<key>`, each behind a checksum of both. A removed row
 * stays as an empty value until the next state root: so a row that the last root knows and the table does not is damage,
 * and never passes for a row that does not exist.
 */
import { stateBucketOf } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { sealBytes, sealInPlace, unseal } from './checksum.ts'
import { stateDamage, type TextTable } from './lmdb-tables.ts'
import { type SettledDatabase, settledFile } from './settled-database.ts'
import { findInBucket, readBucket } from './state-buckets.ts'

export function readRow({ rows, buckets }: SettledDatabase, key: string): string | undefined {
  const sealed = rows.peek(key)
  if (sealed) return openRow(key, sealed)?.toString()
  const keyHash = sha256(Buffer.from(key))
  if (findInBucket(readBucket(buckets, stateBucketOf(keyHash)), keyHash)) throw lostRow(key)
  return undefined
}

/** A stored row's text as UTF-8, a view of what may be LMDB's own memory; nothing where the row was removed. */
export function openRow(key: string, sealed: Buffer): Buffer | undefined {
  const text = unseal(key, sealed)
  if (!text) throw stateDamage(settledFile, `row ${key}`, 'The value of this row is damaged.')
  return text.length === 0 ? undefined : text
}

export function lostRow(key: string): Error {
  return stateDamage(settledFile, `row ${key}`, 'This row is missing.')
}

let scratch = Buffer.allocUnsafeSlow(1 << 16)

/** Writes a row in a transaction that is open, which copies the value. */
export function writeRow(rows: TextTable, key: string, value: string | Buffer | undefined): void {
  // One buffer for all values: LMDB asks the engine for the address of each buffer it has not seen, which costs more
  // than the rest of the write.
  const most = sealBytes + (value?.length ?? 0) * 3
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2)
  rows.put(key, sealInPlace(key, scratch.subarray(0, sealBytes + copyValue(value))))
}

function copyValue(value: string | Buffer | undefined): number {
  if (value === undefined) return 0
  return typeof value === 'string' ? scratch.write(value, sealBytes, 'utf8') : value.copy(scratch, sealBytes)
}
