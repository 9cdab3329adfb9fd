/** The read model's database without a server: PostgreSQL compiled to WebAssembly, over one directory. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { dirname } from 'node:path'
import type { SqlValue } from '@chengxin/module-kit'
import { PGlite } from '@electric-sql/pglite'
import {
  type Engine,
  EngineError,
  fromSqlError,
  parameterText,
  type SqlRow,
  type Step,
  valueParsers,
} from './engine.ts'

const parsers = { ...valueParsers }
/** Parameters arrive in the database's text form already; PGlite's own serializers want other types. */
const serializers = Object.fromEntries([...Object.keys(valueParsers), '25', '1043'].map((oid) => [oid, String]))

export async function openPgliteEngine(directory: string, schema: string): Promise<Engine> {
  const onDisk = !directory.startsWith('memory://')
  if (onDisk) {
    mkdirSync(dirname(directory), { recursive: true })
    setAsideAfterPowerLoss(directory)
  }
  const database = await openFiles(directory)
  if (onDisk) writeFileSync(openMark(directory), bootName())
  await database.exec(`CREATE SCHEMA IF NOT EXISTS ${schema}; SET search_path TO ${schema}`)

  return {
    kind: 'pglite',
    query: (text, parameters) => guard(() => read(database, text, parameters)),
    transact: (steps) => guard(() => transact(database, steps)),
    close: async () => {
      await database.close()
      if (onDisk) rmSync(openMark(directory), { force: true })
    },
  }
}

/** Moves a directory that does not open out of the way. One is kept for whoever wants to look; more would fill the disk. */
export function setAside(directory: string): void {
  if (directory.startsWith('memory://') || !existsSync(directory)) return
  rmSync(`${directory}.broken`, { recursive: true, force: true })
  renameSync(directory, `${directory}.broken`)
  rmSync(openMark(directory), { force: true })
}

/**
 * Pages stand in the system's cache already, so few are kept twice. Torn pages come of power cuts alone, after which the
 * files are not trusted anyway; without guarding against them the write-ahead log is half as long. Nor is each new part of
 * that log first filled with zeros, which would be for flushes that are not made here.
 */
const postgresqlconf = [
  ...['shared_buffers = 16MB', 'full_page_writes = off', 'wal_level = minimal', 'max_wal_senders = 0'],
  'wal_init_zero = off',
]

async function openFiles(directory: string): Promise<PGlite> {
  try {
    return await PGlite.create({ dataDir: directory, relaxedDurability: true, postgresqlconf })
  } catch (error) {
    throw new EngineError('corrupted', `The read model's files do not open: ${messageOf(error)}`)
  }
}

/**
 * PGlite does not flush to disk. A killed process leaves its writes with the system, so its write-ahead log mends the
 * files; after a power cut they can be any mixture. So a mark stands while they are open, naming the system's boot.
 */
function setAsideAfterPowerLoss(directory: string): void {
  const mark = openMark(directory)
  if (existsSync(mark) && readFileSync(mark, 'utf8') !== bootName()) setAside(directory)
}

function openMark(directory: string): string {
  return `${directory}.open`
}

function bootName(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // Elsewhere the minute of the boot names it; where the clock was set meanwhile, a rebuild too many does no harm.
    return `minute ${Math.round((Date.now() / 1000 - uptime()) / 60)}`
  }
}

async function read(database: PGlite, text: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
  const { rows } = await database.query<SqlRow>(text, parameters.map(parameterText), { parsers, serializers })
  return rows
}

async function transact(database: PGlite, steps: readonly Step[]): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const step of steps) {
      if (step.kind === 'append') {
        const blob = new Blob([step.data])
        await transaction.query(`COPY ${step.target} FROM '/dev/blob'`, [], { blob })
        continue
      }
      const { affectedRows } = await transaction.query(step.text, [...step.parameters])
      if (step.expectRows !== undefined && affectedRows !== step.expectRows) {
        throw new EngineError('missing', 'Somebody else has moved the read model.')
      }
    }
  })
}

async function guard<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw fromSqlError(error) ?? new EngineError(isAbort(error) ? 'corrupted' : 'refused', messageOf(error))
  }
}

/** WebAssembly that has aborted or trapped answers nothing any more; what is on disk is judged when it is opened anew. */
function isAbort(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === 'RuntimeError') ||
    /abort|unreachable|out of bounds|exit\(/i.test(messageOf(error))
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
