/**
 * The trust bundle: everything that a check needs to know of a group, signed by k of its n committee members, so that
 * checks run without a network and without believing whoever handed the bundle over.
 *
 * It is a JWS in general JSON serialisation (RFC 7515 section 7.2.1) over a canonical payload. What anchors it is the group
 * id, the hash of the genesis document inside: genesis names the first committee. A bundle with another committee counts
 * only if the committee trusted before signed it too, as in The Update Framework. A reader remembers the newest bundle it
 * has seen (`pins`), so that nobody can hand it an older one.
 */
import {
  algorithmOf,
  type CheckpointPolicy,
  type NoteKey,
  type OpenedCheckpoint,
  openCheckpoint,
  parseDidUrl,
  parsePublicJwk,
  parseVkey,
  type Certificate as X509Certificate,
} from '@chengxin/crypto'
import {
  canonicalize,
  fromBase64url,
  fromUtf8,
  type GroupId,
  type Hash,
  isRefusal,
  type Json,
  parseCanonical,
  type Refusal,
  refuse,
  toBase64url,
  toUtf8,
} from '@chengxin/kernel'
import {
  asBundlePayload,
  type BundlePayload,
  type Committee,
  type CommitteeKey,
  type IssuerKey,
  type TrustedIssuer,
  type TrustedType,
} from './bundle-payload.ts'
import { authorityOf, isInForce, isKeyOf, openChain } from './chain.ts'
import { type Platform, webPlatform } from './platform.ts'
import { openReceipt, type Receipt } from './receipt.ts'
import { hasShape } from './shape.ts'
import { type KnownCertificates, knownCertificates } from './short-form/known-certificates.ts'
import { type ChainAgrees, type FindKey, openStatusList, type StatusList } from './status-list.ts'

export const bundleType = 'chengxin-bundle+jws'

const maxBundleCharacters = 16 * 1024 * 1024

/** What a reader remembers of a group. Nothing of it is secret; all of it must be kept from change. */
export interface Pins {
  readonly group: GroupId
  /** Nobody chose the group: a bundle named it. That keeps older bundles out and is no reason to trust it. */
  readonly isGiven?: boolean
  /** Of the newest bundle accepted; absent before the first. */
  readonly newest?: { readonly sequence: number; readonly payloadHash: Hash; readonly committee: Committee }
}

export interface TrustBundle extends BundlePayload {
  readonly payloadHash: Hash
  /** DIDs of the trusted committee that signed. */
  readonly signedBy: readonly string[]
  /** Whether the group was chosen before the bundle was opened. */
  readonly isPinned: boolean
  readonly policy: CheckpointPolicy
  readonly openedCheckpoint: OpenedCheckpoint
  /** Opens a receipt of the group's log; the certificates of one batch share one, so that the last are remembered. */
  receipt(text: string): Receipt | Refusal
  /** The issuer that a key id belongs to, and the key. */
  issuerKey(keyId: string): { readonly issuer: TrustedIssuer; readonly key: IssuerKey } | undefined
  /** Opens the X.509 certificate of a header (`x5c`) under the group's authority; refusals of `openChain`. */
  chain(x5c: Json): X509Certificate | Refusal
  /** X.509 certificates of issuers, by which a short form names them. */
  readonly knownCertificates: KnownCertificates
  /** Opens a status list that the bundle carries, once; refusals of `openStatusList`, and `status_list_missing`. */
  statusList(uri: string): Promise<StatusList | Refusal>
}

export interface OpenBundleOptions {
  readonly pins?: Pins | undefined
  readonly platform?: Platform
}

/**
 * Opens a bundle. Refusals, in the order they are checked: `bundle_malformed`, `bundle_other_group` (also where the group
 * id is not the hash of the genesis), `bundle_signature_invalid`, `bundle_threshold_not_met`, `bundle_rolled_back`,
 * `bundle_equivocates`, `bundle_checkpoint_invalid`. Age and expiry are judged where the time is known.
 */
