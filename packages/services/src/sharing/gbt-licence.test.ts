import { expect, test } from 'vitest'
import { checkCharacter, licenceIdentifier, metadataOf } from './gbt-licence.ts'

const facts = {
  typeCode: 'DL01',
  typeName: 'Driving licence',
  number: 'DL-2024/000123',
  issuerName: 'Transport Bureau',
  issuerCode: 'SC000000TRANSPORT1',
  holderName: 'Chan',
  holderCode: '12345678',
  holderCodeType: 'BIR',
  issuedOn: '2024-03-01',
  validFrom: '2024-03-01',
  validUntil: '2034-02-28',
  version: 1,
}

/** The example of the GRid standard (IFPI), whose check character is made the same way. */
test('the check character is that of ISO/IEC 7064 MOD 37,36', () => {
  expect(checkCharacter('A12425GABC1234002')).toBe('M')
})

test('an identifier ends with a check character, and a swapped digit changes it', () => {
  const identifier = licenceIdentifier(facts)
  expect(identifier).toMatch(/^1\.2\.156\.3005\.2\.DL01\.SC000000TRANSPORT1\.DL2024000123\.001\.[0-9A-Z]$/)
  expect(licenceIdentifier({ ...facts, number: 'DL-2024/000132' }).at(-1)).not.toBe(identifier.at(-1))
})

test('every element of the metadata has its name in the standard’s language and a value', () => {
  for (const { name, gbtName, value } of metadataOf(facts)) {
    expect(name).toMatch(/^[a-zA-Z]+$/)
    expect(gbtName).toMatch(/^\p{Script=Han}+$/u)
    expect(value.length).toBeGreaterThan(0)
  }
})
