/**
 * The payload of a trust bundle, collected from a node. Whoever signs it looks at it first: the node is only where it was
 * found, and a committee member checks it against a node of its own.
 */
import {
  type BundlePayload,
  type Entitlement,
  parseJwt,
  type TrustedIssuer,
  type TrustedStatusList,
  type TrustedType,
} from '@chengxin/audit'
import { type GroupClient, presentOnly } from '@chengxin/client'
import {
  createNoteKey,
  type Ed25519PublicJwk,
  encodeVkey,
  type NoteSignatureType,
  noteSignatureTypes,
  parseDidUrl,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import type { Did, GroupId, JsonObject } from '@chengxin/kernel'
import { vctOf } from '../issuer/certificate-type.ts'
import { quorumCheckpoint } from './quorum-checkpoint.ts'
import {
  type ListedCommittee,
  type ListedMember,
  type ListedPeriod,
  type ListedStatusList,
  type ListedType,
  readAll,
  readDid,
} from './read-lists.ts'

const maxListBytes = 1024 * 1024

export interface CollectOptions {
  /** Larger than that of every bundle of the group before. */
  readonly sequence: number
  readonly nowMs: number
  readonly validForMs: number
  /** The address below which certificates name their status lists: `<public url>/v1/groups/<id>`. */
  readonly publicGroupUrl: string
  /** The group's bundle until now: what issuers signed with earlier certificates is still around. */
  readonly before?: BundlePayload
}

export interface CollectedBundle {
  readonly payload: BundlePayload
  /** Types and status lists whose documents nobody published: certificates that need them cannot be decided. */
  readonly missing: readonly string[]
}

export async function collectBundle(group: GroupClient, options: CollectOptions): Promise<CollectedBundle> {
  const genesis = JSON.parse(await group.getText('/genesis')) as JsonObject & { readonly origin: string }
  const { members } = (await group.get('/members')) as { readonly members: readonly ListedMember[] }
  const active = members.filter(({ status }) => status === 'active')
  const types = await readAll<ListedType>(group, '/credential-types', 'types')
  const periods = await readAll<ListedPeriod>(group, '/issuers', 'issuers')
  const { origin } = genesis
  const { needed: quorum } = (await group.get('/receipt-quorum')) as { readonly needed: number }
  const logKeys = active.map(({ logKey }) => vkey(origin, 'ed25519', logKey))
  const cosigners = active.map(({ memberId, cosignerKey }) => vkey(`${origin}/${memberId}`, 'cosignature', cosignerKey))
  const [trustedTypes, missingTypes] = await typesOf(group, types)
  const [statusLists, missingLists] = await statusListsOf(group, options.publicGroupUrl)
  const payload: BundlePayload = {
    v: 1,
    group: group.groupId as GroupId,
    genesis,
    sequence: options.sequence,
    issuedAtMs: options.nowMs,
    expiresAtMs: options.nowMs + options.validForMs,
    logKeys,
    cosigners,
    quorum,
    committee: await committeeOf(group),
    issuers: withCertificates(await issuersOf(group, periods, members), statusLists, options.before),
    types: trustedTypes,
    statusLists,
    checkpoint: await quorumCheckpoint(group, { origin, logKeys, cosigners, quorum }),
  }
  return { payload, missing: [...missingTypes, ...missingLists] }
}

function vkey(name: string, type: keyof typeof noteSignatureTypes, jwk: Ed25519PublicJwk): string {
  const signatureType: NoteSignatureType = noteSignatureTypes[type]
  return encodeVkey(createNoteKey(sha256, name, signatureType, jwk))
}

async function committeeOf(group: GroupClient): Promise<BundlePayload['committee']> {
  const { seats, threshold } = (await group.get('/committee')) as ListedCommittee
  const dids = await Promise.all(seats.map(({ did }) => readDid(group, did)))
  // Passkeys cannot sign a bundle, so a seat that has nothing else cannot take part.
  const keys = dids.flatMap(({ did, keys: all }) =>
    all
      .filter(({ retiredAtMs, passkey }) => retiredAtMs === undefined && !passkey)
      .map(({ keyId, jwk }) => ({ kid: `${did}#${keyId}`, jwk })),
  )
  return { keys, threshold }
}

async function issuersOf(
  group: GroupClient,
  periods: readonly ListedPeriod[],
  members: readonly ListedMember[],
): Promise<readonly TrustedIssuer[]> {
  const dids = [...new Set(periods.map(({ issuer }) => issuer))]
  return Promise.all(dids.map((did) => trustedIssuer(group, did, periods, members)))
}

async function trustedIssuer(
  group: GroupClient,
  did: Did,
  periods: readonly ListedPeriod[],
  members: readonly ListedMember[],
): Promise<TrustedIssuer> {
  const { sponsor, keys } = await readDid(group, did)
  const own = periods.filter(({ issuer }) => issuer === did)
  const domain = own.find((period) => period.domain !== undefined)?.domain
  return {
    did,
    // The name is the one in the X.509 certificate of the member that answers for the issuer.
    name: members.find(({ memberId }) => memberId === sponsor)?.organisation ?? sponsor,
    ...(domain !== undefined && { domain }),
    keys: keys
      .filter(({ passkey }) => !passkey)
      .map(({ keyId, jwk, addedAtMs, retiredAtMs }) => ({
        kid: `${did}#${keyId}`,
        jwk,
        fromMs: addedAtMs,
        ...(retiredAtMs !== undefined && { untilMs: retiredAtMs }),
      })),
    types: own.map((period) => entitlement(group.groupId, period)),
  }
}

/** X.509 certificates that issuers sign with: of their status lists now, and those that the bundle before had. */
function withCertificates(
  issuers: readonly TrustedIssuer[],
  statusLists: readonly TrustedStatusList[],
  before: BundlePayload | undefined,
): readonly TrustedIssuer[] {
  const headers = statusLists.map(({ token }) => parseJwt(token, maxListBytes)?.header ?? {})
  return issuers.map((issuer) => {
    const own = headers.filter(({ kid }) => typeof kid === 'string' && parseDidUrl(kid)?.did === issuer.did)
    const used = own.flatMap(({ x5c }) => (Array.isArray(x5c) ? x5c.filter((text) => typeof text === 'string') : []))
    const earlier = before?.issuers.find(({ did }) => did === issuer.did)?.certificates ?? []
    const certificates = [...new Set([...earlier, ...used])]
    return certificates.length > 0 ? { ...issuer, certificates } : issuer
  })
}

/** A period as the ledger has it, in the words of a bundle: a freeze is told apart from an end in good order. */
export function entitlement(groupId: string, period: ListedPeriod): Entitlement {
  const { typeId, fromMs, untilMs, endedAtMs, endedBy, compromisedSinceMs, successor } = period
  const ends = [untilMs, endedBy === 'withdrawn' ? endedAtMs : undefined].filter((end) => end !== undefined)
  const frozenSinceMs = endedBy === 'frozen' || compromisedSinceMs !== undefined ? endedAtMs : undefined
  return {
    typeId,
    vct: vctOf(groupId, typeId),
    fromMs,
    ...(ends.length > 0 && { untilMs: Math.min(...ends) }),
    ...(frozenSinceMs !== undefined && { frozenSinceMs }),
    ...(compromisedSinceMs !== undefined && { compromisedSinceMs }),
    ...(successor !== undefined && { successor }),
  }
}

type Found<T> = readonly [present: readonly T[], missing: readonly string[]]

async function typesOf(group: GroupClient, types: readonly ListedType[]): Promise<Found<TrustedType>> {
  const missing: string[] = []
  const present: TrustedType[] = []
  for (const { typeId, schemaHash, displayHash } of types) {
    const text = await presentOnly(group.getText(`/documents/${displayHash}`))
    if (text === undefined) missing.push(typeId)
    else {
      const display = JSON.parse(text) as JsonObject
      present.push({ typeId, vct: vctOf(group.groupId, typeId), schemaHash, displayHash, display })
    }
  }
  return [present, missing]
}

async function statusListsOf(group: GroupClient, publicGroupUrl: string): Promise<Found<TrustedStatusList>> {
  const missing: string[] = []
  const present: TrustedStatusList[] = []
  for (const { listId, version, hash, anchoredAtMs } of await readAll<ListedStatusList>(
    group,
    '/status-lists',
    'statusLists',
  )) {
    const token = await presentOnly(group.getText(`/documents/${hash}`))
    if (token === undefined) missing.push(listId)
    else
      present.push({
        uri: listedUri(group.groupId, listId, token) ?? statusListUri(publicGroupUrl, listId),
        listId,
        version,
        anchoredAtMs,
        token,
      })
  }
  return [present, missing]
}

/**
 * The address that the token itself gives, which is that of its issuer's node, whoever collects. It counts where it ends as an
 * address of this very list, so that no issuer can take the place of another's.
 */
function listedUri(groupId: string, listId: string, token: string): string | undefined {
  const uri = parseJwt(token, maxListBytes)?.payload['sub']
  return typeof uri === 'string' && uri.endsWith(`/v1/groups/${groupId}/status-lists/${listId}`) ? uri : undefined
}

/** The address by which certificates name a status list. */
export function statusListUri(publicGroupUrl: string, listId: string): string {
  return `${publicGroupUrl}/status-lists/${listId}`
}
