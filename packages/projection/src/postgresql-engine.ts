/** The read model in PostgreSQL: one connection that folds, and a pool that reads and cannot write. */
import pg from 'pg'
import { type Engine, EngineError, fromSqlError, parameterText, parserOf, type SqlRow, type Step } from './engine.ts'

const types: pg.CustomTypesConfig = { getTypeParser: (oid: number) => parserOf(oid) }
const readers = 8
const statementTimeoutMs = 15_000

export async function openPostgresqlEngine(url: string, schema: string): Promise<Engine> {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    max: readers,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    options: `-c search_path=${schema} -c default_transaction_read_only=on -c statement_timeout=${statementTimeoutMs}`,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  const writer = new pg.Client({ connectionString: url, types, connectionTimeoutMillis: 10_000 })
  let lost: EngineError | undefined
  writer.on('error', (error) => {
    lost = new EngineError('unavailable', `The connection to PostgreSQL broke: ${error.message}`)
  })
  try {
    await guard(() => prepareWriter(writer, schema))
  } catch (error) {
    void writer.end().catch(() => {})
    void pool.end()
    throw error
  }
  return {
    kind: 'postgresql',
    query: (text, parameters) =>
      guard(async () => (await pool.query<SqlRow>(text, parameters.map(parameterText))).rows),
    transact: async (steps) => {
      if (lost !== undefined) throw lost
      await guard(() => transact(writer, steps))
    },
    close: async () => {
      await Promise.all([writer.end().catch(() => {}), pool.end()])
    },
  }
}

async function prepareWriter(writer: pg.Client, schema: string): Promise<void> {
  await writer.connect()
  // What is lost in a crash of the database is folded again: the cursor is lost with it.
  await writer.query(`SET synchronous_commit TO off; SET search_path TO ${schema}`)
  const { rows } = await writer.query<{ held: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
    [`chengxin ${schema}`],
  )
  if (rows[0]?.held !== true) {
    throw new EngineError('unavailable', `Another program is folding into the schema ${schema} of this database.`)
  }
  await writer.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
}

async function transact(writer: pg.Client, steps: readonly Step[]): Promise<void> {
  await writer.query('BEGIN')
  try {
    for (const step of steps) await run(writer, step)
    await writer.query('COMMIT')
  } catch (error) {
    await writer.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function run(writer: pg.Client, step: Step): Promise<void> {
  if (step.kind === 'append') {
    const copy = new CopyIn(`COPY ${step.target} FROM STDIN`, step.data)
    writer.query(copy as unknown as pg.Submittable)
    return copy.done
  }
  const { rowCount } = await writer.query(step.text, [...step.parameters])
  if (step.expectRows !== undefined && rowCount !== step.expectRows) {
    throw new EngineError('missing', 'Somebody else has moved the read model.')
  }
}

interface CopyConnection {
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
}

/** COPY … FROM STDIN as pg's client takes a query: the handlers are those that its connection calls, by their names. */
class CopyIn {
  readonly done: Promise<void>
  readonly #text: string
  readonly #data: Uint8Array
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(text: string, data: Uint8Array) {
    this.#text = text
    this.#data = data
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(connection: CopyConnection): void {
    connection.query(this.#text)
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data)
    connection.endCopyFrom()
  }

  handleError(error: unknown): void {
    this.#reject(error)
  }

  handleReadyForQuery(): void {
    this.#resolve()
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}

async function guard<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof EngineError) throw error
    // Without a SQLSTATE it is the network that speaks (ECONNREFUSED, a broken connection).
    throw fromSqlError(error) ?? new EngineError('unavailable', error instanceof Error ? error.message : String(error))
  }
}
