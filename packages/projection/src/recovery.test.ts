/** What the read model does when its database breaks, disappears, or belongs to somebody else. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createMemoryLedger, type MemoryLedger, memoryGenesis } from '@chengxin/testkit/memory-ledger'
import { findPostgres, postgresHowToGet, startPostgres, type TestPostgres } from '@chengxin/testkit/postgres'
import { ann, decodeShopEvent, shop, storeShopEvent } from '@chengxin/testkit/shop'
import { build } from 'esbuild'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requirePeer } from '../../../tests/peers/require-peer.ts'
import { type Projection, type ProjectionDatabase, type ProjectionOptions, ReadModelUnavailable } from './face.ts'
import { openProjection } from './open-projection.ts'
import type { PgliteRequest } from './pglite-messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'chengxin-recovery-'))
let postgres: TestPostgres
const hasPostgres = requirePeer('PostgreSQL', () => findPostgres() !== undefined, postgresHowToGet)
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
}, 60_000)
afterAll(async () => {
  if (hasPostgres) await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

let groups = 0
function filledLedger(): MemoryLedger {
  const ledger = createMemoryLedger({ genesis: memoryGenesis({ name: `Recovery ${++groups}` }) })
  sell(ledger, 3)
  return ledger
}

function sell(ledger: MemoryLedger, blocks: number): void {
  for (let count = 0; count < blocks; count++) {
    const events = [storeShopEvent({ type: 'moved', account: 'acct_1', amount: 1n })]
    ledger.append([{ signer: ann, types: ['shop.move'], events }])
  }
}

async function open(ledger: MemoryLedger, database: ProjectionDatabase, change: Partial<ProjectionOptions> = {}) {
  const notices: string[] = []
  const notice = (_level: string, sentence: string) => notices.push(sentence)
  const options = { source: ledger, presentations: [shop], decodeEvent: decodeShopEvent, database, notice, ...change }
  return { projection: await openProjection(options), notices }
}

async function countMoves({ sql }: Projection): Promise<unknown> {
  return (await sql.query('SELECT count(*) AS moves FROM shop_moves'))[0]?.['moves']
}

describe('PGlite', { timeout: 60_000 }, () => {
  const newDatabase = () =>
    ({ kind: 'pglite', directory: join(folder, `read-model-${++groups}`), run: 'inline' }) as const

  test('a directory that does not open is moved aside and built anew', async () => {
    const ledger = filledLedger()
    const database = newDatabase()
    const first = await open(ledger, database)
    await first.projection.reached(3)
    await first.projection.close()
    // The cluster's control file: without it no PostgreSQL starts.
    writeFileSync(join(database.directory, 'global', 'pg_control'), 'torn')

    const second = await open(ledger, database)
    await second.projection.reached(3)
    expect(await countMoves(second.projection)).toBe(3n)
    expect(second.notices[0]).toMatch(/cannot be trusted and is rebuilt/)
    expect(existsSync(`${database.directory}.broken`)).toBe(true)
    await second.projection.close()
  })

  test('files left open when the system went down are not trusted, a killed program leaves good ones', async () => {
    const ledger = filledLedger()
    const database = newDatabase()
    const first = await open(ledger, database)
    await first.projection.reached(3)
    await first.projection.close()
    expect(existsSync(`${database.directory}.open`)).toBe(false)
    writeFileSync(`${database.directory}.open`, 'another boot')
    const second = await open(ledger, database)
    await second.projection.reached(3)
    expect(second.notices[0]).toMatch(/built from block zero/)
    expect(existsSync(`${database.directory}.broken`)).toBe(true)
    await second.projection.close()
  })

  test('a cluster that was left half made is made again', async () => {
    const ledger = filledLedger()
    const { directory } = newDatabase()
    mkdirSync(join(`${directory}.new`, 'base'), { recursive: true })
    const { projection } = await open(ledger, {
      kind: 'pglite',
      directory,
      run: 'worker',
      workerUrl: await bundledWorker(),
    })
    await projection.reached(3)
    expect(await countMoves(projection)).toBe(3n)
    expect(existsSync(`${directory}.new`)).toBe(false)
    await projection.close()
  })

  test('a thread ended in the middle of a transaction leaves the cursor and its rows as they were', async () => {
    const workerUrl = await bundledWorker()
    const ledger = filledLedger()
    const { directory } = newDatabase()
    const database: ProjectionDatabase = { kind: 'pglite', directory, run: 'worker', workerUrl }
    const first = await open(ledger, database)
    await first.projection.reached(3)
    expect(await countMoves(first.projection)).toBe(3n)
    await expect(first.projection.sql.query('SELECT nonsense')).rejects.toThrow('nonsense')
    await first.projection.close()

    const schema = 'g_never'
    const worker = new Worker(workerUrl, { workerData: { directory, schema } })
    await new Promise((resolve) => worker.once('message', resolve))
    const steps = Array.from(
      { length: 2000 },
      () => ({ kind: 'run', text: 'SELECT count(*) FROM pg_class', parameters: [] }) as const,
    )
    const request: PgliteRequest = { number: 1, ask: 'transact', steps }
    worker.postMessage(request)
    await worker.terminate()

    sell(ledger, 2)
    const second = await open(ledger, database)
    await second.projection.reached(5)
    expect(await countMoves(second.projection)).toBe(5n)
    expect(second.notices).toEqual([])
    await second.projection.close()
  })
})

describe.skipIf(!hasPostgres)('PostgreSQL', { timeout: 60_000 }, () => {
  const database = (): ProjectionDatabase => ({ kind: 'postgresql', url: postgres.url })

  test('a server that restarts is waited for', async () => {
    const ledger = filledLedger()
    const { projection } = await open(ledger, database())
    await projection.reached(3)
    await postgres.restart()
    sell(ledger, 2)
    await projection.reached(5)
    expect(await countMoves(projection)).toBe(5n)
    expect(projection.status().state).toBe('current')
    await projection.close()
  })

  test('a server that is not there is said to be so, and the ledger never waits', async () => {
    const ledger = filledLedger()
    const away: ProjectionDatabase = { kind: 'postgresql', url: 'postgresql://nobody@127.0.0.1:1/none' }
    const { projection } = await open(ledger, away)
    await expect.poll(() => projection.status().state).toBe('failed')
    await expect(projection.sql.query('SELECT 1')).rejects.toThrow(ReadModelUnavailable)
    await projection.close()
  })

  test('tables dropped by somebody are built anew, unasked', async () => {
    const ledger = filledLedger()
    const { projection, notices } = await open(ledger, { kind: 'postgresql', url: postgres.url, schema: 'g_dropped' })
    await projection.reached(3)
    const operator = new pg.Client({ connectionString: postgres.url })
    await operator.connect()
    await operator.query('DROP TABLE g_dropped.shop_moves')
    sell(ledger, 1)
    await projection.reached(4)
    expect(await countMoves(projection)).toBe(4n)
    expect(notices.join()).toMatch(/cannot be trusted and is rebuilt/)
    await operator.end()
    await projection.close()
  })

  test('a cursor that somebody moved undoes the batch', async () => {
    const ledger = filledLedger()
    const { projection } = await open(ledger, { kind: 'postgresql', url: postgres.url, schema: 'g_moved' })
    await projection.reached(3)
    const operator = new pg.Client({ connectionString: postgres.url })
    await operator.connect()
    await operator.query('UPDATE g_moved.projection_cursor SET height = 2')
    sell(ledger, 1)
    await projection.reached(4)
    expect(await countMoves(projection)).toBe(4n)
    await operator.end()
    await projection.close()
  })

  test('groups share a database, each in its own schema; two programs never fold into one', async () => {
    const one = filledLedger()
    const other = filledLedger()
    sell(other, 1)
    const first = await open(one, database())
    const second = await open(other, database())
    await Promise.all([first.projection.reached(3), second.projection.reached(4)])
    expect([await countMoves(first.projection), await countMoves(second.projection)]).toEqual([3n, 4n])

    const rival = await open(one, database())
    await expect.poll(() => rival.projection.status().detail).toMatch(/Another program is folding/)
    await first.projection.close()
    await rival.projection.reached(3)
    expect(await countMoves(rival.projection)).toBe(3n)
    await Promise.all([rival.projection.close(), second.projection.close()])
  })

  test('queries cannot write', async () => {
    const ledger = filledLedger()
    const { projection } = await open(ledger, database())
    await projection.reached(3)
    await expect(projection.sql.query('DELETE FROM shop_moves')).rejects.toThrow(/read-only/)
    await projection.close()
  })
})

/** Threads run JavaScript: the entry as the build makes it. It lies inside the package so that its imports resolve. */
async function bundledWorker(): Promise<URL> {
  const entry = fileURLToPath(new URL('./pglite-worker.ts', import.meta.url))
  const outdir = fileURLToPath(new URL('../dist/test', import.meta.url))
  await build({
    entryPoints: [entry],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@electric-sql/pglite'],
    logLevel: 'silent',
  })
  expect(readdirSync(outdir)).toContain('pglite-worker.js')
  return new URL('../dist/test/pglite-worker.js', import.meta.url)
}
