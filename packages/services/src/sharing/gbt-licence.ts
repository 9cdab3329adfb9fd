/**
 * A licence in the words of the national standards for electronic licences: metadata (GB/T 36903-2018) and identifier (GB/T
 * 36904-2018). **Draft**: the texts of both standards were not at hand, only their scopes and what public catalogues say of
 * them, so that no clause is cited and a system that must conform has to be compared with the texts first.
 */
export const gbtDraft = {
  standards: ['GB/T 36903-2018', 'GB/T 36904-2018', 'GB/T 36906-2018'],
  status: 'draft',
  reason: 'The texts of the standards were not read; names and order follow public descriptions and cite no clause.',
} as const

export interface LicenceFacts {
  /** Code of the kind of licence in the city's catalogue. */
  readonly typeCode: string
  readonly typeName: string
  readonly number: string
  readonly issuerName: string
  /** The issuer's code as an organisation; the sample city makes its own. */
  readonly issuerCode: string
  readonly holderName: string
  readonly holderCode: string
  readonly holderCodeType: string
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string
  readonly version: number
}

export interface MetadataElement {
  readonly name: string
  readonly gbtName: string
  readonly value: string
}

/** Our name of each element, what the standard is described to call it, and the value. */
export function metadataOf(facts: LicenceFacts): readonly MetadataElement[] {
  const element = (name: string, gbtName: string, value: string) => ({ name, gbtName, value })
  return [
    element('licenceTypeName', '证照类型名称', facts.typeName),
    element('licenceTypeCode', '证照类型代码', facts.typeCode),
    element('licenceNumber', '证照编号', facts.number),
    element('licenceIdentifier', '证照标识', licenceIdentifier(facts)),
    element('issuer', '证照颁发机构', facts.issuerName),
    element('issuerCode', '证照颁发机构代码', facts.issuerCode),
    element('issuedOn', '证照颁发日期', facts.issuedOn),
    element('holder', '持证主体', facts.holderName),
    element('holderCode', '持证主体代码', facts.holderCode),
    element('holderCodeType', '持证主体代码类型', facts.holderCodeType),
    element('validFrom', '证照有效期起始日期', facts.validFrom),
    element('validUntil', '证照有效期截止日期', facts.validUntil),
  ]
}

/** Described as a root for electronic licences, then parts joined by full stops; the last is a check character. */
const identifierRoot = '1.2.156.3005.2'

export function licenceIdentifier({ typeCode, issuerCode, number, version }: LicenceFacts): string {
  const parts = [
    typeCode,
    issuerCode,
    number.toUpperCase().replaceAll(/[^0-9A-Z]/g, ''),
    String(version).padStart(3, '0'),
  ]
  return [identifierRoot, ...parts, checkCharacter(parts.join(''))].join('.')
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** ISO/IEC 7064 MOD 37,36, which GB/T 17710 takes over: one character after digits and capital letters. */
export function checkCharacter(text: string): string {
  let product = 36
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new Error('A licence’s identifier holds digits and capital letters only.')
    product = (((product + value) % 36 || 36) * 2) % 37
  }
  return alphabet[(37 - product) % 36] as string
}
