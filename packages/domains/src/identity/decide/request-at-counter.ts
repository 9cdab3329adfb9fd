import { isRefusal, refuse, type TimeMs } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { counterDelayMs, refuseAtCounter } from '../counter.ts'
import type { requestAtCounter } from '../schema.ts'
import { runningRequest } from '../standing.ts'
import { type IdentityEvent, type IdentityTables, limits } from '../types.ts'
import { approvalEvents } from './approve-recovery.ts'
import { proveNewKey } from './request-recovery.ts'

export const decideRequestAtCounter: Decide<IdentityTables, ArgsOf<typeof requestAtCounter>, IdentityEvent> = (
  read,
  args,
  context,
) => {
  const { principal, timeMs } = context
  const { did, keyId, key } = args
  const proven = proveNewKey(read, args, context)
  if (isRefusal(proven)) return proven
  if (runningRequest(read, did, timeMs)) return refuse('recovery_in_progress')
  const refused = refuseAtCounter(read, did, context)
  if (refused) return refused

  const policy = { threshold: limits.counterOfficers, delayMs: counterDelayMs(read, did) }
  const lapsesAtMs = (timeMs + policy.delayMs + limits.recoveryStandsMs) as TimeMs
  return [
    { type: 'recoveryRequested', atCounter: true, by: principal, did, key, keyId, lapsesAtMs, ...proven },
    ...approvalEvents(did, policy, [], principal, timeMs),
  ]
}
