import { refuse } from '@chengxin/kernel'
import { activeMemberOfAdmin, committeeOf, isSoundThreshold } from '../committee.ts'
import type { ChangeOf, Seat } from '../types.ts'
import type { Effect } from './effect.ts'

export const committeeChange: Effect<ChangeOf<'changeCommittee'>> = (read, { dids, threshold, replaces }) => {
  const { version } = committeeOf(read)
  if (replaces !== version) return refuse('committee_changed')
  if (new Set(dids).size < dids.length) return refuse('committee_did_listed_twice')
  const seats: Seat[] = []
  for (const did of dids) {
    const member = activeMemberOfAdmin(read, did)
    if (member === undefined) return refuse('committee_did_not_an_admin')
    seats.push({ did, member })
  }
  if (!isSoundThreshold(threshold, seats.length)) return refuse('committee_threshold_out_of_bounds')
  return [{ type: 'committeeChanged', seats, threshold, version: version + 1 }]
}
