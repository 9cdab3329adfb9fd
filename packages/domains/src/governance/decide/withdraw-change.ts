import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { withdrawChange } from '../schema.ts'
import type { GovernanceEvent, GovernanceTables } from '../types.ts'

export const decideWithdrawChange: Decide<GovernanceTables, ArgsOf<typeof withdrawChange>, GovernanceEvent> = (
  read,
  { proposalId },
  { principal },
) => {
  const proposal = read.proposals.get(proposalId)
  if (proposal === undefined) return refuse('proposal_not_found')
  if (proposal.proposer !== principal) return refuse('not_the_proposer')
  if (proposal.status !== 'open') return refuse('proposal_not_open')
  return [{ type: 'changeWithdrawn', proposalId }]
}
