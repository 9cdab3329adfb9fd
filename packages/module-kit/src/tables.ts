/**
 * A domain's state: tables of rows under text keys. Rows are values (never changed in place); the only writer is the
 * domain's `apply`. A row's stored form is the canonical JSON of its value under `<domain>/<table>/<key>`.
 */
import type { Infer, Schema } from './schema.ts'

export interface TableDefinition<Row = unknown> {
  readonly row: Schema<Row>
  /** What the key is made of and what the row means, for docs/DATA.md. */
  readonly about: string
}

export type Tables = { readonly [name: string]: TableDefinition }

export function defineTable<S extends Schema<unknown>>(about: string, row: S): TableDefinition<Infer<S>> {
  return { about, row: row as Schema<Infer<S>> }
}

export type RowOf<T> = T extends TableDefinition<infer Row> ? Row : never

export interface TableRead<Row> {
  get(key: string): Row | undefined
  has(key: string): boolean
}

export interface TableWrite<Row> extends TableRead<Row> {
  put(key: string, row: Row): void
  /** Replaces a row by what `change` makes of it. Throws when there is none: an event about nothing is our bug. */
  change(key: string, change: (row: Row) => Row): void
  remove(key: string): void
}

export type Read<T extends Tables> = { readonly [N in keyof T]: TableRead<RowOf<T[N]>> }
export type Write<T extends Tables> = { readonly [N in keyof T]: TableWrite<RowOf<T[N]>> }

/** A key of several parts. Parts never contain `/`: ids, DIDs, hashes and words do not. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('/')
}
