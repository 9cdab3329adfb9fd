/** The driving licence of the sample city: its fields, and how they are called in four languages. */
import type { Json } from '@chengxin/kernel'
import type { CertificateType } from '../issuer/certificate-type.ts'

const claims = [
  'family_name',
  'given_name',
  'birth_date',
  'licence_number',
  'categories',
  'issued_on',
  'valid_until',
] as const

export const drivingLicenceType: CertificateType = {
  typeId: 'type_driving-licence',
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Driving licence',
    type: 'object',
    properties: Object.fromEntries(claims.map((name): [string, Json] => [name, { type: 'string', maxLength: 120 }])),
    additionalProperties: false,
  },
  display: {
    en: wording('Driving licence', [
      'Family name',
      'Given name',
      'Date of birth',
      'Licence number',
      'Categories',
      'Issued on',
      'Valid until',
    ]),
    'zh-Hans': wording('驾驶执照', ['姓', '名', '出生日期', '执照编号', '准驾车型', '签发日期', '有效期至']),
    'zh-Hant': wording('駕駛執照', ['姓', '名', '出生日期', '執照編號', '准駕車輛類別', '簽發日期', '有效期至']),
    pt: wording('Carta de condução', [
      'Apelido',
      'Nome próprio',
      'Data de nascimento',
      'Número da carta',
      'Categorias',
      'Emitida em',
      'Válida até',
    ]),
  },
}

function wording(name: string, labels: readonly string[]) {
  return { name, claims: Object.fromEntries(claims.map((claim, index) => [claim, labels[index] as string])) }
}
