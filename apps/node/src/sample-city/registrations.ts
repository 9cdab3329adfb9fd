/**
 * Who may ask for what in the sample city: an employment service that looks at degrees and driving licences with the holder's
 * consent, and a transport department that also has a law to rest on. Written to the ledger if it is not there yet, also
 * in a city that was founded before any of this existed.
 */
import {
  action,
  credentials,
  type GroupClient,
  governance,
  identity,
  proveIdentityKey,
  sampleActor,
} from '@chengxin/client'
import { sha256 } from '@chengxin/crypto'
import { type GroupId, toBase64url } from '@chengxin/kernel'
import { displayDocument, schemaDocument, universityDomain } from '@chengxin/services'
import { drivingLicenceType } from '@chengxin/services/sharing'
import { type Registration, registeredAs, registrationDocument } from '@chengxin/services/verifier'
import { claimingPurpose } from '../offices/claiming.ts'
import { ensureDone } from './first-day.ts'
import { officeCertificate } from './office-certificate.ts'

export const verifierOffices = ['verifier', 'transport', 'university'] as const
export type VerifierOfficeName = (typeof verifierOffices)[number]

const organisations: { readonly [office in VerifierOfficeName]: string } = {
  verifier: 'Sample City Employment Service 示例城就業服務處',
  transport: 'Sample City Transport Bureau 示例城交通事務局',
  university: 'Sample City University 示例城大學',
}

const texts: { readonly [office in VerifierOfficeName]: Pick<Registration, 'domain' | 'names' | 'purposes'> } = {
  verifier: {
    domain: 'employment.sample-city.example',
    names: {
      en: 'Employment Service',
      'zh-Hans': '就业服务处',
      'zh-Hant': '就業服務處',
      pt: 'Serviço de Emprego',
    },
    purposes: [
      {
        purposeId: 'job-application',
        texts: {
          en: 'Confirming a degree for a job application',
          'zh-Hans': '求职时核实学历',
          'zh-Hant': '求職時核實學歷',
          pt: 'Confirmar um grau académico numa candidatura a emprego',
        },
        ground: { kind: 'consent' },
        keepDays: 90,
        types: [
          {
            typeId: 'type_graduation-v1',
            fields: [
              'name_zh',
              'name_latin',
              'degree_zh',
              'degree_pt',
              'degree_en',
              'major_zh',
              'major_pt',
              'major_en',
              'conferred_on',
            ],
          },
        ],
      },
      {
        purposeId: 'driver-hiring',
        texts: {
          en: 'Confirming a driving licence before hiring a driver',
          'zh-Hans': '聘用司机前核实驾驶执照',
          'zh-Hant': '聘用司機前核實駕駛執照',
          pt: 'Confirmar a carta de condução antes de contratar um condutor',
        },
        ground: { kind: 'consent' },
        keepDays: 30,
        types: [{ typeId: 'type_driving-licence', fields: ['family_name', 'given_name', 'categories', 'valid_until'] }],
      },
      {
        purposeId: 'public-transport-safety',
        texts: {
          en: 'Yearly check of licences of drivers in public transport',
          'zh-Hans': '公共交通司机执照年度核查',
          'zh-Hant': '公共交通司機執照年度核查',
          pt: 'Verificação anual das cartas dos condutores de transportes públicos',
        },
        // An example: the sample city has no laws, and this names none of Macau's.
        ground: { kind: 'law', reference: 'Sample City Labour Act, art. 9' },
        keepDays: 30,
        types: [{ typeId: 'type_driving-licence', fields: ['categories', 'valid_until'] }],
      },
    ],
  },
  transport: {
    domain: 'transport.sample-city.example',
    names: {
      en: 'Transport Bureau',
      'zh-Hans': '交通事务局',
      'zh-Hant': '交通事務局',
      pt: 'Direcção dos Serviços de Transportes',
    },
    purposes: [
      claimingPurpose,
      {
        purposeId: 'licence-application',
        texts: {
          en: 'Processing an application for a professional licence',
          'zh-Hans': '办理专业执照申请',
          'zh-Hant': '辦理專業執照申請',
          pt: 'Tratar um pedido de licença profissional',
        },
        ground: { kind: 'consent' },
        keepDays: 180,
        types: [
          {
            typeId: 'type_graduation-v1',
            fields: ['name_zh', 'name_latin', 'degree_en', 'degree_zh', 'degree_pt', 'conferred_on'],
          },
        ],
      },
      {
        purposeId: 'road-safety',
        texts: {
          en: 'Checking a licence after a road accident',
          'zh-Hans': '交通事故后核查执照',
          'zh-Hant': '交通意外後核查執照',
          pt: 'Verificar uma licença depois de um acidente de viação',
        },
        // An example: the sample city has no laws, and this names none of Macau's.
        ground: { kind: 'law', reference: 'Sample City Road Act, art. 12' },
        keepDays: 30,
        types: [{ typeId: 'type_graduation-v1', fields: ['name_zh', 'name_latin', 'conferred_on'] }],
      },
    ],
  },
  university: {
    domain: universityDomain,
    names: { en: 'University', 'zh-Hans': '大学', 'zh-Hant': '大學', pt: 'Universidade' },
    purposes: [claimingPurpose],
  },
}

