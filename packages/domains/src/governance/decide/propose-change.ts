import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { effectOf } from '../changes/effect.ts'
import { committeeOf, sitsOnCommittee } from '../committee.ts'
import type { proposeChange } from '../schema.ts'
import { type GovernanceEvent, type GovernanceTables, limits } from '../types.ts'

export const decideProposeChange: Decide<GovernanceTables, ArgsOf<typeof proposeChange>, GovernanceEvent> = (
  read,
  { proposalId, change },
  context,
) => {
  const { principal, timeMs } = context
  if (!sitsOnCommittee(read, principal)) return refuse('not_in_committee')
  if (read.proposals.has(proposalId)) return refuse('proposal_already_exists')
  // A change that cannot be now is told to its proposer, rather than to whoever approves it last.
  const effect = effectOf(read, change, context)
  if (isRefusal(effect)) return effect

  const expiresAtMs = (timeMs + limits.proposalMs) as typeof timeMs
  const proposed: readonly GovernanceEvent[] = [
    { type: 'changeProposed', change, expiresAtMs, proposalId, proposer: principal },
    { type: 'changeApproved', approvedBy: [principal], by: principal, proposalId },
  ]
  if (committeeOf(read).threshold > 1) return proposed
  return [...proposed, { type: 'changePassed', proposalId }, ...effect]
}
