/**
 * The document that founds the sample city: three organisations with certificates of a city authority, a committee of
 * which two must agree, and a registrar. Every private key in it can be computed by anyone, but for the log and
 * cosigner keys of the member that this node is.
 */
import {
  type SampleMember,
  type SampleName,
  sampleActor,
  sampleChainId,
  sampleCommittee,
  sampleMembers,
  sampleNames,
  samplePrivateKey,
  sampleThreshold,
} from '@chengxin/client'
import { type CertificateSubject, issueCertificate, type PublicJwk, publicPart } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { canonicalize, type Hash, type Json, type TimeMs, toBase64url } from '@chengxin/kernel'
import { Fault, type GenesisDocument, genesisSchema } from '@chengxin/module-kit'
import type { MemberKeys } from '../member-keys.ts'

export interface SampleGenesisOptions {
  readonly publicUrl: string
  readonly atMs: number
  readonly ruleset: { readonly version: string; readonly hash: Hash }
  /** Keys of the member that this node is. */
  readonly memberKeys: MemberKeys
}

export const sampleGroupName = 'sample-city'
/** The member whose node this is. */
export const sampleNodeMember: SampleMember = 'member_city_office'

/** Members of the sample city as their certificates name them, and who administers each. */
const organisations: { readonly [member in SampleMember]: readonly [organisation: string, admin: SampleName] } = {
  member_identity_bureau: ['Sample City Identity Bureau 示例城身份證明局', 'identity-bureau-admin'],
  member_university: ['Sample City University 示例城大學', 'university-admin'],
  member_city_office: ['Sample City Office 示例城市政署', 'city-office-admin'],
}

/** Who acts for the organisations is there from the beginning, under the one that answers for them. */
const officers: readonly SampleName[] = sampleNames.filter((name) => !name.startsWith('resident-'))

const authority: CertificateSubject = {
  organizationName: 'Sample City',
  commonName: 'Sample City Certificate Authority',
}
const yearMs = 365 * 86_400_000

/** The genesis as canonical JSON: the bytes whose hash names the group. */
export function sampleGenesis({ publicUrl, atMs, ruleset, memberKeys }: SampleGenesisOptions): string {
  const url = new URL(publicUrl)
  const { ca, certificateOf } = certificates(atMs)
  const document: GenesisDocument = {
    v: 1,
    chainId: sampleChainId,
    origin: `${url.host === `localhost:${url.port}` ? 'localhost' : url.host}/groups/${sampleGroupName}`,
    name: 'Sample City 示例城',
    suite: 'intl',
    createdAtMs: atMs as TimeMs,
    readPolicy: 'public',
    stateRootEvery: 8192,
    ruleset,
    ca,
    members: sampleMembers.map((memberId) => ({
      memberId,
      certificate: certificateOf(memberId),
      adminDids: [sampleActor(organisations[memberId][1]).did],
      logKey: memberKey(memberId, 'log', memberKeys),
      cosignerKey: memberKey(memberId, 'cosigner', memberKeys),
    })),
    committee: { dids: sampleCommittee.map((name) => sampleActor(name).did), threshold: sampleThreshold },
    identities: officers.map(sampleActor).map(({ did, jwk: key, member: sponsor }) => ({ did, key, sponsor })),
    webauthn: [{ rpId: url.hostname, origins: [url.origin] }],
  }
  const text = canonicalize(document)
  const checked = genesisSchema.decode(JSON.parse(text) as Json)
  if (checked instanceof Fault)
    throw new Error(`The sample city's genesis is wrong at ${checked.at}: ${checked.expected}.`)
  return text
}

/** This node's keys are its own; the other two members run no node, so that theirs may be public like all the rest. */
function memberKey(memberId: SampleMember, duty: keyof MemberKeys, keys: MemberKeys): PublicJwk {
  return publicPart(memberId === sampleNodeMember ? keys[duty] : samplePrivateKey(`${duty}:${memberId}`, 'EdDSA'))
}

function certificates(atMs: number) {
  const { jwk, sign } = createSigner(samplePrivateKey('certificate-authority', 'ES256'))
  const issue = (subject: CertificateSubject, subjectKey: PublicJwk, years: number, isCa: boolean) =>
    toBase64url(
      issueCertificate(
        {
          subject,
          jwk: subjectKey,
          serial: serialNumber(),
          // A clock that lags a little should not find a certificate that begins tomorrow.
          notBeforeMs: atMs - 3_600_000,
          notAfterMs: atMs + years * yearMs,
          isCa,
        },
        { subject: authority, jwk, sign },
      ),
    )
  return {
    ca: issue(authority, jwk, 20, true),
    certificateOf: (memberId: SampleMember) => {
      const subjectKey = publicPart(samplePrivateKey(`certificate:${memberId}`, 'ES256'))
      return issue({ organizationName: organisations[memberId][0], commonName: memberId }, subjectKey, 5, false)
    },
  }
}

/** Sixteen random bytes, the first neither zero nor negative, so that every number has the same length. */
function serialNumber(): Uint8Array {
  const serial = crypto.getRandomValues(new Uint8Array(16))
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}
