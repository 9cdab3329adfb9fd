/**
 * The sample city: a deployment with the chain id `sample` whose private keys everybody can compute, so that anyone can
 * try every role. Nothing there is worth anything; a genesis with another chain id must never name these keys, and the
 * node refuses to make one that does.
 */
import {
  deriveDid,
  type PrivateJwk,
  type PublicJwk,
  privateJwkFrom,
  publicPart,
  type SignatureAlgorithm,
  sha256,
} from '@chengxin/crypto'
import { type Did, toUtf8 } from '@chengxin/kernel'
import { firstKeyId, type Signer, signerFromPrivateJwk } from './signer.ts'

export const sampleChainId = 'sample'

export const sampleMembers = ['member_identity_bureau', 'member_university', 'member_city_office'] as const
export type SampleMember = (typeof sampleMembers)[number]

/** Who lives in the sample city: the name a key derives from, the member that stands for the DID, the kind of key. */
const cast = {
  /** The committee: two of these three change members, roles and rules. */
  'identity-bureau-admin': ['member_identity_bureau', 'EdDSA'],
  'university-admin': ['member_university', 'EdDSA'],
  'city-office-admin': ['member_city_office', 'EdDSA'],
  /** Brings identities in (role `registrar`). */
  registrar: ['member_identity_bureau', 'EdDSA'],
  /** Confirms who stands behind an identity (role `identity_bureau`). */
  'identity-bureau': ['member_identity_bureau', 'EdDSA'],
  /** Sit at the bureau’s counter and sign there, each alone (role `counter_officer`). */
  'bureau-clerk': ['member_identity_bureau', 'EdDSA'],
  'bureau-second-officer': ['member_identity_bureau', 'EdDSA'],
  /** Signs the bureau’s identity certificates, and so has a P-256 key. */
  'bureau-issuer': ['member_identity_bureau', 'ES256'],
  /** Defines types of certificates and says who may issue them (role `issuer_authority`). */
  'issuer-authority': ['member_city_office', 'EdDSA'],
  /** Issues certificates, and so has a P-256 key. */
  university: ['member_university', 'ES256'],
  /** Issues driving licences, and asks other departments for certificates; so it has a P-256 key. */
  transport: ['member_city_office', 'ES256'],
  /** Asks holders for certificates, and signs reports of what it was shown. */
  verifier: ['member_city_office', 'ES256'],
  /** Residents let it hold and show their certificates, each time on their word. */
  'user-agent': ['member_city_office', 'EdDSA'],
  /** Anchors consents and accesses of all parties together (role `statement_keeper`). */
  'statement-keeper': ['member_city_office', 'EdDSA'],
  /** Runs the points programme (role `points_operator`). */
  'points-operator': ['member_city_office', 'EdDSA'],
  /** Residents, each with a DID for the wallet that points lie in. */
  'resident-chan': ['member_identity_bureau', 'EdDSA'],
  'resident-leong': ['member_identity_bureau', 'EdDSA'],
  'resident-silva': ['member_identity_bureau', 'EdDSA'],
} as const satisfies Record<string, readonly [SampleMember, SignatureAlgorithm]>

export type SampleName = keyof typeof cast
export const sampleNames = Object.keys(cast) as readonly SampleName[]
export const sampleCommittee = ['identity-bureau-admin', 'university-admin', 'city-office-admin'] as const
export const sampleThreshold = 2

export interface SampleActor {
  readonly name: string
  readonly member: SampleMember
  readonly did: Did
  readonly jwk: PublicJwk
  readonly privateJwk: PrivateJwk
  readonly signer: Signer
}

/** Someone of the cast, with the key that everybody can compute. */
export function sampleActor(name: SampleName): SampleActor {
  const [member, algorithm] = cast[name]
  return sampleActorNamed(name, member, algorithm)
}

/** Anyone else that a scenario needs, such as the holder of a row in a file: another name, another key. */
export function sampleActorNamed(name: string, member: SampleMember, algorithm: SignatureAlgorithm): SampleActor {
  const privateJwk = samplePrivateKey(name, algorithm)
  const jwk = publicPart(privateJwk)
  const did = deriveDid(sha256, sampleChainId, jwk)
  return { name, member, did, jwk, privateJwk, signer: signerFromPrivateJwk(privateJwk, { did, keyId: firstKeyId }) }
}

/** The public key by which a persona who has no DID on the ledger gives their word at a desk. */
export function personaActor(persona: string): SampleActor {
  return sampleActorNamed(`persona ${persona}`, 'member_university', 'EdDSA')
}

/** The key of a name: SHA-256 of a public sentence and the name is the Ed25519 seed or the P-256 scalar. */
export function samplePrivateKey(name: string, algorithm: SignatureAlgorithm): PrivateJwk {
  const secret = sha256(toUtf8(`chengxin sample city v1 — these keys are public\n${name}`))
  return privateJwkFrom(algorithm, secret)
}
