/** What the read model needs of a database: a few bulk statements in one SQL transaction, and single reads. */
import type { SqlValue } from '@chengxin/module-kit'

export type SqlRow = { readonly [column: string]: SqlValue }

/** Part of one SQL transaction. */
export type Step =
  | {
      readonly kind: 'run'
      readonly text: string
      /** In the database's own text form, arrays as array literals. */
      readonly parameters: readonly (string | null)[]
      /** How many rows it must touch; another number undoes the transaction. */
      readonly expectRows?: number
    }
  /** Rows in COPY's text format for a table none of them stands in yet; `target` is the table with its columns. */
  | { readonly kind: 'append'; readonly target: string; readonly data: Uint8Array<ArrayBuffer> }

export interface Engine {
  readonly kind: 'pglite' | 'postgresql'
  query(text: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /** All steps, or none of them. */
  transact(steps: readonly Step[]): Promise<void>
  close(): Promise<void>
}

/**
 * What to do about a failure:
 * `taken`: an appended row stands there already, so upsert it · `missing`: what we made is gone or was moved by
 * somebody else, so make it anew · `corrupted`: the files cannot be trusted · `unavailable`: try again later, nothing is
 * wrong with what is stored · `refused`: our statement is wrong.
 */
export type EngineFault = 'taken' | 'missing' | 'corrupted' | 'unavailable' | 'refused'

export class EngineError extends Error {
  readonly fault: EngineFault
  /** The table that a `taken` row stands in. */
  readonly table: string | undefined
  constructor(fault: EngineFault, message: string, table?: string) {
    super(message)
    this.fault = fault
    this.table = table
  }
}

/** Reads PostgreSQL's SQLSTATE classes (its manual, appendix A). */
export function faultOf(sqlState: string): EngineFault {
  if (sqlState === '23505') return 'taken'
  // An undefined table, column or schema: somebody dropped or changed what we made.
  if (['42P01', '42703', '3F000'].includes(sqlState)) return 'missing'
  // XX: what is stored contradicts itself. 58P01: a file is missing.
  if (sqlState.startsWith('XX') || sqlState === '58P01') return 'corrupted'
  if (['08', '53', '55', '57', '58', '40', '25'].includes(sqlState.slice(0, 2))) return 'unavailable'
  return 'refused'
}

/** The error of a database driver as ours; undefined where it carries no SQLSTATE. */
export function fromSqlError(error: unknown): EngineError | undefined {
  const { code, message = 'PostgreSQL failed.', table } = error as { code?: unknown; message?: string; table?: string }
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined
  // Class 22 quotes the value it stumbled over, and values belong to nobody's log.
  const shown = code.startsWith('22') ? message.replaceAll(/"[^"]*"/g, '"…"') : message
  return new EngineError(faultOf(code), `${shown} (SQLSTATE ${code})`, table)
}

/** Type parsers by PostgreSQL's type OID, so that both engines give the same values back. */
export const valueParsers: { readonly [oid: number]: (text: string) => SqlValue } = {
  16: (text) => text === 't' || text === 'true',
  20: (text) => BigInt(text),
  21: Number,
  23: Number,
  114: (text) => text,
  700: Number,
  701: Number,
  // sum() of bigint is numeric: whole numbers are what we count in.
  1700: (text) => (/^-?[0-9]+$/.test(text) ? BigInt(text) : text),
  3802: (text) => text,
}

export function parserOf(oid: number): (text: string) => SqlValue {
  return valueParsers[oid] ?? ((text) => text)
}

export function parameterText(value: SqlValue): string | null {
  return value === null ? null : String(value)
}
