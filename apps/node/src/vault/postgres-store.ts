/** A vault's rows in PostgreSQL, in a schema of their own. Every change is one statement, and so whole. */
import { type NewRow, type RowPage, type SealedRow, VaultFull, type VaultStore } from '@chengxin/services'
import pg from 'pg'

/** What this store needs of a database. */
export interface SqlDatabase {
  query(text: string, parameters?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>
  close(): Promise<void>
}

const tables = `
  CREATE SCHEMA IF NOT EXISTS chengxin_vault;
  CREATE SEQUENCE IF NOT EXISTS chengxin_vault.places;
  CREATE TABLE IF NOT EXISTS chengxin_vault.rows (
    collection text NOT NULL,
    id text NOT NULL,
    place bigint NOT NULL DEFAULT nextval('chengxin_vault.places'),
    version integer NOT NULL,
    marks text[] NOT NULL,
    key bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (collection, id)
  );
  CREATE INDEX IF NOT EXISTS rows_by_place ON chengxin_vault.rows (collection, place);
  CREATE INDEX IF NOT EXISTS rows_by_mark ON chengxin_vault.rows USING gin (marks);
  CREATE TABLE IF NOT EXISTS chengxin_vault.header (one boolean PRIMARY KEY DEFAULT true CHECK (one), text text NOT NULL);
`
const columns = 'collection, id, place::float8 AS place, version, marks, key, body'

interface TableRow {
  readonly collection: string
  readonly id: string
  readonly place: number
  readonly version: number
  readonly marks: readonly string[]
  readonly key: Uint8Array
  readonly body: Uint8Array
}

export async function openPostgresStore(database: SqlDatabase): Promise<VaultStore> {
  for (const statement of tables.split(';').filter((text) => text.trim() !== '')) await database.query(statement)
  return new PostgresStore(database)
}

/** The database of an address, through a pool of connections. */
export function postgresDatabase(url: string): SqlDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 10_000 })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  return {
    query: (text, parameters) => pool.query(text, parameters as unknown[]),
    close: () => pool.end(),
  }
}

class PostgresStore implements VaultStore {
  readonly #database: SqlDatabase

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  async insert({ collection, id, version, marks, key, body }: NewRow, order?: number): Promise<boolean> {
    const place = order === undefined ? `nextval('chengxin_vault.places')` : '$7::bigint'
    const changed = await this.#changed(
      `INSERT INTO chengxin_vault.rows (collection, id, version, marks, key, body, place)
       VALUES ($1, $2, $3, $4, $5, $6, ${place}) ON CONFLICT DO NOTHING RETURNING id`,
      [collection, id, version, marks, key, body, ...(order === undefined ? [] : [order])],
    )
    // What is inserted after a restore stands behind all that was restored.
    if (order !== undefined) {
      await this.#database.query(
        `SELECT setval('chengxin_vault.places', greatest($1::bigint, (SELECT last_value FROM chengxin_vault.places)))`,
        [order],
      )
    }
    return changed
  }

  async get(collection: string, id: string): Promise<SealedRow | undefined> {
    const found = await this.#rows(`SELECT ${columns} FROM chengxin_vault.rows WHERE collection = $1 AND id = $2`, [
      collection,
      id,
    ])
    return found[0]
  }

  replace({ collection, id, version, marks, key, body }: NewRow): Promise<boolean> {
    return this.#changed(
      `UPDATE chengxin_vault.rows SET version = $3, marks = $4, key = $5, body = $6
       WHERE collection = $1 AND id = $2 AND version = $3 - 1 RETURNING id`,
      [collection, id, version, marks, key, body],
    )
  }

  rewrap(collection: string, id: string, key: Uint8Array): Promise<boolean> {
    return this.#changed('UPDATE chengxin_vault.rows SET key = $3 WHERE collection = $1 AND id = $2 RETURNING id', [
      ...[collection, id],
      key,
    ])
  }

  remove(collection: string, id: string): Promise<boolean> {
    const text = 'DELETE FROM chengxin_vault.rows WHERE collection = $1 AND id = $2 RETURNING id'
    return this.#changed(text, [collection, id])
  }

  page(collection: string, mark: string | undefined, page: RowPage): Promise<readonly SealedRow[]> {
    const { after, limit, newestFirst } = page
    const parameters: unknown[] = [collection, limit]
    const conditions = ['collection = $1']
    if (mark !== undefined) conditions.push(`marks @> ARRAY[$${parameters.push(mark)}]`)
    if (after !== undefined) conditions.push(`place ${newestFirst ? '<' : '>'} $${parameters.push(after)}`)
    return this.#rows(
      `SELECT ${columns} FROM chengxin_vault.rows WHERE ${conditions.join(' AND ')}
       ORDER BY place ${newestFirst ? 'DESC' : 'ASC'} LIMIT $2`,
      parameters,
    )
  }

  async count(collection: string, mark: string | undefined): Promise<number> {
    const { rows } = await this.#database.query(
      `SELECT count(*)::float8 AS count FROM chengxin_vault.rows
       WHERE collection = $1 ${mark === undefined ? '' : 'AND marks @> ARRAY[$2]'}`,
      mark === undefined ? [collection] : [collection, mark],
    )
    return (rows[0] as { readonly count: number }).count
  }

  async *rows(): AsyncGenerator<SealedRow> {
    let last: readonly [string, string] = ['', '']
    for (;;) {
      const page = await this.#rows(
        `SELECT ${columns} FROM chengxin_vault.rows WHERE (collection, id) > ($1, $2)
         ORDER BY collection, id LIMIT 500`,
        last,
      )
      yield* page
      const end = page.at(-1)
      if (end === undefined) return
      last = [end.collection, end.id]
    }
  }

  async readHeader(): Promise<string | undefined> {
    const { rows } = await this.#database.query('SELECT text FROM chengxin_vault.header')
    return (rows[0] as { readonly text: string } | undefined)?.text
  }

  async writeHeader(text: string): Promise<void> {
    await this.#changed(
      `INSERT INTO chengxin_vault.header (text) VALUES ($1)
       ON CONFLICT (one) DO UPDATE SET text = excluded.text RETURNING one`,
      [text],
    )
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  async #rows(text: string, parameters: readonly unknown[]): Promise<readonly SealedRow[]> {
    const { rows } = await this.#database.query(text, parameters)
    return (rows as readonly TableRow[]).map(({ place, key, body, ...row }) => ({
      ...row,
      order: place,
      key: new Uint8Array(key),
      body: new Uint8Array(body),
    }))
  }

  async #changed(text: string, parameters: readonly unknown[]): Promise<boolean> {
    try {
      return (await this.#database.query(text, parameters)).rows.length > 0
    } catch (error) {
      // Class 53, insufficient resources: the disk of the database is full.
      if ((error as { code?: unknown }).code !== '53100') throw error
      throw new VaultFull('The database of the vault is full; what was written before is safe.', { cause: error })
    }
  }
}
