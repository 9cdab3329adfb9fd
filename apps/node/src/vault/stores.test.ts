/** Every store against the vault in memory, and PostgreSQL on a real one inside this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backupVault, openSealedVault, restoreVault, rotateVault, type Vault } from '@chengxin/services'
import { sameAsInMemory } from '@chengxin/testkit/vault-histories'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openLmdbStore } from './lmdb-store.ts'
import { openPostgresStore, type SqlDatabase } from './postgres-store.ts'
import { openTombstoneFile } from './tombstone-file.ts'

const place = mkdtempSync(join(tmpdir(), 'chengxin-vault-'))
const nowMs = () => 1_000
let database: PGlite

beforeAll(async () => {
  database = await PGlite.create()
}, 120_000)
afterAll(async () => {
  await database.close()
  rmSync(place, { recursive: true, force: true })
})
beforeEach(async () => {
  await database.exec('DROP SCHEMA IF EXISTS chengxin_vault CASCADE')
})

/** The database goes on when a vault over it is closed. */
const lasting: SqlDatabase = {
  query: (text, parameters) => database.query(text, parameters as unknown[]),
  close: async () => {},
}

async function openVault(run = 0): Promise<Vault> {
  const store = await openPostgresStore(lasting)
  const tombstones = await openTombstoneFile(join(place, `erased-${run}.txt`), nowMs)
  return openSealedVault({ store, tombstones, passphrase: undefined, nowMs })
}

test('LMDB holds what the vault in memory holds, after any history', { timeout: 120_000 }, async () => {
  await sameAsInMemory(async (run) => {
    const tombstones = await openTombstoneFile(join(place, `lmdb-${run}.txt`), nowMs)
    const store = openLmdbStore(join(place, `lmdb-${run}`))
    return openSealedVault({ store, tombstones, passphrase: undefined, nowMs })
  }, 25)
})

test('PostgreSQL holds what the vault in memory holds, after any history', { timeout: 120_000 }, async () => {
  let last = 0
  await sameAsInMemory(async (run) => {
    if (run !== last) await database.exec('DROP SCHEMA IF EXISTS chengxin_vault CASCADE')
    last = run
    return openVault(run)
  }, 15)
})

test('rotates, and moves into a folder by backup and restore', async () => {
  const vault = await openVault()
  const words = vault.collection<string>('words')
  for (let index = 0; index < 30; index++) await words.insert(`word ${index}`, `value ${index}`, { c: 'red' })
  await words.erase('word 7')
  const before = await words.list({ limit: 100 })
  const store = await openPostgresStore(lasting)
  expect(await rotateVault(store, { before: undefined, after: undefined }, 2_000)).toBe(29)

  const folder = openLmdbStore(join(place, 'folder'))
  const tombstones = await openTombstoneFile(join(place, 'erased-folder.txt'), nowMs)
  const counts = await restoreVault(await backupVault(store), { store: folder, tombstones, passphrase: undefined })
  expect(counts).toEqual({ restored: 29, erased: 0, withoutKey: 0 })
  const moved = await openSealedVault({ store: folder, tombstones, passphrase: undefined, nowMs })
  expect(await moved.collection('words').list({ limit: 100 })).toEqual(before)
  expect(await moved.collection('words').count('c', 'red')).toBe(29)
  await moved.close()
})
