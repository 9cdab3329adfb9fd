/**
 * A register as somebody exports it, read under a mapping: which column is which field, and where the number of the
 * identity document stands. Every fault is named by line and column; a row with a fault is issued to nobody.
 */

import { documentTypes } from '../../bureau/identity-type.ts'
import { type CsvFault, type CsvRecord, decodeCsv, readCsv } from '../../csv/read-csv.ts'
import { commonFault, type TableFault, tableFaults } from '../../csv/read-table.ts'
import type { Claims } from '../office-records.ts'
import { type Field, faultOf, valueFaults } from './fields.ts'

export const encodings = ['utf-8', 'big5', 'gb18030', 'utf-16le', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** The text of a file. UTF-8 and UTF-16 say themselves what they are; others somebody must name. */
export function decodeRegister(bytes: Uint8Array, encoding?: Encoding): string | CsvFault {
  const named = encoding ?? (bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8')
  if (named === 'utf-8') return decodeCsv(bytes)
  try {
    const text = new TextDecoder(named, { fatal: true }).decode(bytes)
    // Some decoders put private characters for bytes that they do not know, and say nothing.
    return /[\uf8f5-\uf8f8\ufffd]/.test(text) ? { code: 'not_utf8', line: 1 } : text
  } catch {
    return { code: 'not_utf8', line: 1 }
  }
}

export interface Sheet {
  readonly columns: readonly string[]
  readonly rows: readonly CsvRecord[]
  readonly headerLine: number
}

/** Header and rows of a file, or what is wrong with it as a whole. */
export function readSheet(text: string): Sheet | { readonly faults: readonly TableFault[] } {
  const records = readCsv(text)
  if (!Array.isArray(records)) return { faults: [records as CsvFault] }
  const [header, ...rows] = records as [CsvRecord, ...CsvRecord[]]
  const { line, fields } = header
  const twice = fields.filter((name, index) => fields.indexOf(name) !== index)
  if (twice.length > 0) return { faults: twice.map((column) => ({ code: 'column_twice', line, column })) }
  return rows.length === 0 ? { faults: [{ code: 'file_empty', line }] } : { columns: fields, rows, headerLine: line }
}

export type Mapping = {
  /** Field of the type → column of the file. */
  readonly columns: { readonly [field: string]: string }
  /** Column of the number of the identity document. */
  readonly documentNumber?: string
  /** Column of the kind of document, or one kind for all. */
  readonly documentType?: { readonly column: string } | { readonly always: string }
}

/** Sentences of every fault that a register can have. */
export const registerFaults = {
  ...tableFaults,
  ...valueFaults,
  field_not_mapped: 'No column of the file is this field of the certificate.',
  document_not_mapped: 'Nobody said which column is the number of the identity document.',
  document_malformed: 'A document’s number is 4 to 30 letters, digits, brackets and hyphens.',
  document_type_unknown: 'The kind of identity document is not known.',
  date_after_later: 'The date of birth lies after another date of the row.',
} as const

export interface RegisterRow {
  readonly line: number
  readonly claims: Claims
  readonly documentType: string
  readonly documentNumber: string
}

export interface ReadRegister {
  readonly rows: readonly RegisterRow[]
  /** In the order of lines. */
  readonly faults: readonly TableFault[]
}

/** Rows without a fault, and all faults of the others. Lines that are left out are not looked at. */
export function readRegister(
  sheet: Sheet,
  fields: readonly Field[],
  mapping: Mapping,
  leftOut: ReadonlySet<number> = new Set(),
): ReadRegister {
  const faults: TableFault[] = mappingFaults(sheet, fields, mapping)
  const reading: Reading = { sheet, fields, mapping, seen: new Map() }
  const rows: RegisterRow[] = []
  for (const record of sheet.rows) {
    if (leftOut.has(record.line)) continue
    const [row, rowFaults] = readRow(reading, record)
    faults.push(...rowFaults)
    if (rowFaults.length === 0) rows.push(row)
  }
  return { rows, faults }
}

interface Reading {
  readonly sheet: Sheet
  readonly fields: readonly Field[]
  readonly mapping: Mapping
  /** Field and value → line where it stood first. */
  readonly seen: Map<string, number>
}

function mappingFaults({ columns, headerLine: line }: Sheet, fields: readonly Field[], mapping: Mapping): TableFault[] {
  const faults: TableFault[] = []
  for (const { name, isRequired } of fields) {
    const column = mapping.columns[name]
    if (column === undefined ? isRequired : !columns.includes(column)) {
      faults.push({ code: 'field_not_mapped', line, column: name })
    }
  }
  const { documentNumber, documentType } = mapping
  if (documentNumber === undefined || !columns.includes(documentNumber)) {
    faults.push({ code: 'document_not_mapped', line })
  }
  const isTypeKnown = documentType && ('always' in documentType || columns.includes(documentType.column))
  if (!isTypeKnown) faults.push({ code: 'document_type_unknown', line })
  return faults
}

function readRow({ sheet, fields, mapping, seen }: Reading, record: CsvRecord): [RegisterRow, TableFault[]] {
  const { line } = record
  const faults: TableFault[] = []
  if (record.fields.length !== sheet.columns.length) {
    faults.push({ code: record.fields.length < sheet.columns.length ? 'cells_missing' : 'cells_too_many', line })
  }
  const cell = (column: string | undefined) =>
    column === undefined ? undefined : record.fields[sheet.columns.indexOf(column)]
  const claims: { [name: string]: string } = {}
  for (const field of fields) {
    const column = mapping.columns[field.name]
    const value = cell(column)
    if (column === undefined || value === undefined) continue
    const code = commonFault(value) ?? faultOf(field, value)
    if (code !== undefined) faults.push({ code, line, column })
    if (field.isUnique && value !== '') faults.push(...twice(seen, field.name, value, line, column))
    if (value !== '') claims[field.name] = value
  }
  faults.push(...birthFaults(fields, mapping, claims, line))
  const documentNumber = cell(mapping.documentNumber) ?? ''
  const { documentType = { always: '' } } = mapping
  const type = 'always' in documentType ? documentType.always : (cell(documentType.column) ?? '')
  faults.push(...documentFaults(mapping, documentNumber, type, line))
  return [{ line, claims, documentType: type, documentNumber }, faults]
}

function twice(seen: Map<string, number>, field: string, value: string, line: number, column: string): TableFault[] {
  const firstLine = seen.get(`${field}\n${value}`)
  if (firstLine !== undefined) return [{ code: 'value_twice', line, column, firstLine }]
  seen.set(`${field}\n${value}`, line)
  return []
}

function documentFaults({ documentNumber: column }: Mapping, number: string, type: string, line: number): TableFault[] {
  if (column === undefined) return []
  const faults: TableFault[] = []
  if (!/^[A-Za-z0-9()/-]{4,30}$/.test(number)) faults.push({ code: 'document_malformed', line, column })
  if (!documentTypes.some((known) => known === type)) faults.push({ code: 'document_type_unknown', line })
  return faults
}

/** Whatever happened to somebody happened after they were born. */
function birthFaults(fields: readonly Field[], mapping: Mapping, claims: Claims, line: number): TableFault[] {
  const birth = fields.find(({ meaning }) => meaning === 'birth_date')
  const born = birth && claims[birth.name]
  if (birth === undefined || typeof born !== 'string' || faultOf(birth, born) !== undefined) return []
  return fields.flatMap((field): TableFault[] => {
    const value = claims[field.name]
    const column = mapping.columns[field.name]
    const isDate = field.kind === 'date' && field !== birth && typeof value === 'string'
    if (!isDate || faultOf(field, value) !== undefined || born < value || column === undefined) return []
    return [{ code: 'date_after_later', line, column }]
  })
}
