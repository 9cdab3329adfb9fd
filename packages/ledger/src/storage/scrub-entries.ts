/** Whether an entry of a state database is what its table holds. Throws the damage. */
import { unseal } from './checksum.ts'
import { nameOfDirtyPart } from './dirty-rows.ts'
import { numberOfKey, stateDamage } from './lmdb-tables.ts'
import { decodeChanges } from './recent-block.ts'
import { openRow } from './rows.ts'
import { nameOfBlock } from './sorted-runs.ts'
import { openPart, partIndex } from './state-buckets.ts'
import { nameOfUndo } from './state-undo.ts'

type Check = (key: Buffer, value: Buffer) => unknown

/** Values whose only check is their seal, under the name made of the key. */
function sealedAs(nameOf: (key: Buffer) => string): Check {
  return (key, value) => unseal(nameOf(key), value)
}

const checks: { readonly [database: string]: { readonly [table: string]: Check } } = {
  recent: {
    changes: (key, value) => decodeChanges(numberOfKey(key), value),
    blocks: sealedAs((key) => `block ${numberOfKey(key)}`),
    starts: sealedAs((key) => `start ${numberOfKey(key)}`),
    boundaries: sealedAs((key) => `boundary ${numberOfKey(key)}`),
    meta: sealedAs((key) => key.toString()),
  },
  settled: {
    rows: (key, value) => openRow(key.toString(), value) ?? true,
    ids: sealedAs((key) => nameOfBlock('ids', key)),
    'nonces-0': sealedAs((key) => nameOfBlock('nonces-0', key)),
    'nonces-1': sealedAs((key) => nameOfBlock('nonces-1', key)),
    dirty: sealedAs(nameOfDirtyPart),
    buckets: (key, value) => openPart('bucket', partIndex(key), value),
    groups: (key, value) => openPart('group', partIndex(key), value),
    undo: sealedAs(nameOfUndo),
    roots: sealedAs((key) => `root ${numberOfKey(key)}`),
    meta: sealedAs((key) => key.toString()),
  },
}

export function checkEntry(database: 'recent' | 'settled', table: string, key: Buffer, value: Buffer): void {
  const check = checks[database]?.[table]
  if (check && check(key, value) !== undefined) return
  throw stateDamage(database, `${table} ${key.toString('latin1')}`, 'This entry is damaged.')
}
