/**
 * The rows that some blocks come to. Operations on the same row fall together in memory, so that a batch holds one
 * operation for each row it touches and their order no longer matters; what remains becomes a few bulk statements.
 */
import type { Row, RowWriter, SqlValue, ViewTable } from '@chengxin/module-kit'

/** What a batch does to one row. */
export type RowChange =
  | { readonly kind: 'put'; readonly row: { [column: string]: SqlValue } }
  | {
      readonly kind: 'change'
      readonly key: Row
      readonly set: { [column: string]: SqlValue }
      readonly add: { [column: string]: bigint }
    }
  | { readonly kind: 'remove'; readonly key: Row }

export interface TableChanges {
  readonly table: ViewTable
  /** By key text; one change a row. */
  readonly rows: ReadonlyMap<string, RowChange>
}

interface OpenTable {
  readonly table: ViewTable
  readonly columns: ReadonlySet<string>
  readonly keyOf: (row: Row) => string
  readonly rows: Map<string, RowChange>
}

export class Batch implements RowWriter {
  readonly #tables: ReadonlyMap<string, OpenTable>

  constructor(tables: readonly ViewTable[]) {
    this.#tables = new Map(tables.map((table) => [table.name, openTable(table)]))
  }

  changes(): TableChanges[] {
    return [...this.#tables.values()].filter(({ rows }) => rows.size > 0)
  }

  put(tableName: string, row: Row): void {
    const table = this.#table(tableName)
    for (const column in row) expectColumn(table, column)
    table.rows.set(table.keyOf(row), { kind: 'put', row: { ...row } })
  }

  set(tableName: string, key: Row, columns: Row): void {
    const change = this.#changeOf(tableName, key, columns)
    if (change?.kind === 'put') Object.assign(change.row, columns)
    else if (change?.kind === 'change') {
      Object.assign(change.set, columns)
      // A column that is set anew forgets what was added to it before.
      for (const column in columns) delete change.add[column]
    }
  }

  add(tableName: string, key: Row, columns: { readonly [column: string]: bigint }): void {
    const change = this.#changeOf(tableName, key, columns)
    if (change === undefined || change.kind === 'remove') return
    for (const [column, amount] of Object.entries(columns)) {
      const known = change.kind === 'put' ? change.row : change.set
      if (change.kind === 'change' && !Object.hasOwn(known, column)) {
        change.add[column] = (change.add[column] ?? 0n) + amount
      } else {
        known[column] = sum(known[column], amount)
      }
    }
  }

  remove(tableName: string, key: Row): void {
    const table = this.#table(tableName)
    table.rows.set(table.keyOf(key), { kind: 'remove', key: { ...key } })
  }

  /** The change under way for a row, begun where there is none. */
  #changeOf(tableName: string, key: Row, columns: Row): RowChange | undefined {
    const table = this.#table(tableName)
    for (const column in columns) {
      expectColumn(table, column)
      if (table.table.key.includes(column)) {
        throw new Error(`Column ${column} is part of the key of ${tableName}, so it cannot change: remove and put.`)
      }
    }
    const text = table.keyOf(key)
    const known = table.rows.get(text)
    if (known !== undefined) return known
    const begun: RowChange = { kind: 'change', key: { ...key }, set: {}, add: {} }
    table.rows.set(text, begun)
    return begun
  }

  #table(name: string): OpenTable {
    const table = this.#tables.get(name)
    if (table === undefined) throw new Error(`No view declares the table ${name}.`)
    return table
  }
}

function openTable(table: ViewTable): OpenTable {
  const { key, name } = table
  const part = (row: Row, column: string): string => {
    const value = row[column]
    if (value === undefined || value === null) throw new Error(`A row of ${name} lacks its key column ${column}.`)
    return String(value)
  }
  const [only] = key
  const keyOf =
    key.length === 1 && only !== undefined
      ? (row: Row) => part(row, only)
      : (row: Row) => key.map((column) => part(row, column)).join('\n')
  return { table, columns: new Set(Object.keys(table.columns)), keyOf, rows: new Map() }
}

function expectColumn({ columns, table }: OpenTable, column: string): void {
  if (!columns.has(column)) throw new Error(`Table ${table.name} has no column ${column}.`)
}

/** SQL's rule: adding to null gives null. */
function sum(value: SqlValue | undefined, amount: bigint): SqlValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value + amount
  if (typeof value === 'number') return Number(BigInt(value) + amount)
  throw new Error('Only numbers can be added to.')
}
