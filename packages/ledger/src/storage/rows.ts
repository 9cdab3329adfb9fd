/** Rows of the domains' tables: canonical text under `<domain>/<table>/<key>`, each behind a checksum of both. */
import { sealBytes, sealInPlace, unseal } from './checksum.ts'
import { stateDamage, type TextTable } from './lmdb-tables.ts'
import { settledFile } from './settled-database.ts'

export function readRow(rows: TextTable, key: string): string | undefined {
  const sealed = rows.getBinaryFast(key)
  return sealed && openRow(key, sealed)
}

/** The text of a row as stored; the buffer may be LMDB's own, which the next read overwrites. */
export function openRow(key: string, sealed: Buffer): string {
  const text = unseal(key, sealed)
  if (!text) throw stateDamage(settledFile, `row ${key}`, 'The value of this row is damaged.')
  return text.toString()
}

let scratch = Buffer.allocUnsafeSlow(1 << 16)

/** Writes a row in a transaction that is open, which copies the value. */
export function writeRow(rows: TextTable, key: string, value: string | Buffer | undefined): void {
  if (value === undefined) {
    void rows.remove(key)
    return
  }
  // One buffer for all values: LMDB asks the engine for the address of each buffer it has not seen, which costs more
  // than the rest of the write.
  const most = sealBytes + value.length * 3
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2)
  const length = typeof value === 'string' ? scratch.write(value, sealBytes, 'utf8') : value.copy(scratch, sealBytes)
  void rows.put(key, sealInPlace(key, scratch.subarray(0, sealBytes + length)))
}
