import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize } from '@chengxin/kernel'
import type { Row } from '@chengxin/module-kit'
import {
  createMemoryLedger,
  type GivenTransaction,
  type MemoryLedger,
  memoryGenesis,
} from '@chengxin/testkit/memory-ledger'
import { findPostgres, postgresHowToGet, startPostgres, type TestPostgres } from '@chengxin/testkit/postgres'
import {
  ann,
  createModel,
  decodeShopEvent,
  type ShopEvent,
  shop,
  shopTables,
  storeShopEvent,
} from '@chengxin/testkit/shop'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requirePeer } from '../../../tests/peers/require-peer.ts'
import type { Projection, ProjectionDatabase, ProjectionOptions } from './face.ts'
import { openProjection } from './open-projection.ts'
import { openPgliteEngine } from './pglite-engine.ts'

const account = fc.constantFrom('acct_1', 'acct_2', 'acct_3', 'a "quoted\\" one')
/** What the text formats of COPY and of arrays escape, and what PostgreSQL has no text for. */
const text = fc.oneof(
  fc.constantFrom('', 'NULL', '\\N', 'a\tb\nc\rd', '{"x",\\y}', '信', 'nul \0 inside', "o'clock", '\\.'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const amount = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n })

const shopEvent: fc.Arbitrary<ShopEvent> = fc.oneof(
  fc.record({ type: fc.constant('opened' as const), account, owner: text, about: text }),
  fc.record({ type: fc.constant('moved' as const), account, amount }),
  fc.record({ type: fc.constant('corrected' as const), account, balance: amount, open: fc.boolean() }),
  fc.record({ type: fc.constant('closed' as const), account }),
  fc.record({ type: fc.constant('tagged' as const), account, tag: text }),
  fc.record({ type: fc.constant('untagged' as const), account, tag: text }),
)

const shopTransaction: fc.Arbitrary<GivenTransaction> = fc
  .array(shopEvent, { maxLength: 5 })
  .map((events) => ({ signer: ann, types: ['shop.trade'], events: events.map(storeShopEvent) }))

const shopBlocks = fc.array(fc.array(shopTransaction, { minLength: 1, maxLength: 4 }), { maxLength: 12 })

let groups = 0
function newLedger(): MemoryLedger {
  return createMemoryLedger({ genesis: memoryGenesis({ name: `Group ${++groups}` }) })
}

function open(
  ledger: MemoryLedger,
  database: ProjectionDatabase,
  change: Partial<ProjectionOptions> = {},
): Promise<Projection> {
  return openProjection({ source: ledger, presentations: [shop], decodeEvent: decodeShopEvent, database, ...change })
}

function expectedRows(ledger: MemoryLedger): Map<string, Row[]> {
  const model = createModel(shopTables)
  for (let height = 0; height <= ledger.headHeight(); height++) {
    const { timeMs, transactions } = ledger.block(height) ?? { timeMs: 0, transactions: [] }
    for (const { events, leafIndex } of transactions) {
      events.forEach((stored, eventIndex) => {
        const meta = { height, timeMs, position: 0, eventIndex, leafIndex, transactionId: undefined, signer: undefined }
        shop.views.fold(decodeShopEvent(stored).event, meta as never, model)
      })
    }
  }
  return new Map(shopTables.map(({ name }) => [name, sorted(model.rowsOf(name))]))
}

async function actualRows({ sql }: Projection): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>()
  for (const { name } of shopTables) rows.set(name, sorted([...(await sql.query(`SELECT * FROM ${name}`))]))
  return rows
}

function sorted(rows: Row[]): Row[] {
  const text = (row: Row) => canonicalize(row)
  const normal = rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, value])))
  for (const row of normal)
    for (const name of ['leaf_index']) if (typeof row[name] === 'number') row[name] = BigInt(row[name])
  return normal.sort((a, b) => (text(a) < text(b) ? -1 : 1))
}

const opened = (account: string) => storeShopEvent({ type: 'opened', account, owner: 'ann', about: 'x' })
const moved = (account: string, amount: bigint) => storeShopEvent({ type: 'moved', account, amount })

function fill(ledger: MemoryLedger): void {
  ledger.append([{ signer: ann, types: ['shop.open'], events: [opened('acct_1'), opened('acct_2')] }])
  ledger.append([{ signer: ann, types: ['shop.move'], events: [moved('acct_1', 5n)] }])
}

interface Place {
  readonly runs: number
  /** A database of its own for a group; opening it again finds what was there. */
  make(): ProjectionDatabase
}

