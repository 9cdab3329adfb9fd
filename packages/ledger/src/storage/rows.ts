/** Rows of the domains' tables: canonical text under `<domain>/<table>/<key>`, each behind a checksum of both. */
import { seal, unseal } from './checksum.ts'
import { stateDamage, type TextTable } from './state-database.ts'

export function readRow(rows: TextTable, key: string): string | undefined {
  const sealed = rows.getBinary(key)
  if (!sealed) return undefined
  const text = unseal(key, sealed)
  if (!text) throw stateDamage('data.mdb', `row ${key}`, 'The value of this row is damaged.')
  return text.toString()
}

export function writeRow(rows: TextTable, key: string, value: string | undefined): void {
  if (value === undefined) rows.remove(key)
  else rows.put(key, seal(key, Buffer.from(value)))
}
