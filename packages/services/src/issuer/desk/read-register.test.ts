import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { graduationFields } from './graduation-fields.ts'
import { decodeRegister, type Mapping, readRegister, readSheet, registerFaults, type Sheet } from './read-register.ts'

const samples = new URL('../../../../../samples/', import.meta.url)
const sheetOf = (text: string) => readSheet(text) as Sheet
const columns = Object.fromEntries(graduationFields.map(({ name }) => [name, name]))
/** The sample has no document column; any unique code will do to try the rest. */
const mapping: Mapping = { columns, documentNumber: 'student_no', documentType: { always: 'resident_card' } }

test('every fault of the faulty register is named by line and column, and the other rows are good', async () => {
  const sheet = sheetOf(await readFile(new URL('graduates-with-faults.csv', samples), 'utf8'))
  const { rows, faults } = readRegister(sheet, graduationFields, mapping)
  expect(faults.map(({ line, column, code, firstLine }) => [line, column, code, firstLine])).toEqual([
    [7, 'student_no', 'value_twice', 4],
    [8, 'birth_date', 'date_impossible', undefined],
    [9, 'degree_code', 'choice_unknown', undefined],
    [9, 'gpa', 'decimal_too_large', undefined],
    [10, undefined, 'cells_missing', undefined],
    [10, 'name_latin', 'value_missing', undefined],
    [11, 'name_zh', 'formula', undefined],
    [11, 'name_latin', 'line_break', undefined],
  ])
  for (const { code } of faults) expect(Object.keys(registerFaults)).toContain(code)
  expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6])
})

test('rows that a clerk leaves out are not looked at, and what was twice is once', async () => {
  const sheet = sheetOf(await readFile(new URL('graduates-with-faults.csv', samples), 'utf8'))
  const { rows, faults } = readRegister(sheet, graduationFields, mapping, new Set([4, 8, 9, 10, 11]))
  expect(faults).toEqual([])
  expect(rows.map(({ line }) => line)).toEqual([2, 3, 5, 6, 7])
})

test('a register of twelve hundred reads whole; empty fields are left out', async () => {
  const sheet = sheetOf(await readFile(new URL('graduates.csv', samples), 'utf8'))
  const { rows, faults } = readRegister(sheet, graduationFields, mapping)
  expect([rows.length, faults]).toEqual([1200, []])
  expect(rows[0]).toMatchObject({ documentType: 'resident_card', documentNumber: rows[0]?.claims['student_no'] })
  expect(Object.values(rows[0]?.claims ?? {})).not.toContain('')
})

test.each<[string, string, Partial<Mapping>, string]>([
  ['a required field without a column', 'gpa', { columns: { ...columns, gpa: 'none' } }, 'field_not_mapped'],
  ['no column for the document', '', { documentNumber: 'nowhere' }, 'document_not_mapped'],
  ['a kind of document that nobody knows', '', { documentType: { always: 'library-card' } }, 'document_type_unknown'],
])('a mapping with %s', async (_case, _field, change, code) => {
  const sheet = sheetOf(await readFile(new URL('graduates.csv', samples), 'utf8'))
  const { faults } = readRegister(sheet, graduationFields, { ...mapping, ...change })
  expect(faults[0]?.code).toBe(code)
})

test('whoever graduated before being born is a fault', () => {
  const fields = graduationFields.filter(({ name }) => ['birth_date', 'conferred_on'].includes(name))
  const sheet = sheetOf('no,birth_date,conferred_on\nA12345,2001-01-02,2001-01-02\nA12346,2001-01-02,2024-01-02\n')
  const only = { birth_date: 'birth_date', conferred_on: 'conferred_on' }
  const { rows, faults } = readRegister(sheet, fields, { ...mapping, columns: only, documentNumber: 'no' })
  expect(faults).toEqual([{ code: 'date_after_later', line: 2, column: 'conferred_on' }])
  expect(rows).toHaveLength(1)
})

test.each([
  ['utf-8', undefined, [0xef, 0xbb, 0xbf, 0xe9, 0x99, 0xb3]],
  ['UTF-16 by its mark', undefined, [0xff, 0xfe, 0x73, 0x96]],
  ['Big5', 'big5', [0xb3, 0xaf]],
  ['GB 18030', 'gb18030', [0xea, 0x90]],
] as const)('%s is read', (_case, encoding, bytes) => {
  expect(decodeRegister(new Uint8Array(bytes), encoding)).toBe('陳')
})

test('what is written otherwise than it says is refused, not guessed', () => {
  expect(decodeRegister(new Uint8Array([0xb3, 0xaf, 0xff]))).toEqual({ code: 'not_utf8', line: 1 })
  expect(decodeRegister(new Uint8Array([0xff, 0xff]), 'big5')).toEqual({ code: 'not_utf8', line: 1 })
  expect(readSheet('a,b,a\n1,2,3\n')).toEqual({ faults: [{ code: 'column_twice', line: 1, column: 'a' }] })
  expect(readSheet('a,b\n')).toEqual({ faults: [{ code: 'file_empty', line: 1 }] })
})
