/** A group's members as this node sees them: who is heard, how far each is, who cosigned, and what contradicts itself. */
import { type GroupWitness, memberOfVkey } from './group-witness.ts'
import type { PeerState } from './peer-loop.ts'

export interface ConsortiumMember {
  readonly memberId: string
  readonly organisation: string
  readonly status: 'active' | 'suspended' | 'removed'
  /** Whether this is the node that answers. */
  readonly isSelf: boolean
  /** `self`, `heard`, `silent` (an address is known, no answer comes) or `unknown` (no address is known). */
  readonly contact: 'self' | 'heard' | 'silent' | 'unknown'
  /** Why no answer comes: a code. */
  readonly fault?: string
  /** When it was last heard, and what it said then of itself. */
  readonly heardAtMs?: number
  readonly height?: number
  readonly size?: number
  readonly timeMs?: number
  readonly version?: string
  readonly ruleset?: { readonly version: string; readonly hash: string }
  /** Leaves that it has fewer than this node. */
  readonly lagLeaves?: number
  /** Whether it cosigned the checkpoint that receipts are given against. */
  readonly hasCosigned: boolean
}

export interface ContradictionSummary {
  readonly id: string
  readonly kind: string
  readonly sizes: readonly number[]
  readonly foundAtMs: number
  /** Members that signed one story or the other, and those that signed both. */
  readonly signedBy: readonly string[]
  readonly equivocating: readonly string[]
}

export interface ConsortiumView {
  readonly memberId: string
  readonly version: string
  readonly height: number
  readonly size: number
  readonly timeMs: number
  readonly ruleset: { readonly version: string; readonly hash: string }
  readonly quorum: { readonly needed: number; readonly size?: number; readonly members: readonly string[] }
  readonly members: readonly ConsortiumMember[]
  readonly contradictions: readonly ContradictionSummary[]
  readonly witnesses: readonly { readonly name: string; readonly size?: number; readonly fault?: string }[]
}

export interface ConsortiumParts {
  readonly witness: GroupWitness
  readonly version: string
  /** Undefined for a member whose node's address nobody gave. */
  readonly peerState: (memberId: string) => PeerState | undefined
  readonly witnesses: ConsortiumView['witnesses']
}

export function consortiumView({ witness, version, peerState, witnesses }: ConsortiumParts): ConsortiumView {
  witness.refresh()
  const { log, trees } = witness
  const { height, size, timeMs, ruleset } = log.head()
  const { members, quorum: needed } = log.membership()
  const quorum = trees.quorum
  const cosigned = quorum?.members ?? []
  return {
    memberId: log.memberId,
    version,
    height,
    size,
    timeMs,
    ruleset,
    quorum: { needed, ...(quorum && { size: quorum.size }), members: cosigned },
    members: members
      .filter(({ status }) => status !== 'removed')
      .map(({ memberId, organisation, status }) => ({
        memberId,
        organisation,
        status,
        hasCosigned: cosigned.includes(memberId),
        ...(memberId === log.memberId
          ? { isSelf: true, contact: 'self' as const, height, size, timeMs, version, ruleset, lagLeaves: 0 }
          : { isSelf: false, ...contactOf(witness, memberId, size, peerState(memberId)) }),
      })),
    contradictions: contradictionSummaries(witness),
    witnesses,
  }
}

function contactOf(witness: GroupWitness, memberId: string, ownSize: number, state: PeerState | undefined) {
  const heard = witness.heardOf(memberId)
  const contact = state === undefined ? 'unknown' : state.reachable ? 'heard' : 'silent'
  const fault = state?.fault
  return {
    contact: contact as ConsortiumMember['contact'],
    ...(fault !== undefined && { fault }),
    ...(heard && {
      heardAtMs: heard.atMs,
      height: heard.height,
      size: heard.size,
      timeMs: heard.timeMs,
      version: heard.version,
      ruleset: heard.ruleset,
      lagLeaves: Math.max(0, ownSize - heard.size),
    }),
  }
}

/** The proofs that this node keeps, with members in the place of keys. */
export function contradictionSummaries({ log, contradictions }: GroupWitness): readonly ContradictionSummary[] {
  const { members } = log.membership()
  const membersOf = (vkeys: readonly string[]) => {
    const known = vkeys.flatMap((vkey) => memberOfVkey(log.origin, members, vkey) ?? [])
    return [...new Set(known)].sort()
  }
  return contradictions.all().map(({ id, kind, sizes, foundAtMs, signedBy, equivocating }) => ({
    id,
    kind,
    sizes,
    foundAtMs,
    signedBy: membersOf(signedBy.flat()),
    equivocating: membersOf(equivocating),
  }))
}
