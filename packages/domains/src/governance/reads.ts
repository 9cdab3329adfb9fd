/** What other domains may ask of governance. */
import type { Did, Hash, TimeMs } from '@chengxin/kernel'
import { defineReads, keyOf, type MembershipAnswers, type PublicJwk } from '@chengxin/module-kit'
import { keyName } from './changes/member-keys.ts'
import { activeMembers, quorumOf } from './committee.ts'
import { periodAt } from './periods.ts'
import type { GovernanceTables, Member, MemberId, PinnedGroup } from './types.ts'

export interface GovernanceReads {
  /** The active member for which a DID holds a role now, or undefined when it does not hold it. */
  memberOfRole(did: Did, role: string): MemberId | undefined
  /** The same at a time in the past: what was then decided under the role stays decided. */
  memberOfRoleAt(did: Did, role: string, atMs: TimeMs): MemberId | undefined
  /** Whether a key serves or served a duty of a member, and so may serve nothing else. */
  isMemberKey(key: PublicJwk): boolean
  /** By whose keys another group is believed here, for what and how long. */
  pinnedGroup(group: string): PinnedGroup | undefined
}

export const governanceReads = defineReads<GovernanceTables, GovernanceReads>('governance', (read) => ({
  memberOfRole(did, role) {
    const held = read.roles.get(keyOf(role, did))
    if (held?.status !== 'held') return undefined
    return read.members.get(held.member)?.status === 'active' ? held.member : undefined
  },
  memberOfRoleAt(did, role, atMs) {
    const held = periodAt(read.roles.get(keyOf(role, did))?.periods ?? [], atMs)
    const member = held && read.members.get(held.member)
    return member && periodAt(member.activePeriods, atMs) ? held.member : undefined
  },
  isMemberKey: (key) => read.memberKeys.has(keyName(key)),
  pinnedGroup: (group) => read.pinnedGroups.get(group),
}))

/** Which ruleset is in force for a leaf: asked by execution before each transaction. */
export const rulesetActivation = defineReads<GovernanceTables, { activeRuleset(leafIndex: number): Hash | undefined }>(
  'governance',
  (read) => ({
    activeRuleset(leafIndex) {
      const activations = read.rulesets.get('schedule')?.activations ?? []
      return activations.findLast(({ fromLeaf }) => fromLeaf <= leafIndex)?.hash
    },
  }),
)

/** Who orders: active members that have a validator key. Who is suspended still follows, so that it can come back. */
export const groupMembership = defineReads<GovernanceTables, MembershipAnswers>('governance', (read) => {
  const listed = () =>
    (read.group.get('group')?.memberIds ?? []).flatMap((memberId) => {
      const row = read.members.get(memberId)
      return row === undefined ? [] : { member: memberId, ...row }
    })
  return {
    validators: () =>
      listed().flatMap(({ member, status, validatorKey }) =>
        status === 'active' && validatorKey ? { member, key: validatorKey.x } : [],
      ),
    peers: () => listed().flatMap(({ peerId }) => peerId ?? []),
  }
})

export interface LogWitnesses {
  /** Members that are not removed, in order of entry. */
  members(): readonly (readonly [MemberId, Member])[]
  /** How many active members must have cosigned a checkpoint before receipts are given against it. */
  receiptQuorum(): number
}

/**
 * Who stands behind the log. Unless the committee has said otherwise, a receipt needs more than two thirds of the members
 * that validate, as a block does; where one process orders alone, its member's word is all there is.
 */
export const logWitnesses = defineReads<GovernanceTables, LogWitnesses>('governance', (read) => ({
  members: () =>
    (read.group.get('group')?.memberIds ?? []).flatMap((memberId) => {
      const member = read.members.get(memberId)
      return member === undefined ? [] : [[memberId, member] as const]
    }),
  receiptQuorum() {
    const active = activeMembers(read).map(([, member]) => member)
    const decided = read.group.get('group')?.receiptQuorum
    // Members may have left since: a number that nobody can reach would end all receipts.
    if (decided !== undefined) return Math.max(1, Math.min(decided, active.length))
    return quorumOf(active.filter(({ validatorKey }) => validatorKey !== undefined).length)
  },
}))
