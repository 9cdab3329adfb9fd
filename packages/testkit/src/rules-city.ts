/**
 * A small city for tests of rules: three members, a committee of their administrators of which two must agree, and
 * anybody else by name. Keys come from names, so that a failing test fails again.
 */
import {
  issueCertificate,
  type PrivateJwk,
  type PublicJwk,
  privateJwkFrom,
  publicPart,
  signPortably,
} from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { type Did, type Hash, type TimeMs, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { GenesisDocument, Ruleset, StoredEvent } from '@chengxin/module-kit'
import { rulesHost } from './rules-host.ts'
import { type RulesRunner, runRules } from './rules-runner.ts'

export const cityStartMs = 1_800_000_000_000
export const dayMs = 86_400_000
export const cityGroup = 'group-of-the-test-city'.padEnd(42, '-') + 'A'
export const cityHost = rulesHost('trial')

export interface Actor {
  readonly did: Did
  readonly key: PublicJwk
  /** A signature of the actor's key over text, base64url. */
  sign(text: string): string
  readonly privateJwk: PrivateJwk
}

const actors = new Map<string, Actor>()

/** Somebody with an Ed25519 key, or a P-256 one if the name begins with `p256:`. */
export function actor(name: string): Actor {
  const known = actors.get(name)
  if (known !== undefined) return known
  const algorithm = name.startsWith('p256:') ? 'ES256' : 'EdDSA'
  const privateJwk = privateJwkFrom(algorithm, sha256(toUtf8(`test city: ${name}`)))
  const key = publicPart(privateJwk)
  const signer = createSigner(privateJwk)
  const made: Actor = {
    did: cityHost.deriveDid(key),
    key,
    privateJwk,
    sign: (text) => toBase64url(signer.sign(toUtf8(text))),
  }
  actors.set(name, made)
  return made
}

/** A key that asks to belong to a DID of the city: its owner's, unless another is named. */
export function provenKey(owner: Actor, did: Did = owner.did) {
  return { key: owner.key, proof: owner.sign(`chengxin-identity-v1\n${cityGroup}\n${did}`) }
}

/** A key that asks for a duty of a member. */
export function provenMemberKey(owner: Actor, memberId: string, duty: 'log' | 'cosigner' | 'validator') {
  return { key: owner.key, proof: owner.sign(`chengxin-member-key-v1\n${cityGroup}\n${memberId}\n${duty}`) }
}

const authority = { subject: { commonName: 'Test City Authority', organizationName: 'Test City' }, isCa: true }

export interface CertificateWish {
  readonly organisation?: string
  /** Names the certificate's key; otherwise the member does. */
  readonly keyName?: string
  /** Makes the serial number; otherwise the name of the key does. */
  readonly serialName?: string
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  /** Another authority than the city's. */
  readonly byStranger?: boolean
}

/** An organisation's certificate by the city's authority, in date for ten years unless asked otherwise. */
export function certificateOf(member: string, wish: CertificateWish = {}): string {
  const issuer = actor(wish.byStranger ? 'p256:stranger' : 'p256:authority')
  const keyName = `p256:certificate ${wish.keyName ?? member}`
  const order = {
    subject: { commonName: member, ...(wish.organisation !== '' && { organizationName: wish.organisation ?? member }) },
    jwk: actor(keyName).key,
    serial: sha256(toUtf8(wish.serialName ?? keyName)).subarray(0, 16),
    notBeforeMs: wish.notBeforeMs ?? cityStartMs - dayMs,
    notAfterMs: wish.notAfterMs ?? cityStartMs + 3650 * dayMs,
  }
  return toBase64url(
    issueCertificate(order, { ...authority, jwk: issuer.key, sign: (bytes) => signPortably(issuer.privateJwk, bytes) }),
  )
}

function authorityCertificate(): string {
  const { key: jwk, privateJwk } = actor('p256:authority')
  const order = {
    ...authority,
    jwk,
    serial: Uint8Array.of(1),
    notBeforeMs: cityStartMs - dayMs,
    notAfterMs: cityStartMs + 7300 * dayMs,
  }
  return toBase64url(issueCertificate(order, { ...authority, jwk, sign: (bytes) => signPortably(privateJwk, bytes) }))
}

const memberNames = ['bureau', 'university', 'office'] as const
/** The committee: the members' administrators, two of whom must agree. */
export const [bureau, university, office] = memberNames.map((name) => actor(`${name} admin`)) as [Actor, Actor, Actor]
export const registrar = actor('registrar')

export function cityGenesis(): GenesisDocument {
  return {
    v: 1,
    chainId: 'trial',
    origin: 'city.test/groups/trial',
    name: 'Test City',
    suite: 'intl',
    createdAtMs: cityStartMs as TimeMs,
    readPolicy: 'public',
    stateRootEvery: 1024,
    ruleset: { version: '0.1.0', hash: toBase64url(sha256(toUtf8('rules'))) as Hash },
    ca: authorityCertificate(),
    members: memberNames.map((name) => ({
      memberId: `member_${name}` as const,
      certificate: certificateOf(`member_${name}`),
      adminDids: [actor(`${name} admin`).did],
      logKey: actor(`${name} log`).key,
      cosignerKey: actor(`${name} cosigner`).key,
    })),
    committee: { dids: [bureau.did, university.did, office.did], threshold: 2 },
    identities: [...memberNames.map((name) => [`${name} admin`, name] as const), ['registrar', 'bureau'] as const].map(
      ([name, member]) => ({ did: actor(name).did, key: actor(name).key, sponsor: `member_${member}` as const }),
    ),
    webauthn: [{ rpId: 'city.test', origins: ['https://city.test'] }],
  }
}

export interface City extends RulesRunner {
  /** A change proposed by one committee member and approved by another; throws if it is refused. */
  decide(change: object): readonly StoredEvent[]
  /** Acts that must succeed: a test's way to its beginning. */
  must(signer: Did, type: string, args: object): readonly StoredEvent[]
  /** Gives a role, in the name of a member. */
  grant(role: string, did: Did, member?: string): void
  /** Brings people into the group. */
  enrol(...people: readonly Actor[]): void
}

/** The city on its first day, with a registrar. */
export function foundCity(ruleset: Ruleset, genesis: GenesisDocument = cityGenesis()): City {
  const rules = runRules(ruleset, { host: cityHost, genesis, group: cityGroup })
  let proposals = 0

  function must(signer: Did, type: string, args: object): readonly StoredEvent[] {
    const outcome = rules.act(signer, type, args)
    if (typeof outcome === 'string') throw new Error(`${type} was refused: ${outcome}.`)
    return outcome
  }
  function decide(change: object): readonly StoredEvent[] {
    const proposalId = `proposal_test-${String(++proposals).padStart(4, '0')}`
    must(bureau.did, 'governance.proposeChange', { proposalId, change })
    return must(university.did, 'governance.approveChange', { proposalId })
  }
  function grant(role: string, did: Did, member = 'member_bureau'): void {
    decide({ kind: 'grantRole', role, did, member })
  }
  grant('registrar', registrar.did)
  return Object.assign(Object.create(rules) as RulesRunner, {
    must,
    decide,
    grant,
    enrol: (...people: readonly Actor[]) => {
      for (const person of people) must(registrar.did, 'identity.create', { did: person.did, ...provenKey(person) })
    },
  })
}
