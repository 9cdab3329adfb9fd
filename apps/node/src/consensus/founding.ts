/**
 * The genesis of a group, from what its founders have given each other. Every founder computes it from the same files and
 * gets the same bytes: who signs nothing away but compares a hash has checked it all.
 */
import { deriveDid, parseCertificate, refuseCertificate } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, type Hash, isRefusal, type TimeMs, toBase64url } from '@chengxin/kernel'
import type { GenesisDocument, GenesisMember } from '@chengxin/module-kit'
import { parseGenesis } from '../genesis-file.ts'
import type { MemberOffer } from './member-offer.ts'
import type { OrderingFile } from './ordering-file.ts'

export interface FoundingFacts {
  /** For people. */
  readonly name: string
  /** The first line of every checkpoint, such as `city.example/groups/certificates`. */
  readonly origin: string
  readonly createdAtMs: number
  readonly readPolicy: 'public' | 'members'
  /** How many of the members' administrators must agree to change members, roles and rules. */
  readonly threshold: number
  readonly ruleset: { readonly version: string; readonly hash: Hash }
  /** After how many entries members agree on a root of the state, against which others are shown what holds. */
  readonly stateRootEvery?: number
  /** The authority's certificate, and each member's by its id (DER). */
  readonly ca: Uint8Array
  readonly certificates: ReadonlyMap<string, Uint8Array>
  readonly offers: readonly MemberOffer[]
}

export class FoundingFault extends Error {
  override readonly name = 'FoundingFault'
}

/** Large enough for thousands of transactions a second. */
export const stateRootEveryUnlessSaid = 8192

/** What a genesis may say. */
const stateRootBounds = { fewest: 16, most: 1_048_576 } as const

/** Canonical JSON. Throws `FoundingFault` for what would found nothing. */
export function foundGroup(facts: FoundingFacts): string {
  const { name, origin, createdAtMs, readPolicy, threshold, ruleset, ca, certificates } = facts
  const offers = [...facts.offers].sort((one, other) => (one.memberId < other.memberId ? -1 : 1))
  const { stateRootEvery = stateRootEveryUnlessSaid } = facts
  if (stateRootEvery < stateRootBounds.fewest || stateRootEvery > stateRootBounds.most) {
    throw new FoundingFault(`A state root is taken every ${stateRootBounds.fewest} to ${stateRootBounds.most} entries.`)
  }
  const chainId = oneChain(offers)
  holdDistinct(offers)
  const adminOf = ({ adminKey }: MemberOffer) => deriveDid(sha256, chainId, adminKey)
  const document: GenesisDocument = {
    v: 1,
    chainId,
    origin,
    name,
    suite: 'intl',
    createdAtMs: createdAtMs as TimeMs,
    readPolicy,
    stateRootEvery,
    ruleset,
    ca: toBase64url(ca),
    members: offers.map((offer): GenesisMember => {
      const memberId = offer.memberId as GenesisMember['memberId']
      const { logKey, cosignerKey, validatorKey, peerId } = offer
      return {
        memberId,
        certificate: toBase64url(certified(offer, certificates.get(memberId), ca, createdAtMs)),
        adminDids: [adminOf(offer)],
        logKey,
        cosignerKey,
        validatorKey,
        peerId: Buffer.from(peerId, 'hex').toString('base64url'),
      }
    }),
    committee: { dids: offers.map(adminOf), threshold },
    identities: offers.map((offer) => {
      return { did: adminOf(offer), key: offer.adminKey, sponsor: offer.memberId as GenesisMember['memberId'] }
    }),
    webauthn: relyingParties(offers),
  }
  const text = canonicalize(document)
  parseGenesis(text, 'The genesis')
  if (threshold * 2 <= offers.length || threshold > offers.length) {
    throw new FoundingFault(`The threshold is more than half of the ${offers.length} members and at most all of them.`)
  }
  return text
}

function oneChain(offers: readonly MemberOffer[]): string {
  const [first] = offers
  if (first === undefined) throw new FoundingFault('A group has members: name their offers.')
  const other = offers.find(({ chainId }) => chainId !== first.chainId)
  if (other === undefined) return first.chainId
  throw new FoundingFault(
    `${first.memberId} is of the deployment ${first.chainId}, ${other.memberId} of ${other.chainId}.`,
  )
}

function holdDistinct(offers: readonly MemberOffer[]): void {
  const seen = new Map<string, string>()
  for (const { memberId, adminKey, logKey, cosignerKey, validatorKey, peerId } of offers) {
    for (const name of [memberId, adminKey.x, logKey.x, cosignerKey.x, validatorKey.x, peerId]) {
      const owner = seen.get(name)
      if (owner !== undefined) throw new FoundingFault(`${name} is named twice, by ${owner} and ${memberId}.`)
      seen.set(name, memberId)
    }
  }
}

/** The member's certificate, held to the authority and to the name that the member has given itself. */
function certified(offer: MemberOffer, der: Uint8Array | undefined, caDer: Uint8Array, atMs: number): Uint8Array {
  const { memberId, organisation } = offer
  if (der === undefined) throw new FoundingFault(`${memberId} has no certificate among those given.`)
  const [certificate, ca] = [parseCertificate(der), parseCertificate(caDer)]
  if (isRefusal(ca)) throw new FoundingFault(`The authority's certificate cannot be used (${ca.refused}).`)
  const { verify } = createVerifier()
  const refusal = isRefusal(certificate) ? certificate : refuseCertificate({ certificate, ca, verify, atMs })
  if (refusal !== undefined) throw new FoundingFault(`The certificate of ${memberId} is refused (${refusal.refused}).`)
  const named = isRefusal(certificate) ? undefined : certificate.subject.organizationName
  if (named === organisation) return der
  throw new FoundingFault(`The certificate of ${memberId} names ${named ?? 'nobody'} and not ${organisation}.`)
}

/** Passkeys belong to the address of the node at which they are made, and every member accepts those of all. */
function relyingParties(offers: readonly MemberOffer[]): GenesisDocument['webauthn'] {
  const origins = new Map<string, string[]>()
  for (const { url } of offers) {
    const { hostname, origin } = new URL(url)
    origins.set(hostname, [...new Set([...(origins.get(hostname) ?? []), origin])].sort())
  }
  return [...origins].slice(0, 8).map(([rpId, listed]) => ({ rpId, origins: listed }))
}

/** How a member takes part in ordering, from the offers of all. */
export function orderingOf(memberId: string, offers: readonly MemberOffer[]): OrderingFile {
  const own = offers.find((offer) => offer.memberId === memberId)
  if (own === undefined) throw new FoundingFault(`The offer of ${memberId} is not among those given.`)
  const others = offers.filter((offer) => offer !== own)
  const isOneHost = others.some(({ engine }) => engine.host === own.engine.host)
  return {
    driver: 'cometbft',
    listen: { host: '0.0.0.0', port: own.engine.port },
    peers: others.map(({ peerId: id, engine }) => ({ id, ...engine })),
    ...(isOneHost && { isOneHost }),
  }
}
