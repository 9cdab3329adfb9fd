/** Suspending, reinstating and removing members, none of which may leave too few seats to decide anything again. */
import { type Refusal, refuse } from '@chengxin/kernel'
import { activeMembers, committeeOf, seatsCountingWithout } from '../committee.ts'
import type { ChangeOf, GovernanceEvent, GovernanceRead, Member, MemberId } from '../types.ts'
import { limits } from '../types.ts'
import type { Effect } from './effect.ts'

export const suspension: Effect<ChangeOf<'suspendMember'>> = (read, { memberId }, { timeMs }) => {
  const member = read.members.get(memberId)
  if (member === undefined) return refuse('member_not_found')
  if (member.status === 'removed') return refuse('member_removed')
  if (member.status !== 'active') return refuse('member_not_active')
  return refuseBreakingQuorum(read, memberId) ?? [{ type: 'memberSuspended', atMs: timeMs, memberId }]
}

export const reinstatement: Effect<ChangeOf<'reinstateMember'>> = (read, { memberId }, { timeMs }) => {
  const member = read.members.get(memberId)
  if (member === undefined) return refuse('member_not_found')
  if (member.status === 'removed') return refuse('member_removed')
  if (member.status !== 'suspended') return refuse('member_not_suspended')
  if (member.activePeriods.length >= limits.periods) return refuse('member_history_full')
  return [{ type: 'memberReinstated', atMs: timeMs, memberId }]
}

export const removal: Effect<ChangeOf<'removeMember'>> = (read, { memberId }, { timeMs }) => {
  const member = read.members.get(memberId)
  if (member === undefined) return refuse('member_not_found')
  if (member.status === 'removed') return refuse('member_removed')
  const refusal = refuseBreakingQuorum(read, memberId) ?? refuseLosingLastValidator(read, memberId, member)
  if (refusal) return refusal

  const removed: GovernanceEvent = { type: 'memberRemoved', atMs: timeMs, memberId }
  const { seats, threshold, version } = committeeOf(read)
  const seatsLeft = seats.filter((seat) => seat.member !== memberId)
  if (seatsLeft.length === seats.length) return [removed]
  return [removed, { type: 'committeeChanged', seats: seatsLeft, threshold, version: version + 1 }]
}

function refuseBreakingQuorum(read: GovernanceRead, memberId: MemberId): Refusal | undefined {
  const enough = seatsCountingWithout(read, memberId, []) >= committeeOf(read).threshold
  return enough ? undefined : refuse('would_break_quorum')
}

/** Where members order transactions between them, somebody must still do so. */
function refuseLosingLastValidator(read: GovernanceRead, memberId: MemberId, member: Member): Refusal | undefined {
  if (member.validatorKey === undefined) return undefined
  const others = activeMembers(read).some(
    ([otherId, other]) => otherId !== memberId && other.validatorKey !== undefined,
  )
  return others ? undefined : refuse('would_break_quorum')
}
