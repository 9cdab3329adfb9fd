/** The certificate of graduation of the sample city: its fields, and how they are called in four languages. */
import type { Json } from '@chengxin/kernel'
import { type CertificateType, type Wording } from '../issuer/certificate-type.ts'
import { type Graduate, graduateColumns } from '../issuer/graduates.ts'

const claims = [...graduateColumns, 'weid'] as const

export const graduationType: CertificateType = {
  typeId: 'type_graduation-v1',
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Certificate of graduation',
    type: 'object',
    properties: Object.fromEntries(claims.map((name): [string, Json] => [name, { type: 'string', maxLength: 120 }])),
    additionalProperties: false,
  },
  display: {
    en: wording('Certificate of graduation', [
      'Student number',
      'Name in Chinese',
      'Name',
      'Date of birth',
      'Degree code',
      'Degree (Chinese)',
      'Degree (Portuguese)',
      'Degree',
      'Major (Chinese)',
      'Major (Portuguese)',
      'Major',
      'Grade point average',
      'Honours',
      'Conferred on',
      'Holder’s DID',
    ]),
    'zh-Hans': wording('毕业证书', [
      '学生证号',
      '姓名',
      '姓名（拉丁字母）',
      '出生日期',
      '学位代码',
      '学位',
      '学位（葡文）',
      '学位（英文）',
      '专业',
      '专业（葡文）',
      '专业（英文）',
      '平均绩点',
      '荣誉等级',
      '授予日期',
      '持有人分布式标识',
    ]),
    'zh-Hant': wording('畢業證書', [
      '學生證編號',
      '姓名',
      '姓名（拉丁字母）',
      '出生日期',
      '學位代碼',
      '學位',
      '學位（葡文）',
      '學位（英文）',
      '專業',
      '專業（葡文）',
      '專業（英文）',
      '平均積點',
      '榮譽等級',
      '頒授日期',
      '持有人分散式識別碼',
    ]),
    pt: wording('Certificado de conclusão de curso', [
      'Número de estudante',
      'Nome em chinês',
      'Nome',
      'Data de nascimento',
      'Código do grau',
      'Grau (chinês)',
      'Grau',
      'Grau (inglês)',
      'Especialidade (chinês)',
      'Especialidade',
      'Especialidade (inglês)',
      'Média ponderada',
      'Menção honrosa',
      'Data de conferição',
      'DID do titular',
    ]),
  },
}

function wording(name: string, labels: readonly string[]): Wording {
  return { name, claims: Object.fromEntries(claims.map((claim, index) => [claim, labels[index] as string])) }
}

/** What a certificate says of a graduate. Empty fields are left out: there is nothing to disclose. */
export function graduationClaims({ values }: Graduate, weid: string): { readonly [name: string]: Json } {
  const filled = Object.entries<string>(values).filter(([, value]) => value !== '')
  return { ...Object.fromEntries(filled), weid }
}
