/**
 * What outsiders see of a domain: SQL rows folded from events, and routes that query them. Neither is agreed between
 * members: both can be changed and rebuilt at any time.
 */
import type { Did, TimeMs, TransactionId } from '@chengxin/kernel'
import type { AnyEvent } from './events.ts'
import type { JsonSchema, Schema } from './schema.ts'

/** `bigint` is decimal in JSON, `timestamp` is milliseconds as bigint, `json` is canonical text. */
export type ColumnType = 'text' | 'bigint' | 'integer' | 'boolean' | 'json'
export type SqlValue = string | number | bigint | boolean | null

export interface ViewTable {
  readonly name: string
  readonly columns: { readonly [column: string]: ColumnType }
  readonly key: readonly string[]
  readonly indexes?: readonly (readonly string[])[]
}

export type Row = { readonly [column: string]: SqlValue }

/**
 * What a fold may do. Operations never depend on what a row held before, so that a batch of blocks becomes a few bulk
 * statements: `put` writes a whole row, `set` some columns of one that exists, `add` increments counters of one that exists.
 */
export interface RowWriter {
  put(table: string, row: Row): void
  set(table: string, key: Row, columns: Row): void
  add(table: string, key: Row, columns: { readonly [column: string]: bigint }): void
  remove(table: string, key: Row): void
}

/** Where an event stands. Genesis events have height 0 and no transaction. */
export interface EventMeta {
  readonly height: number
  readonly timeMs: TimeMs
  /** Position of the transaction in its block, and of the event in its transaction. */
  readonly position: number
  readonly eventIndex: number
  readonly leafIndex: number
  readonly transactionId: TransactionId | undefined
  readonly signer: Did | undefined
}

export interface Views {
  readonly tables: readonly ViewTable[]
  /** Events of the own domain, decoded (amounts as bigint); types without the domain's name. */
  fold(event: AnyEvent, meta: EventMeta, rows: RowWriter): void
}

export interface Sql {
  /** Runs one statement with `$1…` parameters. Values of bigint columns come back as bigint. */
  query(text: string, parameters?: readonly SqlValue[]): Promise<readonly { readonly [column: string]: SqlValue }[]>
}

export interface RouteRequest {
  readonly params: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string | undefined }
  readonly sql: Sql
  /** Who asks, when the request carried a read token. */
  readonly reader: Did | undefined
}

export interface Route {
  /** Below `/v1/groups/{group}`, such as `/points/accounts/:accountId`. All routes are GET: writing is by transactions alone. */
  readonly path: string
  readonly summary: string
  readonly params?: { readonly [name: string]: Schema<unknown> }
  readonly query?: { readonly [name: string]: { readonly schema: JsonSchema; readonly about: string } }
  /** `policy`: as the group's read policy says. `open`: anyone, whatever the policy. */
  readonly access: 'open' | 'policy'
  readonly response: JsonSchema
  /** The answer as JSON (bigint allowed), or undefined for not found. */
  answer(request: RouteRequest): Promise<unknown>
}

export interface Presentation {
  readonly domain: string
  readonly views: Views
  readonly routes: readonly Route[]
}