/** The certificate that an office asks and signs with. */
export function verifierCertificate(office: VerifierOfficeName): Uint8Array {
  return officeCertificate(office, organisations[office], texts[office].domain)
}

export function sampleRegistration(office: VerifierOfficeName): Registration {
  const clientId = `x509_hash:${toBase64url(sha256(verifierCertificate(office)))}`
  return { v: 1, verifier: sampleActor(office).did, clientIds: [clientId], ...texts[office] }
}

/** Brings the offices in, registers them and publishes what they registered with; leaves alone what is as it should be. */
export async function registerVerifiers(group: GroupClient): Promise<void> {
  await bringIn(group)
  await appointKeeper(group)
  await defineDrivingLicence(group)
  for (const office of verifierOffices) {
    const { text, hash } = registrationDocument(sampleRegistration(office))
    const { did: verifier } = sampleActor(office)
    if ((await registeredAs(group, verifier))?.registrationHash !== hash) {
      const args = { verifier, domain: texts[office].domain, registrationHash: hash }
      const { height } = await ensureDone(group, 'issuer-authority', [action(credentials.registerVerifier, args)])
      if (height !== undefined) await group.readModelReached(height)
    }
    await group.putDocument(hash, text, 'application/json')
  }
}

/** The type that the transport bureau answers for, and its right to issue it. */
async function defineDrivingLicence(group: GroupClient): Promise<void> {
  const { typeId } = drivingLicenceType
  const [schema, display] = [schemaDocument(drivingLicenceType), displayDocument(drivingLicenceType)]
  const { did: issuer } = sampleActor('transport')
  const args = { issuer, typeId, domain: texts.transport.domain }
  const { issuers } = (await group.get(`/issuers?typeId=${typeId}`)) as { readonly issuers: readonly unknown[] }
  if (issuers.length === 0) {
    const defined = { typeId, schemaHash: schema.hash, displayHash: display.hash }
    await ensureDone(group, 'issuer-authority', [action(credentials.defineType, defined)])
    const { height } = await ensureDone(group, 'issuer-authority', [action(credentials.authoriseIssuer, args)])
    if (height !== undefined) await group.readModelReached(height)
  }
  for (const { hash, text } of [schema, display]) await group.putDocument(hash, text, 'application/json')
}

/** Two of the committee's three agree; later starts find that the role is held. */
async function appointKeeper(group: GroupClient): Promise<void> {
  const { did, member } = sampleActor('statement-keeper')
  const { roles } = (await group.get(`/roles?role=statement_keeper`)) as { readonly roles: readonly { did: string }[] }
  if (roles.some((role) => role.did === did)) return
  const proposalId = 'proposal_first-day-statement-keeper'
  const change = { kind: 'grantRole', role: 'statement_keeper', did, member } as const
  await ensureDone(group, 'identity-bureau-admin', [action(governance.proposeChange, { proposalId, change })])
  await ensureDone(group, 'city-office-admin', [action(governance.approveChange, { proposalId })])
}

async function bringIn(group: GroupClient): Promise<void> {
  for (const name of [...verifierOffices, 'statement-keeper'] as const) {
    const { did, signer } = sampleActor(name)
    if ((await group.find(`/dids/${encodeURIComponent(did)}`)) !== undefined) continue
    const proven = await proveIdentityKey(group.groupId as GroupId, signer)
    await ensureDone(group, 'registrar', [action(identity.create, { did, ...proven })])
  }
}