export async function openBundle(text: string, options: OpenBundleOptions = {}): Promise<TrustBundle | Refusal> {
  const { pins, platform = webPlatform } = options
  const envelope = parseEnvelope(text)
  const payload = envelope && readPayload(platform, envelope.payload)
  if (!envelope || !payload) return refuse('bundle_malformed')
  if (payload.group !== genesisHashOf(platform, payload) || (pins && pins.group !== payload.group))
    return refuse('bundle_other_group')

  const trusted = pins?.newest?.committee ?? genesisCommittee(payload.genesis)
  if (!trusted) return refuse('bundle_malformed')
  const signedBy = await signersOf(platform, envelope, trusted)
  if (isRefusal(signedBy)) return signedBy
  const signedByNew = await signersOf(platform, envelope, payload.committee)
  if (isRefusal(signedByNew)) return signedByNew
  if (signedBy.length < trusted.threshold || signedByNew.length < payload.committee.threshold) {
    return refuse('bundle_threshold_not_met')
  }

  const payloadHash = payloadHashOf(platform, envelope)
  const { newest } = pins ?? {}
  if (newest && payload.sequence < newest.sequence) return refuse('bundle_rolled_back')
  if (newest && payload.sequence === newest.sequence && payloadHash !== newest.payloadHash) {
    return refuse('bundle_equivocates')
  }
  const policy = checkpointPolicy(platform, payload)
  const checkpoint = policy && openCheckpoint(payload.checkpoint, policy, platform.verifyAtOnce)
  if (!policy || isRefusal(checkpoint)) return refuse('bundle_checkpoint_invalid')
  const issuerKey = issuerKeys(payload)
  const authority = authorityOf(payload.genesis)
  // One issuer's certificates all carry the same one.
  const chainOf = rememberLast(32, (x5c) => openChain(platform, JSON.parse(x5c) as Json, authority))
  const chain: TrustBundle['chain'] = (x5c) => chainOf(JSON.stringify(x5c))
  return {
    ...payload,
    payloadHash,
    signedBy,
    isPinned: pins !== undefined && pins.isGiven !== true,
    policy,
    openedCheckpoint: checkpoint as OpenedCheckpoint,
    receipt: rememberLast(32, (receipt) => openReceipt(platform, receipt, policy)),
    issuerKey,
    chain,
    knownCertificates: knownCertificates(platform.sha256, payload),
    statusList: statusLists(platform, payload, issuerKey, chain),
  }
}

/** What to remember once a bundle has been accepted. */
export function pinsAfter({ group, sequence, payloadHash, committee }: TrustBundle): Pins {
  return { group, newest: { sequence, payloadHash, committee } }
}

/**
 * The same of a bundle that was accepted before and has been kept from change since: a reader that stored the text alone
 * must not judge it anew, because a later committee's signers are nobody that genesis knows. Undefined for any other text.
 */
export function pinsOfKept(text: string, platform: Platform = webPlatform): Pins | undefined {
  const envelope = parseEnvelope(text)
  const payload = envelope && readPayload(platform, envelope.payload)
  if (!envelope || !payload) return undefined
  const { group, sequence, committee } = payload
  return { group, newest: { sequence, payloadHash: payloadHashOf(platform, envelope), committee } }
}

function payloadHashOf({ sha256 }: Platform, { payload }: BundleEnvelope): Hash {
  return toBase64url(sha256(toUtf8(payload))) as Hash
}

/** The committee that genesis founds: each seat with the first key of its DID. */
export function genesisCommittee(genesis: BundlePayload['genesis']): Committee | undefined {
  const { committee, identities } = genesis as { readonly committee?: Json; readonly identities?: Json }
  if (!hasShape(committee, { dids: ['did'], threshold: 'count' }) || !Array.isArray(identities)) return undefined
  const { dids, threshold } = committee as unknown as { dids: string[]; threshold: number }
  const keys: CommitteeKey[] = []
  for (const did of dids) {
    const identity = identities.find((candidate) => (candidate as { did?: unknown })?.did === did) as { key?: unknown }
    const jwk = parsePublicJwk(identity?.key)
    if (isRefusal(jwk)) return undefined
    keys.push({ kid: `${did}#key-1`, jwk })
  }
  return threshold > 0 ? { keys, threshold } : undefined
}

/** A bundle as it lies there, signed by nobody yet or by some: its form holds, and nothing of it is to be believed. */
export interface UnjudgedBundle {
  readonly envelope: BundleEnvelope
  readonly payload: BundlePayload
}

/** Reads a bundle that members are still signing; undefined for what could never be opened, whoever signs it. */
export function readUnjudged(text: string, platform: Platform = webPlatform): UnjudgedBundle | undefined {
  const envelope = parseEnvelope(text)
  const payload = envelope && readPayload(platform, envelope.payload)
  if (!envelope || !payload) return undefined
  return payload.group === genesisHashOf(platform, payload) ? { envelope, payload } : undefined
}

function genesisHashOf({ sha256 }: Platform, { genesis }: BundlePayload): string {
  return toBase64url(sha256(toUtf8(canonicalize(genesis))))
}

export interface BundleEnvelope {
  /** base64url of the canonical payload, as it was signed. */
  readonly payload: string
  readonly signatures: readonly { readonly protected: string; readonly signature: string }[]
}

function parseEnvelope(text: string): BundleEnvelope | undefined {
  if (text.length > maxBundleCharacters) return undefined
  const value = parseCanonical(text.trim(), { depth: 3 })
  if (isRefusal(value)) return undefined
  const shape = { payload: 'text', signatures: [{ protected: 'text', signature: 'text' }] } as const
  return hasShape(value, shape) ? (value as unknown as BundleEnvelope) : undefined
}

