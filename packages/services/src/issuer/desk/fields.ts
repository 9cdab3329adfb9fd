/**
 * The fields of a certificate type as an officer describes them in a form: how each is called in four languages, what may
 * stand in it, and what it means. The JSON Schema that the ledger anchors follows from them.
 */
import type { Json, JsonObject } from '@chengxin/kernel'
import { type CertificateType, type Language, languages } from '../certificate-type.ts'

export const fieldKinds = ['text', 'date', 'decimal', 'choice', 'code'] as const
export type FieldKind = (typeof fieldKinds)[number]

export type Field = {
  /** In certificates: lower case and underscores. */
  readonly name: string
  readonly labels: { readonly [language in Language]: string }
  readonly kind: FieldKind
  readonly isRequired: boolean
  /** No two rows of a register may have the same. */
  readonly isUnique?: boolean
  /** Of a text; 120 if absent. */
  readonly maxLength?: number
  /** Of a choice. */
  readonly choices?: readonly string[]
  /** Of a decimal, both included, such as `4.00`. */
  readonly most?: string
  /** What claims are matched by. */
  readonly meaning?: 'name' | 'birth_date'
}

export type Linkage = 'identified' | 'unlinkable'

/** The field of identified types that names the holder. */
export const weidField = 'weid'

export const fieldNamePattern = '^[a-z][a-z0-9_]{0,39}$'

export function schemaOf(title: string, fields: readonly Field[], linkage: Linkage): JsonObject {
  const properties = Object.fromEntries(fields.map((field): [string, Json] => [field.name, schemaOfField(field)]))
  const holder: { readonly [name: string]: Json } =
    linkage === 'identified' ? { [weidField]: { type: 'string', maxLength: 120 } } : {}
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    type: 'object',
    properties: { ...properties, ...holder },
    required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    additionalProperties: false,
  }
}

function schemaOfField({ kind, maxLength = 120, choices = [] }: Field): JsonObject {
  switch (kind) {
    case 'text':
      return { type: 'string', maxLength }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'decimal':
      return { type: 'string', pattern: decimalPattern }
    case 'choice':
      return { type: 'string', enum: [...choices] }
    case 'code':
      return { type: 'string', pattern: codePattern }
  }
}

const decimalPattern = '^[0-9]{1,9}\\.[0-9]{2}$'
const codePattern = '^[A-Za-z0-9][A-Za-z0-9-]{1,39}$'
const decimal = new RegExp(decimalPattern)
const code = new RegExp(codePattern)

/** Sentences of what can be wrong with a value. */
export const valueFaults = {
  value_missing: 'The field is empty.',
  too_long: 'The field is longer than the type allows.',
  date_malformed: 'A date is written YYYY-MM-DD.',
  date_impossible: 'There is no such day.',
  decimal_malformed: 'A number is written with two decimals.',
  decimal_too_large: 'The number is larger than the type allows.',
  choice_unknown: 'The value is none of those that the type allows.',
  code_malformed: 'A code is 2 to 40 letters, digits and hyphens.',
} as const

/** What is wrong with a value, or undefined. Nothing is trimmed or guessed. */
export function faultOf(field: Field, value: string): keyof typeof valueFaults | undefined {
  if (value === '') return field.isRequired ? 'value_missing' : undefined
  switch (field.kind) {
    case 'text':
      return value.length > (field.maxLength ?? 120) ? 'too_long' : undefined
    case 'date':
      return faultOfDate(value)
    case 'decimal':
      if (!decimal.test(value)) return 'decimal_malformed'
      return field.most !== undefined && hundredths(value) > hundredths(field.most) ? 'decimal_too_large' : undefined
    case 'choice':
      return field.choices?.includes(value) ? undefined : 'choice_unknown'
    case 'code':
      return code.test(value) ? undefined : 'code_malformed'
  }
}

function faultOfDate(value: string): 'date_malformed' | 'date_impossible' | undefined {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value) ?? []
  if (day === undefined) return 'date_malformed'
  const named = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return named.toISOString().startsWith(value) ? undefined : 'date_impossible'
}

function hundredths(value: string): bigint {
  return BigInt(value.replace('.', ''))
}

/** The type as certificates and the ledger know it. */
export function typeFrom(definition: {
  readonly typeId: `type_${string}`
  readonly names: { readonly [language in Language]: string }
  readonly fields: readonly Field[]
  readonly linkage: Linkage
  readonly template?: Template
  readonly validForDays?: number
}): CertificateType {
  const { typeId, names, fields, linkage, template, validForDays } = definition
  const wordings = languages.map((language) => {
    const labels = fields.map(({ name, labels: called }): [string, string] => [name, called[language]])
    const holder: readonly [string, string][] = linkage === 'identified' ? [[weidField, weidLabels[language]]] : []
    const claims = Object.fromEntries([...labels, ...holder])
    // The printed form is hashed with the names: whoever swaps it swaps what the ledger knows.
    return [language, { name: names[language], claims, ...(template && { template: template[language] }) }] as const
  })
  return {
    typeId,
    schema: schemaOf(names.en, fields, linkage),
    display: Object.fromEntries(wordings) as unknown as CertificateType['display'],
    ...(validForDays !== undefined && { policy: { validForDays } }),
  }
}

/** The printed form in each language: lines of text in which `{field}` stands for a value. */
export type Template = { readonly [language in Language]: readonly string[] }

const weidLabels: { readonly [language in Language]: string } = {
  en: 'Holder’s DID',
  'zh-Hans': '持有人分布式标识',
  'zh-Hant': '持有人分散式識別碼',
  pt: 'DID do titular',
}
