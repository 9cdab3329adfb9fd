/** Statements and rows as PostgreSQL reads them: definitions, COPY's text format, array literals, bulk statements. */
import type { ColumnType, SqlValue, ViewTable } from '@chengxin/module-kit'
import type { RowChange, TableChanges } from './batch.ts'
import type { Step } from './engine.ts'

/** Texts compare by bytes: the same order on every machine, and the fastest. JSON keeps its canonical spelling. */
const definitions: { readonly [type in ColumnType]: string } = {
  text: 'text COLLATE "C"',
  bigint: 'int8',
  integer: 'int4',
  boolean: 'boolean',
  json: 'json',
}
const arrayTypes: { readonly [type in ColumnType]: string } = {
  text: 'text[]',
  bigint: 'int8[]',
  integer: 'int4[]',
  boolean: 'boolean[]',
  json: 'json[]',
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function createTableText({ name, columns, key, indexes = [] }: ViewTable): string[] {
  const lines = Object.entries(columns).map(([column, type]) => `${quoteName(column)} ${definitions[type]}`)
  const create = `CREATE TABLE ${quoteName(name)} (${lines.join(', ')}, PRIMARY KEY (${nameList(key)}))`
  return [
    create,
    ...indexes.map((columnsOfIndex) => `CREATE INDEX ON ${quoteName(name)} (${nameList(columnsOfIndex)})`),
  ]
}

/** The steps that bring one table up to date. `appends`: put rows are new, so COPY may write them straight into the table. */
export function stepsOf({ table, rows }: TableChanges, appends: boolean): Step[] {
  const puts: { readonly [column: string]: SqlValue }[] = []
  const removed: { readonly [column: string]: SqlValue }[] = []
  const changes = new Map<string, ChangeShape>()
  for (const change of rows.values()) {
    if (change.kind === 'put') puts.push(change.row)
    else if (change.kind === 'remove') removed.push(change.key)
    else collectShape(changes, change)
  }
  const steps: Step[] = []
  if (puts.length > 0) steps.push(appends ? appendStep(table, puts) : upsertStep(table, puts))
  for (const shape of changes.values()) steps.push(changeStep(table, shape))
  if (removed.length > 0) steps.push(removeStep(table, removed))
  return steps
}

type Values = { readonly [column: string]: SqlValue | undefined }
type Change = Extract<RowChange, { kind: 'change' }>
interface ChangeShape {
  readonly set: readonly string[]
  readonly add: readonly string[]
  readonly changes: Change[]
}

/** Rows whose change touches the same columns share a statement. */
function collectShape(shapes: Map<string, ChangeShape>, change: Change): void {
  const set = Object.keys(change.set).sort()
  const add = Object.keys(change.add).sort()
  if (set.length === 0 && add.length === 0) return
  const name = `${set.join()}+${add.join()}`
  const known = shapes.get(name)
  if (known === undefined) shapes.set(name, { set, add, changes: [change] })
  else known.changes.push(change)
}

function appendStep(table: ViewTable, rows: readonly Values[]): Step {
  const columns = Object.entries(table.columns)
  let text = ''
  for (const row of rows) {
    for (let index = 0; index < columns.length; index++) {
      const [column, type] = columns[index] as [string, ColumnType]
      text += (index === 0 ? '' : '\t') + copyValue(type, row[column] ?? null)
    }
    text += '\n'
  }
  const target = `${quoteName(table.name)} (${nameList(columns.map(([column]) => column))})`
  return { kind: 'append', target, data: Buffer.from(text) }
}

function upsertStep(table: ViewTable, rows: readonly Values[]): Step {
  const columns = Object.keys(table.columns)
  const others = columns.filter((column) => !table.key.includes(column))
  const onConflict =
    others.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${others.map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`).join(', ')}`
  const text = `INSERT INTO ${quoteName(table.name)} (${nameList(columns)}) SELECT * FROM unnest(${casts(table, columns)}) ON CONFLICT (${nameList(table.key)}) ${onConflict}`
  return { kind: 'run', text, parameters: columns.map((column) => arrayOf(table, column, rows, (row) => row[column])) }
}

function changeStep(table: ViewTable, { set, add, changes }: ChangeShape): Step {
  const all = [...table.key, ...set, ...add]
  const names = all.map((_, index) => `c${index}`)
  const assignments = [
    ...set.map((column, index) => `${quoteName(column)} = u.c${table.key.length + index}`),
    ...add.map(
      (column, index) => `${quoteName(column)} = t.${quoteName(column)} + u.c${table.key.length + set.length + index}`,
    ),
  ]
  const text = `UPDATE ${quoteName(table.name)} AS t SET ${assignments.join(', ')} FROM unnest(${casts(table, all)}) AS u(${names.join(', ')}) WHERE ${sameKey(table)}`
  const parameters = [
    ...table.key.map((column) => arrayOf(table, column, changes, ({ key }) => key[column])),
    ...set.map((column) => arrayOf(table, column, changes, (change) => change.set[column])),
    ...add.map((column) => arrayOf(table, column, changes, (change) => change.add[column])),
  ]
  return { kind: 'run', text, parameters }
}

function removeStep(table: ViewTable, keys: readonly Values[]): Step {
  const names = table.key.map((_, index) => `c${index}`)
  const text = `DELETE FROM ${quoteName(table.name)} AS t USING unnest(${casts(table, table.key)}) AS u(${names.join(', ')}) WHERE ${sameKey(table)}`
  return {
    kind: 'run',
    text,
    parameters: table.key.map((column) => arrayOf(table, column, keys, (key) => key[column])),
  }
}

function sameKey(table: ViewTable): string {
  return table.key.map((column, index) => `t.${quoteName(column)} = u.c${index}`).join(' AND ')
}

function nameList(columns: readonly string[]): string {
  return columns.map(quoteName).join(', ')
}

function casts(table: ViewTable, columns: readonly string[]): string {
  return columns.map((column, index) => `$${index + 1}::${arrayTypes[typeOf(table, column)]}`).join(', ')
}

function typeOf(table: ViewTable, column: string): ColumnType {
  const type = table.columns[column]
  if (type === undefined) throw new Error(`Table ${table.name} has no column ${column}.`)
  return type
}

function arrayOf<T>(
  table: ViewTable,
  column: string,
  rows: readonly T[],
  valueOf: (row: T) => SqlValue | undefined,
): string {
  const type = typeOf(table, column)
  let text = '{'
  for (let index = 0; index < rows.length; index++) {
    text += (index === 0 ? '' : ',') + arrayValue(type, valueOf(rows[index] as T) ?? null)
  }
  return `${text}}`
}

const specialInCopy = /[\\\n\r\t\0]/
const specialInArray = /["\\\0]/
const copyEscapes: { readonly [character: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function copyValue(type: ColumnType, value: SqlValue): string {
  if (value === null) return '\\N'
  if (type !== 'text' && type !== 'json') return String(value)
  const text = String(value)
  // PostgreSQL's text cannot hold U+0000; it is shown as the character that stands for what cannot be shown.
  return specialInCopy.test(text)
    ? text.replaceAll(/[\\\n\r\t\0]/g, (character) => copyEscapes[character] ?? '\ufffd')
    : text
}

function arrayValue(type: ColumnType, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (type !== 'text' && type !== 'json') return String(value)
  const text = String(value)
  return specialInArray.test(text)
    ? `"${text.replaceAll(/["\\\0]/g, (character) => (character === '\0' ? '\ufffd' : `\\${character}`))}"`
    : `"${text}"`
}
