/** Who issues what in the sample city, and what is waiting there to be claimed, so that nobody meets an empty desk. */
import type { sampleActor } from '@chengxin/client'
import { publicPart } from '@chengxin/crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { isRefusal } from '@chengxin/kernel'
import { graduationType, type OfficeType, universityDomain } from '@chengxin/services'
import {
  type Field,
  graduationFields,
  type IssuerDeskOffice,
  type RegisterRow,
  readRegister,
  readSheet,
} from '@chengxin/services/issuer'
import { drivingLicenceType } from '@chengxin/services/sharing'
import { sampleRegister } from './register.ts'

type Names = OfficeType['display'] extends { readonly [language in infer L extends string]: unknown }
  ? { readonly [language in L]: string }
  : never

interface SampleIssuer {
  readonly office: Parameters<typeof sampleActor>[0]
  readonly names: Names
  readonly domain: string
  readonly builtIn: readonly {
    readonly type: OfficeType
    readonly fields: readonly Field[]
    readonly linkage: 'identified' | 'unlinkable'
  }[]
}

const licenceMeaning: { readonly [name: string]: Partial<Field> } = {
  birth_date: { kind: 'date', meaning: 'birth_date' },
  licence_number: { kind: 'code', isUnique: true },
  issued_on: { kind: 'date' },
  valid_until: { kind: 'date' },
}

export const sampleIssuers: readonly SampleIssuer[] = [
  {
    office: 'university',
    names: { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' },
    domain: universityDomain,
    builtIn: [{ type: graduationType, fields: graduationFields, linkage: 'identified' }],
  },
  {
    office: 'transport',
    names: {
      en: 'Transport Bureau',
      'zh-Hans': '交通事务局',
      'zh-Hant': '交通事務局',
      pt: 'Direcção dos Serviços de Transportes',
    },
    domain: 'transport.sample-city.example',
    builtIn: [{ type: drivingLicenceType, fields: fieldsOf(drivingLicenceType), linkage: 'unlinkable' }],
  },
]

/** The fields of a type that was written in code. */
function fieldsOf({ display }: OfficeType): readonly Field[] {
  return Object.keys(display.en.claims).map((name) => ({
    name,
    labels: {
      en: display.en.claims[name] ?? name,
      'zh-Hans': display['zh-Hans'].claims[name] ?? name,
      'zh-Hant': display['zh-Hant'].claims[name] ?? name,
      pt: display.pt.claims[name] ?? name,
    },
    kind: 'text',
    isRequired: true,
    ...licenceMeaning[name],
  }))
}

/** The resident whom visitors may be, among the graduates of this year. */
const chan =
  'DC2200096,陳大文,Chan Tai Man,1990-05-17,MSC,理學碩士,Mestrado em Ciências,Master of Science,電腦科學,Ciência da Computação,Computer Science,3.47,,2026-06-27'

/** Entitlements of the register's graduates, each under a document number of its own; made once, however often it is called. */
export async function enterSampleEntitlements({ office, entitlements }: IssuerDeskOffice): Promise<void> {
  if (office.office !== 'university') return
  const sheet = readSheet(`${sampleRegister}${chan}\n`)
  if ('faults' in sheet) throw new Error('The sample register cannot be read.')
  const columns = Object.fromEntries(graduationFields.map(({ name }) => [name, name]))
  const mapping = { columns, documentNumber: 'student_no', documentType: { always: 'resident_card' } }
  const { rows, faults } = readRegister(sheet, graduationFields, mapping)
  if (faults.length > 0) throw new Error('The sample register has faults.')
  await entitlements.make('import_sample-city', graduationType.typeId, rows.map(withNumber))
}

/** The first resident of the city has the number 1234567(8); nobody exists who has one of the others. */
function withNumber(row: RegisterRow, index: number, rows: readonly RegisterRow[]): RegisterRow {
  const isChan = index === rows.length - 1
  return { ...row, documentNumber: isChan ? '1234567(8)' : `9${String(100_000 + index)}(0)` }
}

/** Graduates who have fetched their certificates already, one key each that nobody keeps. */
const alreadyFetched = 3

/** Issues the first certificates, so that the university's desk is not empty; once, however often it is called. */
export async function issueFirstCertificates({ office, entitlements }: IssuerDeskOffice): Promise<void> {
  const { typeId } = graduationType
  if (office.office !== 'university' || (await entitlements.count(typeId, 'claimed')) > 0) return
  const first = (await entitlements.list(typeId)).slice(0, alreadyFetched)
  await Promise.all(
    first.map(async ({ entitlementId, entitlement }) => {
      await office.keepClaims(entitlementId, typeId, entitlement.claims)
      await entitlements.claim(entitlementId)
      const offer = await office.offer(entitlementId, typeId)
      if (isRefusal(offer)) return
      const holderKeys = [publicPart(generatePrivateJwk('ES256'))]
      const order = { orderId: `sample ${offer.offerId}`, subject: offer.offerId, configurationId: typeId, holderKeys }
      await office.fillOrder(order)
    }),
  )
}