const folder = mkdtempSync(join(tmpdir(), 'chengxin-projection-'))
const template = join(folder, 'template')
let copies = 0
/** Making a cluster takes seconds, copying one does not. */
function newCluster(): string {
  const directory = join(folder, `read-model-${++copies}`)
  cpSync(template, directory, { recursive: true })
  return directory
}
beforeAll(async () => {
  const engine = await openPgliteEngine(template, 'g_template')
  await engine.close()
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

let postgres: TestPostgres | undefined
const hasPostgres = requirePeer('PostgreSQL', () => findPostgres() !== undefined, postgresHowToGet)
beforeAll(async () => {
  if (hasPostgres) postgres = await startPostgres()
}, 60_000)
afterAll(() => postgres?.stop())

const onServer = (): ProjectionDatabase => ({ kind: 'postgresql', url: postgres?.url ?? '' })

const places: [string, Place, boolean][] = [
  ['PGlite', { runs: 4, make: () => ({ kind: 'pglite', directory: newCluster(), run: 'inline' }) }, true],
  ['PostgreSQL', { runs: 25, make: onServer }, hasPostgres],
]

test('a block without transactions adds less than two kilobytes to the write-ahead log of PGlite', {
  timeout: 120_000,
}, async () => {
  const ledger = newLedger()
  fill(ledger)
  const projection = await open(ledger, { kind: 'pglite', directory: newCluster(), run: 'inline' })
  const written = async () => {
    await projection.reached(ledger.headHeight())
    const [row] = await projection.sql.query(`SELECT (pg_current_wal_insert_lsn() - '0/0')::int8 AS bytes`)
    return Number(row?.['bytes'])
  }
  const before = await written()
  const blocks = 32
  for (let block = 0; block < blocks; block++) {
    ledger.append([])
    await projection.reached(ledger.headHeight())
  }
  const each = ((await written()) - before) / blocks
  await projection.close()
  // Something is written, or nothing was counted.
  expect(each).toBeGreaterThan(50)
  expect(each).toBeLessThan(2_048)
})

for (const [name, place, present] of places) {
  describe.skipIf(!present)(`the read model on ${name}`, { timeout: 120_000 }, () => {
    test('batches of any size with restarts anywhere come to the rows of operations done one by one', async () => {
      const segments = fc.array(fc.record({ blocks: shopBlocks, batchEvents: fc.integer({ min: 1, max: 40 }) }), {
        minLength: 1,
        maxLength: 5,
      })
      await fc.assert(
        fc.asyncProperty(segments, async (parts) => {
          const ledger = newLedger()
          const database = place.make()
          for (const { blocks, batchEvents } of parts) {
            for (const block of blocks) ledger.append(block)
            const projection = await open(ledger, database, { batchEvents })
            await projection.reached(ledger.headHeight())
            expect(await actualRows(projection)).toEqual(expectedRows(ledger))
            await projection.close()
          }
        }),
        { numRuns: place.runs },
      )
    })

    test('values come back as the columns say, sums as bigint', async () => {
      const ledger = newLedger()
      fill(ledger)
      const projection = await open(ledger, place.make())
      await projection.reached(2)
      const rows = await projection.sql.query('SELECT * FROM shop_accounts WHERE account = $1 AND open = $2', [
        'acct_1',
        true,
      ])
      expect(rows).toEqual([
        { account: 'acct_1', owner: 'ann', balance: 5n, moves: 1, open: true, about: '{"about":"x"}' },
      ])
      const sums = await projection.sql.query(
        'SELECT count(*) AS n, sum(balance) AS total FROM shop_accounts WHERE balance >= $1',
        [0n],
      )
      expect(sums).toEqual([{ n: 2n, total: 5n }])
      const listed = await projection.sql.query(
        'SELECT height, code, signer, type, types FROM ledger_transactions ORDER BY leaf_index DESC LIMIT 1',
      )
      expect(listed).toEqual([{ height: 2n, code: 'ok', signer: ann, type: 'shop.move', types: '["shop.move"]' }])
      await projection.close()
    })

    test('follows live, and says how far it is', async () => {
      const ledger = newLedger()
      const projection = await open(ledger, place.make(), { now: () => ledger.head().timeMs + 40 })
      await projection.reached(0)
      fill(ledger)
      await projection.reached(ledger.headHeight())
      expect(projection.status()).toEqual({
        height: 2,
        lagBlocks: 0,
        lagMs: 0,
        state: 'current',
        engine: name.toLowerCase(),
      })
      await projection.close()
      await expect(projection.reached(99)).rejects.toThrow('closed')
    })

    test('blocks are gathered while much comes, until somebody waits for one', async () => {
      const ledger = newLedger()
      const read = { blocks: -1 }
      const source = {
        groupId: ledger.groupId,
        headHeight: () => ledger.headHeight(),
        agreedHash: (height: number) => ledger.agreedHash(height),
        async *blocks(from: number, signal: AbortSignal) {
          for await (const block of ledger.blocks(from, signal)) {
            yield block
            // Asked for the next: this one is at hand.
            read.blocks = block.height
          }
        },
      }
      const anHour = 3_600_000
      const projection = await open(ledger, place.make(), { source, gatherMs: anHour })
      const accounts = Array.from({ length: 300 }, (_, index) => opened(`acct_${index}`))
      ledger.append([{ signer: ann, types: ['shop.open'], events: accounts }])
      await projection.reached(1)
      for (let block = 0; block < 3; block++) {
        ledger.append([{ signer: ann, types: ['shop.move'], events: [moved('acct_1', 5n)] }])
      }
      await expect.poll(() => read.blocks, { timeout: 60_000 }).toBe(4)
      expect(projection.status()).toMatchObject({ height: 1, lagBlocks: 3 })
      await projection.reached(4)
      // PostgreSQL marks each row with the SQL transaction that wrote it.
      const written = await projection.sql.query(
        'SELECT count(*) AS blocks, count(DISTINCT xmin::text) AS times FROM ledger_blocks WHERE height > 1',
      )
      expect(written).toEqual([{ blocks: 3n, times: 1n }])
      // Little was in those: what comes next is not held back.
      ledger.append([{ signer: ann, types: ['shop.move'], events: [moved('acct_1', 5n)] }])
      await expect.poll(() => projection.status().height, { timeout: 60_000 }).toBe(5)
      await projection.close()
    })

    test('gathering ends by itself, and with the read model', async () => {
      const ledger = newLedger()
      const accounts = Array.from({ length: 300 }, (_, index) => opened(`acct_${index}`))
      const large = () => ledger.append([{ signer: ann, types: ['shop.open'], events: accounts }])
      const database = place.make()
      const patient = await open(ledger, database, { gatherMs: 3_600_000 })
      large()
      await patient.reached(1)
      ledger.append([{ signer: ann, types: ['shop.move'], events: [moved('acct_1', 5n)] }])
      await patient.close()
      const brief = await open(ledger, database, { gatherMs: 100 })
      large()
      await brief.reached(3)
      ledger.append([{ signer: ann, types: ['shop.move'], events: [moved('acct_1', 5n)] }])
      await expect.poll(() => brief.status().height, { timeout: 60_000 }).toBe(4)
      await brief.close()
    })

    test('closes and rebuilds at any moment, even while it opens', async () => {
      const ledger = newLedger()
      fill(ledger)
      const database = place.make()
      const opening = await open(ledger, database)
      await opening.close()
      const again = await open(ledger, database)
      await again.rebuild()
      expect(await actualRows(again)).toEqual(expectedRows(ledger))
      const rebuilt = again.rebuild()
      const closed = again.close()
      await expect(rebuilt).rejects.toThrow('closed')
      await closed
    })

    test('views of another shape are built anew', async () => {
      const ledger = newLedger()
      fill(ledger)
      const database = place.make()
      const first = await open(ledger, database)
      await first.reached(2)
      await first.close()
      const tables = shopTables.map((table) => ({ ...table, columns: { ...table.columns, extra: 'text' as const } }))
      const second = await open(ledger, database, { presentations: [{ ...shop, views: { ...shop.views, tables } }] })
      await second.reached(2)
      expect(await second.sql.query("SELECT extra FROM shop_accounts WHERE account = 'acct_1'")).toEqual([
        { extra: null },
      ])
      await second.close()
    })

    test('a read model of another history is found out and built anew', async () => {
      const ledger = newLedger()
      fill(ledger)
      const database = place.make()
      const first = await open(ledger, database)
      await first.reached(2)
      await first.close()
      const other = createMemoryLedger({ genesis: ledger.genesis })
      other.append([{ signer: ann, types: ['shop.open'], events: [opened('acct_3')] }])
      other.append([{ signer: ann, types: ['shop.open'], events: [] }])
      other.append([{ signer: ann, types: ['shop.open'], events: [] }])
      const second = await open(other, database)
      await second.reached(3)
      expect(await second.sql.query('SELECT account FROM shop_accounts')).toEqual([{ account: 'acct_3' }])
      await second.close()
    })

    test('rebuild folds again from block zero', async () => {
      const ledger = newLedger()
      fill(ledger)
      const projection = await open(ledger, place.make())
      await projection.reached(2)
      await projection.rebuild()
      expect(await actualRows(projection)).toEqual(expectedRows(ledger))
      expect(projection.status().state).toBe('current')
      await projection.close()
    })

    test('a view that throws stops the read model, which says so and keeps what it had', async () => {
      const ledger = newLedger()
      fill(ledger)
      const notices: string[] = []
      const projection = await open(ledger, place.make(), {
        notice: (level, sentence) => notices.push(`${level} ${sentence}`),
        decodeEvent: (stored) => {
          if (stored['account'] === 'acct_3') throw new Error('No domain knows this event.')
          return decodeShopEvent(stored)
        },
      })
      await projection.reached(2)
      ledger.append([{ signer: ann, types: ['shop.open'], events: [opened('acct_3')] }])
      await expect.poll(() => projection.status().state).toBe('failed')
      expect(projection.status()).toMatchObject({ height: 2, lagBlocks: 1, detail: 'No domain knows this event.' })
      expect(notices.at(-1)).toBe('error The read model waits and tries again. No domain knows this event.')
      await projection.close()
    })
  })
}
