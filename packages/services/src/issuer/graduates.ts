/** A register of graduates as a university exports it: the columns, what may stand in each, and what is wrong with the rest. */
import {
  type CellCheck,
  type Column,
  readTable,
  type TableFault,
  type TableRow,
  tableFaults,
} from '../csv/read-table.ts'

export const degreeCodes: readonly string[] = 'BA BSC BENG BBA BED LLB MA MSC MENG MBA MED LLM PHD'.split(' ')
const honours = ['', 'first', 'second_upper', 'second_lower', 'third'] as const

/** Sentences of every fault that a register can have. */
export const graduateFaults = {
  ...tableFaults,
  value_missing: 'The field is empty.',
  too_long: 'The field is longer than 120 characters.',
  student_no_malformed: 'A student number is 4 to 20 capital letters and digits.',
  date_malformed: 'A date is written YYYY-MM-DD.',
  date_impossible: 'There is no such day.',
  date_before_birth: 'The degree was conferred before the graduate was born.',
  degree_unknown: `A degree code is one of ${degreeCodes.join(', ')}.`,
  gpa_malformed: 'A grade point average is written with two decimals.',
  gpa_out_of_range: 'A grade point average lies between 0.00 and 4.00.',
  honours_unknown: 'Honours are first, second_upper, second_lower, third or left empty.',
} as const

const optionalText: CellCheck = (value) => (value.length > 120 ? 'too_long' : undefined)
const text: CellCheck = (value) => (value === '' ? 'value_missing' : optionalText(value))
const studentNo: CellCheck = (value) => (/^[A-Z0-9]{4,20}$/.test(value) ? undefined : 'student_no_malformed')
const degree: CellCheck = (value) => (degreeCodes.includes(value) ? undefined : 'degree_unknown')
const honour: CellCheck = (value) => (honours.some((word) => word === value) ? undefined : 'honours_unknown')

const date: CellCheck = (value) => {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value) ?? []
  if (day === undefined) return 'date_malformed'
  const named = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return named.toISOString().startsWith(value) ? undefined : 'date_impossible'
}

const gpa: CellCheck = (value) => {
  if (!/^[0-9]\.[0-9]{2}$/.test(value)) return 'gpa_malformed'
  return Number(value) <= 4 ? undefined : 'gpa_out_of_range'
}

const columns = [
  { name: 'student_no', check: studentNo, isUnique: true },
  // Not everybody has a Chinese name; everybody has one in Latin letters.
  { name: 'name_zh', check: optionalText },
  { name: 'name_latin', check: text },
  { name: 'birth_date', check: date },
  { name: 'degree_code', check: degree },
  { name: 'degree_zh', check: text },
  { name: 'degree_pt', check: text },
  { name: 'degree_en', check: text },
  { name: 'major_zh', check: text },
  { name: 'major_pt', check: text },
  { name: 'major_en', check: text },
  { name: 'gpa', check: gpa },
  { name: 'honours', check: honour },
  { name: 'conferred_on', check: date },
] as const satisfies readonly Column[]

export type GraduateColumn = (typeof columns)[number]['name']
export type Graduate = TableRow<GraduateColumn>
export const graduateColumns: readonly GraduateColumn[] = columns.map(({ name }) => name)

/** The graduates of a register, or every fault of it; with a fault there are no graduates. */
export function readGraduates(text: string): readonly Graduate[] | { readonly faults: readonly TableFault[] } {
  const rows = readTable<GraduateColumn>(text, columns)
  if ('faults' in rows) return rows
  const faults = rows.flatMap(({ line, values }): TableFault[] =>
    values.conferred_on <= values.birth_date ? [{ code: 'date_before_birth', line, column: 'conferred_on' }] : [],
  )
  return faults.length > 0 ? { faults } : rows
}

/** A fault as a sentence with its place. */
export function describeFault({ code, line, column, firstLine }: TableFault): string {
  const sentence = (graduateFaults as { readonly [code: string]: string })[code] ?? code
  const place = column === undefined ? `Line ${line}` : `Line ${line}, ${column}`
  return `${place}: ${sentence}${firstLine === undefined ? '' : ` See line ${firstLine}.`}`
}
