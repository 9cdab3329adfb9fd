/**
 * A CSV file as rows under a header, held to the columns that somebody expects. Every fault is named by line and column,
 * and a file with a fault gives no rows: half an import is worse than none.
 */
import { type CsvFault, type CsvRecord, readCsv } from './read-csv.ts'

/** What is wrong with a cell, or `undefined`. A code in lower snake case, listed in `tableFaults` or by the caller. */
export type CellCheck = (value: string) => string | undefined

export interface Column {
  readonly name: string
  readonly check?: CellCheck
  /** No two rows may have the same value. */
  readonly isUnique?: boolean
}

export interface TableFault {
  readonly code: string
  /** Line of the file on which the row begins, from 1; the header is a line too. */
  readonly line: number
  readonly column?: string
  /** For a value that stands twice: the line where it stood first. */
  readonly firstLine?: number
}

export type Row<C extends string> = { readonly [column in C]: string }
export interface TableRow<C extends string> {
  readonly line: number
  readonly values: Row<C>
}

/** Sentences of the faults that any table can have. */
export const tableFaults = {
  not_utf8: 'The file is not UTF-8 text.',
  file_empty: 'The file has no rows.',
  quote_not_closed: 'A quoted field begins here and does not end.',
  quote_misplaced: 'A quote stands inside a field that is not quoted, or text follows a closing quote.',
  column_missing: 'The header lacks this column.',
  column_unknown: 'The header has a column that is not expected.',
  column_twice: 'The header has this column twice.',
  cells_missing: 'The row has fewer fields than the header.',
  cells_too_many: 'The row has more fields than the header.',
  line_break: 'The field contains a line break or another control character.',
  formula: 'The field begins like a spreadsheet formula.',
  space_around: 'The field begins or ends with a space.',
  value_twice: 'The value stands in an earlier row too.',
} as const

/** The rows of a file, or all its faults in the order of lines. */
export function readTable<const C extends string>(
  text: string,
  columns: readonly (Column & { readonly name: C })[],
): readonly TableRow<C>[] | { readonly faults: readonly TableFault[] } {
  const records = readCsv(text)
  if (!Array.isArray(records)) return { faults: [records as CsvFault] }
  const [header, ...body] = records as [CsvRecord, ...CsvRecord[]]
  const faults: TableFault[] = headerFaults(header, columns)
  // Below a wrong header every row would be wrong: nobody is helped by a thousand faults with one cause.
  if (faults.length > 0) return { faults }
  if (body.length === 0) return { faults: [{ code: 'file_empty', line: header.line }] }

  const seen = new Map<string, number>()
  const rows = body.map(({ line, fields }): TableRow<C> => {
    if (fields.length !== header.fields.length) {
      faults.push({ code: fields.length < header.fields.length ? 'cells_missing' : 'cells_too_many', line })
    }
    const values: { [column: string]: string } = {}
    for (const column of columns) {
      const value = fields[header.fields.indexOf(column.name)]
      if (value === undefined) continue
      values[column.name] = value
      const code = commonFault(value) ?? column.check?.(value)
      if (code !== undefined) faults.push({ code, line, column: column.name })
      if (column.isUnique) pushIfTwice(faults, seen, line, column.name, value)
    }
    return { line, values: values as Row<C> }
  })
  return faults.length > 0 ? { faults } : rows
}

function headerFaults({ line, fields }: CsvRecord, columns: readonly Column[]): TableFault[] {
  const faults: TableFault[] = []
  for (const { name } of columns)
    if (!fields.includes(name)) faults.push({ code: 'column_missing', line, column: name })
  for (const [index, field] of fields.entries()) {
    if (fields.indexOf(field) !== index) faults.push({ code: 'column_twice', line, column: field })
    else if (!columns.some(({ name }) => name === field)) faults.push({ code: 'column_unknown', line, column: field })
  }
  return faults
}

const formulaStarts = /^[=+\-@\t\r]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** What is wrong with a cell whatever it should hold. */
export function commonFault(value: string): string | undefined {
  if (controlCharacter.test(value)) return 'line_break'
  if (formulaStarts.test(value)) return 'formula'
  return value.trim() === value ? undefined : 'space_around'
}

function pushIfTwice(faults: TableFault[], seen: Map<string, number>, line: number, column: string, value: string) {
  const name = `${column}\n${value}`
  const firstLine = seen.get(name)
  if (firstLine === undefined) seen.set(name, line)
  else faults.push({ code: 'value_twice', line, column, firstLine })
}
