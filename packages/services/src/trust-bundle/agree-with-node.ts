/**
 * What a committee member compares before it signs a trust bundle: the payload against a node of its own. Everything must be as
 * that node says, but for what goes on while members sign: the checkpoint may be an older one, and a status list the version that
 * was the newest when the payload was collected.
 */
import {
  type BundlePayload,
  parseJwt,
  type TrustedIssuer,
  type TrustedStatusList,
  type TrustedType,
} from '@chengxin/audit'
import type { GroupClient } from '@chengxin/client'
import { openCheckpoint } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, isRefusal, type Json, toBase64url, toUtf8 } from '@chengxin/kernel'
import { vctOf } from '../issuer/certificate-type.ts'
import { collectBundle } from './collect-bundle.ts'
import { quorumPolicy } from './quorum-checkpoint.ts'
import { type ListedStatusList, type ListedType, readAll } from './read-lists.ts'

export interface Comparison {
  /** What is not as the node says, a sentence each; a payload with any is not to be signed. */
  readonly differences: readonly string[]
  /** Status lists that have a newer version since the payload was collected. */
  readonly newerSince: readonly string[]
}

export interface CompareOptions {
  readonly nowMs: number
  /** Sequence of the bundle that the node serves now. */
  readonly heldSequence?: number
}

/** Clocks of members need not agree better than this. */
const clockSlackMs = 300_000
const maxListBytes = 1024 * 1024

export async function comparePayload(
  group: GroupClient,
  payload: BundlePayload,
  { nowMs, heldSequence = 0 }: CompareOptions,
): Promise<Comparison> {
  if (payload.group !== group.groupId) return { differences: ['It is of another group.'], newerSince: [] }
  const { sequence, issuedAtMs, expiresAtMs } = payload
  const collecting = { sequence, nowMs: issuedAtMs, validForMs: expiresAtMs - issuedAtMs, publicGroupUrl: group.url }
  const { payload: own } = await collectBundle(group, collecting)
  const lists = await compareLists(group, payload, own.statusLists)
  const differences = [
    ...(sequence <= heldSequence ? [`Its sequence is ${sequence}, and the node has ${heldSequence} already.`] : []),
    ...(issuedAtMs > nowMs + clockSlackMs ? ['It is dated in the future.'] : []),
    ...(expiresAtMs <= nowMs ? ['It has expired.'] : []),
    ...compareParts(payload, own),
    ...(await compareTypes(group, payload.types, own.types)),
    ...compareIssuers(payload.issuers, own.issuers),
    ...lists.differences,
    ...compareCheckpoint(payload, own),
  ]
  return { differences, newerSince: lists.newerSince }
}

const comparedWhole = ['genesis', 'logKeys', 'cosigners', 'quorum', 'committee'] as const

function compareParts(payload: BundlePayload, own: BundlePayload): readonly string[] {
  const differing = comparedWhole.filter((part) => !isSame(payload[part], own[part]))
  return differing.map((part) => `The node says otherwise of: ${part}.`)
}

/** Texts are under the hash that the ledger has, so that the node need not have them. */
async function compareTypes(group: GroupClient, theirs: BundlePayload['types'], ours: BundlePayload['types']) {
  const defined = await readAll<ListedType>(group, '/credential-types', 'types')
  const isDefined = ({ typeId, vct, schemaHash, displayHash }: TrustedType) =>
    vct === vctOf(group.groupId, typeId) &&
    defined.some(
      (known) => known.typeId === typeId && known.schemaHash === schemaHash && known.displayHash === displayHash,
    )
  const isThere = ({ typeId }: TrustedType) => theirs.some((type) => type.typeId === typeId)
  const wrong = theirs
    .filter((type) => !isDefined(type))
    .map(({ typeId }) => `The node says otherwise of the type ${typeId}.`)
  const missing = ours.filter((type) => !isThere(type)).map(({ typeId }) => `The type ${typeId} is left out.`)
  return [...wrong, ...missing]
}

