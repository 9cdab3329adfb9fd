/** JSON Schemas of what the issuer's desk takes. */
import type { JsonObject } from '@chengxin/kernel'
import { documentTypes } from '../../bureau/identity-type.ts'
import { languages } from '../certificate-type.ts'
import { statusReasons } from '../status-reasons.ts'
import { fieldKinds, fieldNamePattern } from './fields.ts'
import { encodings } from './read-register.ts'

export const text = (maxLength = 200): JsonObject => ({ type: 'string', minLength: 1, maxLength })
export const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required: [...required],
  additionalProperties: false,
})
export const listOf = (items: JsonObject, maxItems: number): JsonObject => ({ type: 'array', items, maxItems })
export const anyObject: JsonObject = { type: 'object' }
export const after = { after: { schema: text(), about: 'The last one of the page before.' } }

const inAllLanguages = object(Object.fromEntries(languages.map((language) => [language, text(120)])))
const lines = listOf({ type: 'string', maxLength: 500 }, 40)

export const field = object(
  {
    name: { type: 'string', pattern: fieldNamePattern },
    labels: inAllLanguages,
    kind: { type: 'string', enum: [...fieldKinds] },
    isRequired: { type: 'boolean' },
    isUnique: { type: 'boolean' },
    maxLength: { type: 'integer', minimum: 1, maximum: 500 },
    choices: listOf(text(60), 50),
    most: { type: 'string', pattern: '^[0-9]{1,9}\\.[0-9]{2}$' },
    meaning: { type: 'string', enum: ['name', 'birth_date'] },
  },
  ['name', 'labels', 'kind', 'isRequired'],
)

export const typeDraft = object(
  {
    typeId: { type: 'string', pattern: '^type_[a-z0-9][a-z0-9-]{0,39}$' },
    names: inAllLanguages,
    fields: { type: 'array', items: field, minItems: 1, maxItems: 40 },
    linkage: { type: 'string', enum: ['identified', 'unlinkable'] },
    template: object(Object.fromEntries(languages.map((language) => [language, lines]))),
    validForDays: { type: 'integer', minimum: 1, maximum: 36_500 },
  },
  ['typeId', 'names', 'fields', 'linkage'],
)

export const importWish = object({
  mapping: object(
    {
      columns: { type: 'object', additionalProperties: text(120) },
      documentNumber: text(120),
      documentType: {
        oneOf: [object({ column: text(120) }), object({ always: { type: 'string', enum: [...documentTypes] } })],
      },
    },
    ['columns'],
  ),
  leftOut: listOf({ type: 'integer', minimum: 2 }, 10_000),
})

export const encoding: JsonObject = { type: 'string', enum: [...encodings] }

export const statusWish = object({
  references: { type: 'array', items: text(), minItems: 1, maxItems: 1000, uniqueItems: true },
  word: { type: 'string', enum: ['revoked', 'suspended', 'valid'] },
  reasonCode: { type: 'string', enum: Object.keys(statusReasons) },
})
