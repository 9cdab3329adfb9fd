import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeCsv, readCsv } from '../csv/read-csv.ts'
import { tableFaults } from '../csv/read-table.ts'
import { describeFault, graduateColumns, graduateFaults, readGraduates } from './graduates.ts'

const sample = (name: string) => readFileSync(new URL(`../../../../samples/${name}`, import.meta.url))
const header = graduateColumns.join(',')
const row =
  'DC2200032,李思穎,Lei Si Weng,2004-10-05,LLB,法學士,Licenciatura em Direito,Bachelor of Laws,護理學,Enfermagem,Nursing,3.83,first,2026-06-27'
const changed = (column: string, value: string) => {
  const cells = row.split(',')
  cells[(graduateColumns as readonly string[]).indexOf(column)] = value
  return `${header}\n${cells.join(',')}\n`
}
const reached = new Set<string>()
function faultsOf(text: string): string[] {
  const rows = readGraduates(text)
  if (!('faults' in rows)) return []
  for (const { code } of rows.faults) reached.add(code)
  return rows.faults.map(({ code, line, column, firstLine }) =>
    [code, line, column, firstLine].filter((part) => part !== undefined).join(' '),
  )
}

test('the sample register has twelve hundred graduates', () => {
  const rows = readGraduates(decodeCsv(sample('graduates.csv')) as string)
  if ('faults' in rows) throw new Error(rows.faults.map(describeFault).join('\n'))
  expect(rows).toHaveLength(1200)
  expect(rows[0]).toMatchObject({ line: 2, values: { student_no: 'DC2200000', name_zh: '鄭家豪', honours: '' } })
})

test('every fault of the register with faults is named by line and column', () => {
  expect(faultsOf(decodeCsv(sample('graduates-with-faults.csv')) as string)).toEqual([
    'value_twice 7 student_no 4',
    'date_impossible 8 birth_date',
    'degree_unknown 9 degree_code',
    'gpa_out_of_range 9 gpa',
    'cells_missing 10',
    'value_missing 10 name_latin',
    'formula 11 name_zh',
    'line_break 11 name_latin',
  ])
})

describe('one fault at a time', () => {
  test.each<[string, string, string[]]>([
    ['a good row', `${header}\n${row}`, []],
    ['line ends of another system', `${header}\r\n${row}\r\n`, []],
    ['empty lines', `${header}\n\n${row}\n\n`, []],
    ['quoted fields', `${header}\n${row.replace('Nursing', '"Nursing, ""advanced"""')}\n`, []],
    ['nothing', '', ['file_empty 1']],
    ['a header alone', `${header}\n`, ['file_empty 1']],
    ['a quote that does not close', `${header}\n"DC`, ['quote_not_closed 2']],
    ['a quote inside', `${header}\nDC"2200032\n`, ['quote_misplaced 2']],
    ['text behind a quote', `${header}\n"DC"2200032\n`, ['quote_misplaced 2']],
    ['a column too few', `${header.replace(',gpa', '')}\n`, ['column_missing 1 gpa']],
    ['a column too many', `${header},gender\n`, ['column_unknown 1 gender']],
    ['a column twice', `${header},gpa\n`, ['column_twice 1 gpa']],
    ['a cell too many', `${header}\n${row},x\n`, ['cells_too_many 2']],
    ['a space', changed('name_latin', ' Lei'), ['space_around 2 name_latin']],
    ['a formula', changed('name_latin', '@SUM(A1)'), ['formula 2 name_latin']],
    ['no Chinese name', changed('name_zh', ''), []],
    ['no name', changed('name_latin', ''), ['value_missing 2 name_latin']],
    ['a name without end', changed('name_zh', '李'.repeat(121)), ['too_long 2 name_zh']],
    ['a student number of another form', changed('student_no', 'dc2200032'), ['student_no_malformed 2 student_no']],
    ['a date of another form', changed('birth_date', '5/10/2004'), ['date_malformed 2 birth_date']],
    ['the 29th of February of no leap year', changed('birth_date', '2003-02-29'), ['date_impossible 2 birth_date']],
    ['a leap day', changed('birth_date', '2004-02-29'), []],
    ['a degree before birth', changed('birth_date', '2026-06-27'), ['date_before_birth 2 conferred_on']],
    ['another degree', changed('degree_code', 'DDD'), ['degree_unknown 2 degree_code']],
    ['a grade with a comma', changed('gpa', '"3,83"'), ['gpa_malformed 2 gpa']],
    ['a grade above the best', changed('gpa', '4.01'), ['gpa_out_of_range 2 gpa']],
    ['the best grade', changed('gpa', '4.00'), []],
    ['other honours', changed('honours', 'summa'), ['honours_unknown 2 honours']],
  ])('%s', (_case, text, faults) => {
    expect(faultsOf(text)).toEqual(faults)
  })

  test('every fault has a case', () => {
    expect(decodeCsv(Uint8Array.of(0xff, 0xfe, 0x41))).toEqual({ code: 'not_utf8', line: 1 })
    reached.add('not_utf8')
    expect(Object.keys(graduateFaults).filter((code) => !reached.has(code))).toEqual([])
    expect(Object.keys(tableFaults).every((code) => code in graduateFaults)).toBe(true)
  })
})

test('lines are those of the file, also behind quoted line ends', () => {
  expect(readCsv('a,"b\nc"\nd\n')).toEqual([
    { line: 1, fields: ['a', 'b\nc'] },
    { line: 3, fields: ['d'] },
  ])
  expect(readCsv('\ufeffa\n')).toEqual([{ line: 1, fields: ['\ufeffa'] }])
  expect(decodeCsv(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('a')
})

test('a fault is told as a sentence with its place', () => {
  const fault = { code: 'value_twice', line: 7, column: 'student_no', firstLine: 4 }
  expect(describeFault(fault)).toBe('Line 7, student_no: The value stands in an earlier row too. See line 4.')
})
