import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { effectOf } from '../changes/effect.ts'
import { committeeOf, countingSeats, sitsOnCommittee } from '../committee.ts'
import type { approveChange } from '../schema.ts'
import type { GovernanceEvent, GovernanceTables } from '../types.ts'

export const decideApproveChange: Decide<GovernanceTables, ArgsOf<typeof approveChange>, GovernanceEvent> = (
  read,
  { proposalId },
  context,
) => {
  const { principal, timeMs } = context
  if (!sitsOnCommittee(read, principal)) return refuse('not_in_committee')
  const proposal = read.proposals.get(proposalId)
  if (proposal === undefined) return refuse('proposal_not_found')
  const { change, approvedBy, expiresAtMs } = proposal
  if (change === undefined || proposal.status !== 'open') return refuse('proposal_not_open')
  if (expiresAtMs <= timeMs) return refuse('proposal_expired')
  if (approvedBy.includes(principal)) return refuse('already_approved')

  // Who approved and has lost the seat since does not count.
  const counting = countingSeats(read).map((seat) => seat.did)
  const nowApprovedBy = [...approvedBy.filter((did) => counting.includes(did)), principal]
  const approved: GovernanceEvent = { type: 'changeApproved', approvedBy: nowApprovedBy, by: principal, proposalId }
  if (nowApprovedBy.length < committeeOf(read).threshold) return [approved]

  const effect = effectOf(read, change, context)
  if (isRefusal(effect)) return effect
  return [approved, { type: 'changePassed', proposalId }, ...effect]
}
