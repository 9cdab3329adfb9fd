/** The identity certificate: what a bureau says of a resident, in four languages. */
import type { JsonObject } from '@chengxin/kernel'
import type { OfficeType } from '../issuer/issuing-office.ts'

export const documentTypes = ['resident_card', 'non_resident_card', 'passport', 'travel_permit'] as const
export type DocumentType = (typeof documentTypes)[number]

/** What an identity document says, in ISO dates. */
export type IdentityFacts = {
  readonly family_name: string
  readonly given_name: string
  readonly birth_date: string
  readonly document_type: DocumentType
  readonly document_number: string
  readonly document_expires: string
}

const date: JsonObject = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }
const line: JsonObject = { type: 'string', minLength: 1, maxLength: 80 }

export const factSchemas: JsonObject = {
  family_name: line,
  given_name: line,
  birth_date: date,
  document_type: { enum: documentTypes },
  document_number: { type: 'string', pattern: '^[0-9A-Za-z()/ -]{4,24}$' },
  document_expires: date,
}

export const identityType: OfficeType = {
  typeId: 'type_identity',
  linkage: 'identified',
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Identity certificate',
    type: 'object',
    properties: { ...factSchemas, weid: { type: 'string', maxLength: 120 } },
    additionalProperties: false,
  },
  display: {
    en: {
      name: 'Identity certificate',
      claims: {
        family_name: 'Family name',
        given_name: 'Given name',
        birth_date: 'Date of birth',
        document_type: 'Kind of document',
        document_number: 'Document number',
        document_expires: 'Document expires',
        weid: 'Holder’s DID',
      },
    },
    'zh-Hans': {
      name: '身份证明',
      claims: {
        family_name: '姓',
        given_name: '名',
        birth_date: '出生日期',
        document_type: '证件类别',
        document_number: '证件编号',
        document_expires: '证件有效期至',
        weid: '持有人分布式标识',
      },
    },
    'zh-Hant': {
      name: '身份證明',
      claims: {
        family_name: '姓',
        given_name: '名',
        birth_date: '出生日期',
        document_type: '證件類別',
        document_number: '證件編號',
        document_expires: '證件有效期至',
        weid: '持有人分散式識別碼',
      },
    },
    pt: {
      name: 'Certificado de identidade',
      claims: {
        family_name: 'Apelido',
        given_name: 'Nome próprio',
        birth_date: 'Data de nascimento',
        document_type: 'Tipo de documento',
        document_number: 'Número do documento',
        document_expires: 'Documento válido até',
        weid: 'DID do titular',
      },
    },
  },
}

/** Facts as they are kept and certified: without white space around, numbers in capitals; undefined where a date is none. */
export function tidyFacts(facts: IdentityFacts): IdentityFacts | undefined {
  const tidy = {
    ...facts,
    family_name: facts.family_name.trim().replaceAll(/\s+/g, ' '),
    given_name: facts.given_name.trim().replaceAll(/\s+/g, ' '),
    document_number: facts.document_number.replaceAll(/\s/g, '').toUpperCase(),
  }
  const isGood =
    tidy.family_name !== '' && tidy.given_name !== '' && isDay(tidy.birth_date) && isDay(tidy.document_expires)
  return isGood ? tidy : undefined
}

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

/** The mark by which a document is found again. */
export function documentMark({ document_type, document_number }: IdentityFacts): string {
  return `${document_type} ${document_number}`
}