/** X.509 certificates are left out: they are names only, and count nowhere but under the group's authority. */
function compareIssuers(theirs: readonly TrustedIssuer[], ours: readonly TrustedIssuer[]): readonly string[] {
  const dids = new Set([...theirs, ...ours].map(({ did }) => did))
  const bare = (issuers: readonly TrustedIssuer[], did: string) =>
    issuers
      .filter((issuer) => issuer.did === did)
      .map(({ certificates: _, types, ...rest }) => ({ ...rest, types: sortedPeriods(types) }))
  return [...dids]
    .filter((did) => !isSame(bare(theirs, did), bare(ours, did)))
    .map((did) => `The node says otherwise of the issuer ${did}.`)
}

function sortedPeriods(types: TrustedIssuer['types']): readonly Json[] {
  return types.map((period) => ({ ...period })).sort((a, b) => (canonicalize(a) < canonicalize(b) ? -1 : 1))
}

async function compareLists(
  group: GroupClient,
  payload: BundlePayload,
  ours: readonly TrustedStatusList[],
): Promise<Comparison> {
  const differences: string[] = []
  const newerSince: string[] = []
  const ids = payload.statusLists.map(({ listId }) => listId)
  for (const [at, list] of payload.statusLists.entries()) {
    if (ids.indexOf(list.listId) !== at) differences.push(`The status list ${list.listId} stands there twice.`)
    const own = ours.find(({ listId }) => listId === list.listId)
    if (own !== undefined && isSame(own, list)) continue
    const judged = await judgeOlder(group, list, payload.issuedAtMs)
    if (judged === 'newer since') newerSince.push(list.listId)
    else if (judged !== 'agrees') differences.push(`The status list ${list.listId} ${judged}.`)
  }
  const missing = ours.filter(({ listId }) => !ids.includes(listId) && !isLater(ours, listId, payload.issuedAtMs))
  return {
    differences: [...differences, ...missing.map(({ listId }) => `The status list ${listId} is left out.`)],
    newerSince,
  }
}

function isLater(ours: readonly TrustedStatusList[], id: string, issuedAtMs: number): boolean {
  const found = ours.find(({ listId }) => listId === id)
  return found !== undefined && found.version === 1 && found.anchoredAtMs > issuedAtMs
}

/** A version that is no longer the newest counts where it was when the payload was collected, and is that version to the byte. */
async function judgeOlder(
  group: GroupClient,
  { listId, uri, version, anchoredAtMs, token }: TrustedStatusList,
  issuedAtMs: number,
): Promise<string> {
  const versions = await readAll<ListedStatusList>(group, `/status-lists/${listId}/versions`, 'versions')
  const anchored = versions.find((known) => known.version === version)
  if (anchored === undefined) return `has no version ${version} at the node`
  const isThat = anchored.hash === toBase64url(sha256(toUtf8(token))) && anchored.anchoredAtMs === anchoredAtMs
  if (!isThat) return `is not what the ledger has as version ${version}`
  const named = parseJwt(token, maxListBytes)?.payload['sub']
  if (named !== uri) return 'is not under the address that certificates name'
  const next = versions.find((known) => known.version === version + 1)
  // The ledger's hash vouches for the token, also where the node lacks the document itself.
  if (next === undefined) return 'agrees'
  return next.anchoredAtMs > issuedAtMs ? 'newer since' : `has version ${next.version} since before the draft`
}

/** Under the keys that the own node names; a quorum of members signs no two stories. */
function compareCheckpoint(
  payload: BundlePayload,
  { genesis, logKeys, cosigners, quorum }: BundlePayload,
): readonly string[] {
  const { origin } = genesis as { readonly origin: string }
  const policy = quorumPolicy({ origin, logKeys, cosigners, quorum })
  const opened = openCheckpoint(payload.checkpoint, policy, createVerifier().verify)
  return isRefusal(opened) ? [`Its checkpoint is not one of this log (${opened.refused}).`] : []
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalize(one) === canonicalize(other)
}
