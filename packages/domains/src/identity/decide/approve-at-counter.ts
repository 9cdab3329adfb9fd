import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { counterDelayMs, refuseAtCounter } from '../counter.ts'
import type { approveAtCounter } from '../schema.ts'
import { requestAtCounter } from '../standing.ts'
import { type IdentityEvent, type IdentityTables, limits } from '../types.ts'
import { approvalEvents } from './approve-recovery.ts'

export const decideApproveAtCounter: Decide<IdentityTables, ArgsOf<typeof approveAtCounter>, IdentityEvent> = (
  read,
  { did },
  context,
) => {
  const { principal, timeMs } = context
  const refused = refuseAtCounter(read, did, context)
  if (refused) return refused
  const request = requestAtCounter(read, did, timeMs)
  if (request === undefined) return refuse('recovery_not_requested')
  if (request.approvedBy.includes(principal)) return refuse('recovery_already_approved')
  const policy = { threshold: limits.counterOfficers, delayMs: counterDelayMs(read, did) }
  return approvalEvents(did, policy, request.approvedBy, principal, timeMs)
}
