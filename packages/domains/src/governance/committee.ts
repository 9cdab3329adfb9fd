/** Who decides. A seat counts while the member it belongs to is active. */
import type { Did } from '@chengxin/kernel'
import type { Committee, GovernanceRead, Member, MemberId, Seat } from './types.ts'

export function committeeOf(read: GovernanceRead): Committee {
  const committee = read.committee.get('committee')
  if (committee === undefined) throw new Error('A group has a committee from its genesis on.')
  return committee
}

export function countingSeats(read: GovernanceRead): readonly Seat[] {
  return committeeOf(read).seats.filter((seat) => read.members.get(seat.member)?.status === 'active')
}

export function sitsOnCommittee(read: GovernanceRead, did: Did): boolean {
  return countingSeats(read).some((seat) => seat.did === did)
}

/** The seats that would still count if this member kept only these administrators (none: if it were gone). */
export function seatsCountingWithout(read: GovernanceRead, memberId: MemberId, keptAdmins: readonly Did[]): number {
  return countingSeats(read).filter((seat) => seat.member !== memberId || keptAdmins.includes(seat.did)).length
}

/** The active member on whose behalf a DID may take a seat: the one that entered first, if it serves several. */
export function activeMemberOfAdmin(read: GovernanceRead, did: Did): MemberId | undefined {
  return activeMembers(read).find(([, member]) => member.adminDids.includes(did))?.[0]
}

/** More than half, so that two halves cannot decide differently, and never more than there are. */
export function isSoundThreshold(threshold: number, seats: number): boolean {
  return threshold <= seats && threshold * 2 > seats
}

export function activeMembers(read: GovernanceRead): readonly (readonly [MemberId, Member])[] {
  const ids = read.group.get('group')?.memberIds ?? []
  return ids
    .map((memberId) => [memberId, read.members.get(memberId)] as const)
    .filter((entry): entry is readonly [MemberId, Member] => entry[1]?.status === 'active')
}

/** More than two thirds of so many validators; one where there are none. */
export function quorumOf(validators: number): number {
  return validators === 0 ? 1 : Math.floor((validators * 2) / 3) + 1
}
