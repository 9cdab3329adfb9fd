/**
 * Which snapshots can be believed. The header that an engine trusts at a boundary does not cover the state root there:
 * that enters the agreed hash half an interval of leaves later. So a snapshot is held to the members themselves: more than
 * two thirds of those that are known by their keys must have signed the root of the state and of the log at its boundary.
 */
import {
  createNoteKey,
  type Ed25519PublicJwk,
  noteSignatureTypes,
  openCheckpoint,
  openStateCheckpoint,
  type Sha256,
  stateKey,
  type VerifySignature,
} from '@chengxin/crypto'
import { isRefusal, toBase64url } from '@chengxin/kernel'

/** A member as whoever joins knows it: from the genesis, or from what it was handed. */
export interface KnownMember {
  readonly memberId: string
  readonly logKey: Ed25519PublicJwk
}

/** What a member says of one of its snapshots. Nothing but the notes is believed. */
export interface ClaimedSnapshot {
  readonly memberId: string
  readonly height: number
  readonly notes: { readonly state: string; readonly log: string }
  /** The name of the snapshot that its node serves there: of all its bytes. Absent where notes alone were handed over. */
  readonly hash?: string
}

/** A boundary that enough members have signed. */
export interface EndorsedBoundary {
  readonly height: number
  readonly size: number
  readonly timeMs: number
  readonly root: Uint8Array
  readonly stateRoot: Uint8Array
  readonly signedBy: readonly string[]
  /**
   * What more than a third of all members, one of them honest at least, call the snapshot there: whatever no root covers is
   * in that name, such as the times of blocks without leaves. Absent where nobody has named any.
   */
  readonly names?: readonly string[]
}

export interface EndorsementPolicy {
  readonly origin: string
  readonly members: readonly KnownMember[]
  readonly sha256: Sha256
  readonly verify: VerifySignature
}

/** More than two thirds. */
export function quorumOf(count: number): number {
  return Math.floor((count * 2) / 3) + 1
}

/** The boundaries that a quorum of the known members has signed, newest first. */
export function endorsedBoundaries(
  claims: readonly ClaimedSnapshot[],
  policy: EndorsementPolicy,
): readonly EndorsedBoundary[] {
  const found = new Map<string, Signed>()
  for (const claim of claims) {
    const boundary = openClaim(claim, policy)
    if (boundary === undefined) continue
    const { height, size, timeMs, root, stateRoot } = boundary
    const key = [height, size, timeMs, toBase64url(root), toBase64url(stateRoot)].join(' ')
    const same = found.get(key) ?? { boundary, signedBy: new Set<string>(), namedBy: new Map<string, string>() }
    same.signedBy.add(claim.memberId)
    if (claim.hash !== undefined) same.namedBy.set(claim.memberId, claim.hash)
    found.set(key, same)
  }
  const needed = quorumOf(policy.members.length)
  return [...found.values()]
    .filter(({ signedBy }) => signedBy.size >= needed)
    .map(({ boundary, signedBy, namedBy }) => ({
      ...boundary,
      signedBy: [...signedBy].sort(),
      ...(namedBy.size > 0 && { names: sharedNames(namedBy, policy.members.length + 1) }),
    }))
    .sort((one, other) => other.height - one.height)
}

interface Signed {
  readonly boundary: Omit<EndorsedBoundary, 'signedBy' | 'names'>
  readonly signedBy: Set<string>
  /** Each member has one name for it. */
  readonly namedBy: Map<string, string>
}

/** Names that more than a third of all members give. */
function sharedNames(namedBy: ReadonlyMap<string, string>, members: number): readonly string[] {
  const names = [...namedBy.values()]
  return [...new Set(names)].filter((name) => names.filter((one) => one === name).length * 3 > members).sort()
}

/** The height is the engine's number of the boundary: a wrong one finds no header that leads to these roots. */
function openClaim({ memberId, height, notes }: ClaimedSnapshot, policy: EndorsementPolicy) {
  const { origin, members, sha256, verify } = policy
  const member = members.find((one) => one.memberId === memberId)
  if (member === undefined || !Number.isSafeInteger(height) || height < 1) return undefined
  const state = openStateCheckpoint(
    notes.state,
    { origin, keys: [stateKey(sha256, origin, member.logKey)], threshold: 1 },
    verify,
  )
  const log = openCheckpoint(
    notes.log,
    {
      origin,
      logKeys: [createNoteKey(sha256, origin, noteSignatureTypes.ed25519, member.logKey)],
      logThreshold: 1,
      cosignerKeys: [],
      cosignerThreshold: 0,
    },
    verify,
  )
  if (isRefusal(state) || isRefusal(log) || log.checkpoint.size !== state.size) return undefined
  return { height, size: state.size, timeMs: state.timeMs, root: log.checkpoint.root, stateRoot: state.root }
}
