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
import { type CertificateSubject, deriveDid, issueCertificate, type PublicJwk, publicPart } from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Hash, type Json, type TimeMs, toBase64url } from '@chengxin/kernel'
import { Fault, type GenesisDocument, type GenesisMember, genesisSchema } from '@chengxin/module-kit'
import type { MemberKeys } from '../member-keys.ts'

interface SampleFounding {
  readonly publicUrl: string
  readonly atMs: number
  readonly ruleset: { readonly version: string; readonly hash: Hash }
}

export interface SampleGenesisOptions extends SampleFounding {
  /** Keys of the member that this node is. */
  readonly memberKeys: MemberKeys
}

/** The public keys that a member brings to a founding; the last two where members order together. */
export interface FoundingKeys {
  readonly logKey: PublicJwk
  readonly cosignerKey: PublicJwk
  readonly validatorKey?: PublicJwk
  readonly peerId?: string
}

export interface SharedGenesisOptions extends SampleFounding {
  /** In the order in which they vote; the city's three organisations are among them. */
  readonly members: ReadonlyMap<string, FoundingKeys>
  /** Where the members' portals are: passkeys made at one are accepted by all. */
  readonly origins: readonly string[]
}

export const sampleGroupName = 'sample-city'
/** The member whose node this is. */
export const sampleNodeMember: SampleMember = 'member_city_office'

/** Organisations of the sample city as their certificates name them, and who administers each. */
const organisations: { readonly [member: string]: readonly [organisation: string, admin: string] } = {
  member_identity_bureau: ['Sample City Identity Bureau 示例城身份證明局', 'identity-bureau-admin'],
  member_university: ['Sample City University 示例城大學', 'university-admin'],
  member_city_office: ['Sample City Office 示例城市政署', 'city-office-admin'],
  member_housing_bureau: ['Sample City Housing Bureau 示例城房屋局', 'housing-bureau-admin'],
  member_transport_bureau: ['Sample City Transport Bureau 示例城交通局', 'transport-bureau-admin'],
  member_city_bank: ['Sample City Bank 示例城銀行', 'city-bank-admin'],
  member_property_union: ['Sample City Owners’ Union 示例城業主聯會', 'property-union-admin'],
} satisfies { readonly [member in SampleMember]: readonly [string, SampleName] } & {
  readonly [member: string]: readonly [string, string]
}

/** Organisations that may order together; the first three are in every sample city. */
export const sampleOrganisations = Object.keys(organisations)

/** Who acts for the organisations is there from the beginning, under the one that answers for them. */
const officers: readonly SampleName[] = sampleNames.filter((name) => !name.startsWith('resident-'))

/** Who signs the certificates of organisations and offices. */
export const sampleAuthority: CertificateSubject = {
  organizationName: 'Sample City',
  commonName: 'Sample City Certificate Authority',
}
const yearMs = 365 * 86_400_000

/** The genesis of a city that one node keeps alone, as canonical JSON: the bytes whose hash names the group. */
export function sampleGenesis({ memberKeys, ...founding }: SampleGenesisOptions): string {
  const keysOf = (memberId: SampleMember): FoundingKeys => ({
    logKey: memberKey(memberId, 'log', memberKeys),
    cosignerKey: memberKey(memberId, 'cosigner', memberKeys),
  })
  const members = new Map(sampleMembers.map((memberId) => [memberId, keysOf(memberId)]))
  return sharedSampleGenesis({ ...founding, members, origins: [founding.publicUrl] })
}

/** The genesis of a city that several members keep together, each with keys that it made itself. */
export function sharedSampleGenesis({ publicUrl, atMs, ruleset, members, origins }: SharedGenesisOptions): string {
  const url = new URL(publicUrl)
  const { ca, certificateOf } = certificates(atMs)
  const admins = [...members.keys()].map(adminOf)
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
    members: [...members].map(([memberId, keys]) => ({
      memberId: memberId as GenesisMember['memberId'],
      certificate: certificateOf(memberId),
      adminDids: [adminOf(memberId).did],
      ...keys,
    })),
    committee: { dids: sampleCommittee.map((name) => sampleActor(name).did), threshold: sampleThreshold },
    identities: [
      ...officers.map(sampleActor).map(({ did, jwk: key, member: sponsor }) => ({ did, key, sponsor })),
      ...admins
        .filter(({ name }) => !officers.some((officer) => officer === name))
        .map(({ name: _name, ...one }) => one),
    ],
    webauthn: [{ rpId: url.hostname, origins: [...new Set(origins.map((origin) => new URL(origin).origin))] }],
  }
  const text = canonicalize(document)
  const checked = genesisSchema.decode(JSON.parse(text) as Json)
  if (checked instanceof Fault)
    throw new Error(`The sample city's genesis is wrong at ${checked.at}: ${checked.expected}.`)
  return text
}

/** Who administers a member, with a key that everybody can compute. */
function adminOf(memberId: string) {
  const [, name = memberId] = organisations[memberId] ?? []
  const key = publicPart(samplePrivateKey(name, 'EdDSA'))
  return { name, did: deriveDid(sha256, sampleChainId, key), key, sponsor: memberId as GenesisMember['memberId'] }
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
        { subject: sampleAuthority, jwk, sign },
      ),
    )
  return {
    ca: issue(sampleAuthority, jwk, 20, true),
    certificateOf: (memberId: string) => {
      const subjectKey = publicPart(samplePrivateKey(`certificate:${memberId}`, 'ES256'))
      return issue(
        { organizationName: organisations[memberId]?.[0] ?? memberId, commonName: memberId },
        subjectKey,
        5,
        false,
      )
    },
  }
}

/** Sixteen random bytes, the first neither zero nor negative, so that every number has the same length. */
function serialNumber(): Uint8Array {
  const serial = crypto.getRandomValues(new Uint8Array(16))
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}
