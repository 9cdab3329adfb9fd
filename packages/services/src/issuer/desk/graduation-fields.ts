/** The fields of the sample city's certificate of graduation, as the form of the issuer's console would describe them. */
import { graduationType } from '../../demo/graduation-type.ts'
import { type Language, languages } from '../certificate-type.ts'
import { degreeCodes, type GraduateColumn, graduateColumns } from '../graduates.ts'
import type { Field, FieldKind } from './fields.ts'

type Rule = Partial<Omit<Field, 'name' | 'labels'>> & { readonly kind?: FieldKind }

const rules: { readonly [column in GraduateColumn]?: Rule } = {
  student_no: { kind: 'code', isUnique: true },
  name_zh: { isRequired: false, meaning: 'name' },
  name_latin: { meaning: 'name' },
  birth_date: { kind: 'date', meaning: 'birth_date' },
  degree_code: { kind: 'choice', choices: degreeCodes },
  gpa: { kind: 'decimal', most: '4.00' },
  honours: { kind: 'choice', choices: ['first', 'second_upper', 'second_lower', 'third'], isRequired: false },
  conferred_on: { kind: 'date' },
}

export const graduationFields: readonly Field[] = graduateColumns.map((name) => ({
  name,
  labels: Object.fromEntries(
    languages.map((language) => [language, graduationType.display[language].claims[name] ?? name]),
  ) as { readonly [language in Language]: string },
  kind: 'text',
  isRequired: true,
  ...rules[name],
}))
