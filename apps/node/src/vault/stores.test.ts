/** Every store against the vault in memory, and PostgreSQL on a real one inside this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  backupVault,
  createMemoryVault,
  openSealedVault,
  restoreVault,
  rotateVault,
  type Vault,
} from '@chengxin/services'
import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openLmdbStore } from './lmdb-store.ts'
import { openPostgresStore, type SqlDatabase } from './postgres-store.ts'
import { openTombstoneFile } from './tombstone-file.ts'

const place = mkdtempSync(join(tmpdir(), 'chengxin-vault-'))
const nowMs = () => 1_000
let database: PGlite

beforeAll(async () => {
  database = await PGlite.create()
})
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

type Step =
  | { do: 'insert' | 'replace' | 'erase' | 'get'; id: string; value: string; mark: string; stale: boolean }
  | { do: 'find' | 'list'; mark: string; after: string | undefined; limit: number; newestFirst: boolean }
  | { do: 'reopen' }

const id = fc.constantFrom('one', 'two words', 'three\nlines', '四%20')
const mark = fc.constantFrom('red', 'blue')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('insert' as const, 'replace' as const, 'erase' as const, 'get' as const),
    id,
    value: fc.string(),
    mark,
    stale: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('find' as const, 'list' as const),
    mark,
    after: fc.option(id, { nil: undefined }),
    limit: fc.integer({ min: 1, max: 4 }),
    newestFirst: fc.boolean(),
  }),
  fc.constant({ do: 'reopen' as const }),
)

/** `open` opens the vault of a run, again after it was closed, and with what it held. */
async function sameAsInMemory(open: (run: number) => Promise<Vault>, numRuns: number): Promise<void> {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const run = ++runs
      const memory = createMemoryVault().collection<string>('words')
      let vault = await open(run)
      for (const taken of steps) {
        if (taken.do === 'reopen') {
          await vault.close()
          vault = await open(run)
          continue
        }
        const sealed = vault.collection<string>('words')
        const both = async <T>(ask: (records: typeof memory) => Promise<T>) =>
          expect(await ask(sealed)).toEqual(await ask(memory))
        if ('limit' in taken) {
          const { after, limit, newestFirst } = taken
          const page = { limit, newestFirst, ...(after === undefined ? {} : { after }) }
          await both((records) => (taken.do === 'list' ? records.list(page) : records.find('c', taken.mark, page)))
          await both((records) => records.count('c', taken.mark))
          await both((records) => records.count())
          continue
        }
        const version = ((await memory.get(taken.id))?.version ?? 1) + (taken.stale ? 1 : 0)
        if (taken.do === 'insert') await both((r) => r.insert(taken.id, taken.value, { c: taken.mark }))
        if (taken.do === 'erase') await both((r) => r.erase(taken.id))
        if (taken.do === 'replace') await both((r) => r.replace(taken.id, version, taken.value, { c: taken.mark }))
        await both((r) => r.get(taken.id))
      }
      await vault.close()
    }),
    { numRuns },
  )
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