function readPayload({ sha256 }: Platform, encoded: string): BundlePayload | undefined {
  const bytes = fromBase64url(encoded)
  const text = bytes && fromUtf8(bytes)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 16 })
  const payload = value === undefined || isRefusal(value) ? undefined : asBundlePayload(value)
  if (!payload || payload.committee.threshold < 1) return undefined
  const keys = [...payload.committee.keys, ...payload.issuers.flatMap((issuer) => issuer.keys)]
  if (keys.some(({ jwk }) => isRefusal(parsePublicJwk(jwk)))) return undefined
  // The ledger has the hash of the texts that a type is shown with; a committee that signs others has made a mistake.
  const isShownAsDefined = ({ display, displayHash }: TrustedType) =>
    toBase64url(sha256(toUtf8(canonicalize(display)))) === displayHash
  return payload.types.every(isShownAsDefined) ? payload : undefined
}

/** The DIDs of a committee that signed. A signature by one of its keys that does not hold is a refusal, not a gap. */
export async function signersOf(
  platform: Platform,
  { payload, signatures }: BundleEnvelope,
  { keys }: Committee,
): Promise<readonly string[] | Refusal> {
  const dids = new Set<string>()
  for (const { protected: encoded, signature } of signatures) {
    const header = readHeader(encoded)
    if (!header) return refuse('bundle_malformed')
    const key = keys.find(({ kid }) => kid === header.kid)
    const did = key && parseDidUrl(key.kid)?.did
    if (!key || !did) continue
    const bytes = fromBase64url(signature)
    const hasAlgorithm = header.alg === algorithmOf(key.jwk)
    if (!bytes || !hasAlgorithm || !(await platform.verify(key.jwk, toUtf8(`${encoded}.${payload}`), bytes))) {
      return refuse('bundle_signature_invalid')
    }
    dids.add(did)
  }
  return [...dids]
}

function readHeader(encoded: string): { readonly alg: string; readonly kid: string } | undefined {
  const bytes = fromBase64url(encoded)
  const text = bytes && fromUtf8(bytes)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 1 })
  if (value === undefined || isRefusal(value)) return undefined
  if (!hasShape(value, { alg: 'text', kid: 'text', typ: 'text' })) return undefined
  const header = value as { readonly alg: string; readonly kid: string; readonly typ: string }
  return header.typ === bundleType ? header : undefined
}

function checkpointPolicy(platform: Platform, payload: BundlePayload): CheckpointPolicy | undefined {
  const { origin } = payload.genesis
  const logKeys = noteKeys(platform, payload.logKeys)
  const cosignerKeys = noteKeys(platform, payload.cosigners)
  if (typeof origin !== 'string' || !logKeys || !cosignerKeys) return undefined
  return { origin, logKeys, logThreshold: 1, cosignerKeys, cosignerThreshold: payload.quorum }
}

function noteKeys(platform: Platform, vkeys: readonly string[]): readonly NoteKey[] | undefined {
  const keys = vkeys.map((vkey) => parseVkey(platform.sha256, vkey))
  return keys.some(isRefusal) ? undefined : (keys as NoteKey[])
}

function issuerKeys({ issuers }: BundlePayload): TrustBundle['issuerKey'] {
  const byId = new Map<string, { readonly issuer: TrustedIssuer; readonly key: IssuerKey }>()
  for (const issuer of issuers) {
    // A key counts for the DID that its id names, whatever list it stands in.
    for (const key of issuer.keys) if (parseDidUrl(key.kid)?.did === issuer.did) byId.set(key.kid, { issuer, key })
  }
  return (keyId) => byId.get(keyId)
}

function statusLists(
  platform: Platform,
  payload: BundlePayload,
  issuerKey: TrustBundle['issuerKey'],
  chain: TrustBundle['chain'],
): TrustBundle['statusList'] {
  const findKey: FindKey = (keyId) => issuerKey(keyId)?.key.jwk
  const agrees: ChainAgrees = (x5c, key, atMs) => {
    const opened = chain(x5c)
    return !isRefusal(opened) && isKeyOf(opened, key) && isInForce(opened, atMs)
  }
  const opened = new Map<string, Promise<StatusList | Refusal>>()
  return (uri) => {
    const listed = payload.statusLists.find((list) => list.uri === uri)
    if (!listed) return Promise.resolve(refuse('status_list_missing'))
    const known = opened.get(uri) ?? openStatusList(platform, listed.token, findKey, agrees)
    opened.set(uri, known)
    return known
  }
}

function rememberLast<T>(count: number, make: (text: string) => T): (text: string) => T {
  const remembered = new Map<string, T>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const made = make(text)
    if (remembered.size >= count) remembered.delete(remembered.keys().next().value as string)
    remembered.set(text, made)
    return made
  }
}
