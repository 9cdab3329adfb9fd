/**
 * What an organisation gives to the others before a group is founded: its name and addresses, the public halves of keys
 * that it has just made, and proofs that it holds the others. Private halves stay in the keystore of its node.
 */
import {
  deriveDid,
  type PrivateJwk,
  type PublicJwk,
  parsePublicJwk,
  publicPart,
  requestCertificate,
} from '@chengxin/crypto'
import { createSigner, createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, fromBase64url, isRefusal, toBase64url, toUtf8 } from '@chengxin/kernel'
import { peerId } from '@chengxin/ledger'
import { openMemberKeys, openOrMakeKey } from '../member-keys.ts'
import { openEngineKeys } from './engine-keys.ts'
import { provenMemberKey } from './rotation.ts'

export interface MemberOffer {
  readonly v: 1
  /** The deployment that the group belongs to: part of every DID. */
  readonly chainId: string
  readonly memberId: string
  /** As its certificate will name it. */
  readonly organisation: string
  /** Where its node is reached. */
  readonly url: string
  /** Where its engine is reached. */
  readonly engine: { readonly host: string; readonly port: number }
  /** Of the person who sits on the committee for it. */
  readonly adminKey: PublicJwk
  readonly logKey: PublicJwk
  readonly cosignerKey: PublicJwk
  readonly validatorKey: PublicJwk
  /** The engine's id among its peers (hex). */
  readonly peerId: string
  /** By duty, the key's own signature over the deployment, the member and the duty. */
  readonly proofs: { readonly [duty in Duty]: string }
}

export class OfferFault extends Error {
  override readonly name = 'OfferFault'
}

const duties = ['admin', 'log', 'cosigner', 'validator'] as const
type Duty = (typeof duties)[number]

export type OfferFacts = Pick<MemberOffer, 'chainId' | 'memberId' | 'organisation' | 'url' | 'engine'>

export interface MadeOffer {
  readonly offer: MemberOffer
  /** A PKCS #10 request to the group's authority (PEM). */
  readonly certificateRequest: string
}

/** Makes the keys that are missing, in the node's keystore, and states their public halves. */
export async function makeOffer(
  facts: OfferFacts,
  keysDirectory: string,
  passphrase: string | undefined,
): Promise<MadeOffer> {
  const { log, cosigner } = await openMemberKeys(keysDirectory, passphrase)
  const { validator, node } = await openEngineKeys(keysDirectory, passphrase)
  const didOf = (key: PublicJwk) => deriveDid(sha256, facts.chainId, key)
  const admin = await openOrMakeKey(keysDirectory, 'admin', passphrase, didOf)
  const certificate = createSigner(await openOrMakeKey(keysDirectory, 'certificate', passphrase))
  const keys = { admin, log, cosigner, validator }
  const proof = (duty: Duty) => toBase64url(createSigner(keys[duty]).sign(statementOf(facts, duty)))
  const subject = { organizationName: facts.organisation, commonName: facts.memberId }
  const { jwk, sign } = certificate
  return {
    offer: {
      v: 1,
      ...facts,
      adminKey: publicPart(admin),
      logKey: publicPart(log),
      cosignerKey: publicPart(cosigner),
      validatorKey: publicPart(validator),
      peerId: peerId(node),
      proofs: { admin: proof('admin'), log: proof('log'), cosigner: proof('cosigner'), validator: proof('validator') },
    },
    certificateRequest: pemOf('CERTIFICATE REQUEST', requestCertificate({ subject, jwk, sign })),
  }
}

/** What the committee of a group is asked to pass, so that this organisation joins: with proofs over that very group. */
export async function admissionOf(
  offer: MemberOffer,
  group: string,
  certificate: Uint8Array,
  keysDirectory: string,
  passphrase: string | undefined,
) {
  const { log, cosigner } = await openMemberKeys(keysDirectory, passphrase)
  const { validator } = await openEngineKeys(keysDirectory, passphrase)
  const { memberId, chainId, adminKey } = offer
  const proven = (key: PrivateJwk, duty: string) => provenMemberKey(key, group, memberId, duty)
  return {
    kind: 'admitMember',
    memberId,
    certificate: toBase64url(certificate),
    adminDids: [deriveDid(sha256, chainId, adminKey)],
    logKey: proven(log, 'log'),
    cosignerKey: proven(cosigner, 'cosigner'),
    validatorKey: proven(validator, 'validator'),
    peerId: Buffer.from(offer.peerId, 'hex').toString('base64url'),
  }
}

export function encodeOffer(offer: MemberOffer): string {
  return `${canonicalize(offer)}\n`
}

/** Throws `OfferFault` for what is no offer, or does not prove that whoever made it holds the keys. */
export function parseOffer(text: string, file: string): MemberOffer {
  const fail = (sentence: string) => new OfferFault(`${file} is no offer of a member: ${sentence}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw fail('it is not JSON')
  }
  const wrong = wrongIn(value)
  if (wrong !== undefined) throw fail(`${wrong} is missing or wrong`)
  const offer = value as MemberOffer
  const { verify } = createVerifier()
  for (const duty of duties) {
    const signature = fromBase64url(offer.proofs[duty])
    const isProven = signature?.length === 64 && verify(offer[`${duty}Key`], statementOf(offer, duty), signature)
    if (!isProven) throw fail(`its ${duty} key is not proven`)
  }
  return offer
}

function statementOf({ chainId, memberId }: OfferFacts, duty: Duty): Uint8Array {
  return toUtf8(`chengxin-member-offer-v1\n${chainId}\n${memberId}\n${duty}`)
}

/** The name of the first member that is not as it should be. */
function wrongIn(value: unknown): string | undefined {
  const offer = (typeof value === 'object' && value !== null ? value : {}) as { readonly [name: string]: unknown }
  const engine = (offer['engine'] ?? {}) as { readonly host?: unknown; readonly port?: unknown }
  const proofs = (offer['proofs'] ?? {}) as { readonly [duty: string]: unknown }
  const isText = (name: string, pattern: RegExp) => {
    const text = offer[name]
    return typeof text === 'string' && pattern.test(text)
  }
  const isKey = (name: string) => {
    const key = parsePublicJwk(offer[name])
    return !isRefusal(key) && key.crv === 'Ed25519'
  }
  const checks: readonly (readonly [name: string, holds: boolean])[] = [
    ['v', offer['v'] === 1],
    ['chainId', isText('chainId', /^[a-z0-9]{1,32}$/)],
    ['memberId', isText('memberId', /^member_[a-z0-9][a-z0-9_-]{0,56}$/)],
    ['organisation', isText('organisation', /^[^\p{C}]{1,120}$/u)],
    ['url', typeof offer['url'] === 'string' && URL.canParse(offer['url'])],
    ['engine', typeof engine.host === 'string' && /^[0-9A-Za-z.:-]{1,253}$/.test(engine.host) && isPort(engine.port)],
    ['peerId', isText('peerId', /^[0-9a-f]{40}$/)],
    ...duties.map((duty) => [`${duty}Key`, isKey(`${duty}Key`)] as const),
    ...duties.map((duty) => [`proofs.${duty}`, typeof proofs[duty] === 'string'] as const),
  ]
  return checks.find(([, holds]) => !holds)?.[0]
}

function isPort(port: unknown): boolean {
  return Number.isSafeInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
}

/** RFC 7468: base64 in lines of 64 characters. */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
