/**
 * The licences of a department whose officers keep its register at their own desk: rows that were taken in, and that a holder has
 * claimed with the bureau's certificate of identity. Before that nobody knows whose licence it is, so that nobody could be
 * asked or told, and it is not shared; nor is one whose certificate was suspended or revoked.
 */
import { isDid, type Json } from '@chengxin/kernel'
import { weidField } from '../issuer/desk/fields.ts'
import type { IssuerDeskOffice } from '../issuer/desk/office.ts'
import type { Claims } from '../issuer/office-records.ts'
import type { LicenceFacts } from './gbt-licence.ts'
import type { Catalogue, DocumentMark, Licence, LicenceRegister, LicenceSource } from './licence-source.ts'

export function issuedLicences(
  desks: readonly IssuerDeskOffice[],
  sources: readonly LicenceSource[],
): Pick<LicenceRegister, 'find'> {
  return {
    async find(typeId, document) {
      for (const source of sources) {
        const desk = desks.find(({ office }) => office.office === source.office)
        const found = source.type.typeId === typeId && desk && (await licenceOf(desk, source, document))
        if (found) return found
      }
      return undefined
    },
  }
}

/** The newest where a person was given several. */
async function licenceOf(
  { office, entitlements }: IssuerDeskOffice,
  source: LicenceSource,
  document: DocumentMark,
): Promise<Licence | undefined> {
  const { typeId } = source.type
  const found = await entitlements.findFor(document.type, document.number)
  const claimed = found.filter(({ entitlement }) => entitlement.typeId === typeId && entitlement.state === 'claimed')
  for (const { entitlementId } of claimed.toSorted((a, b) => b.entitlement.madeAtMs - a.entitlement.madeAtMs)) {
    const kept = await office.claimsOf(entitlementId, typeId)
    const { [weidField]: holder, ...claims } = kept ?? {}
    if (typeof holder !== 'string' || !isDid(holder)) continue
    const certificates = await office.recordsOf(entitlementId)
    if (certificates.length > 0 && !certificates.some(({ status }) => status === 'valid')) continue
    return { office: source.office, typeId, holder, claims, facts: factsOf(source, claims, document) }
  }
  return undefined
}

const usualElements = {
  number: 'licence_number',
  issuedOn: 'issued_on',
  validFrom: 'valid_from',
  validUntil: 'valid_until',
}

function factsOf(
  { office, names, type, catalogue }: LicenceSource,
  claims: Claims,
  document: DocumentMark,
): LicenceFacts {
  const { typeCode, issuerCode, elements }: Catalogue = catalogue ?? {
    typeCode: codeFrom(type.typeId.replace('type_', '')),
    issuerCode: codeFrom(office),
  }
  const named = { ...usualElements, ...elements }
  const valueOf = (field: string) => textOf(claims[field])
  const issuedOn = valueOf(named.issuedOn)
  return {
    typeCode,
    typeName: type.display['zh-Hant'].name,
    number: valueOf(named.number),
    issuerName: names['zh-Hant'] ?? names['en'] ?? office,
    issuerCode,
    holderName: textOf(claims['name']) || `${valueOf('family_name')} ${valueOf('given_name')}`.trim(),
    holderCode: document.number,
    holderCodeType: document.type,
    issuedOn,
    validFrom: valueOf(named.validFrom) || issuedOn,
    validUntil: valueOf(named.validUntil),
    version: 1,
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Identifiers are made of capitals and digits. */
function codeFrom(word: string): string {
  return word.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')
}
