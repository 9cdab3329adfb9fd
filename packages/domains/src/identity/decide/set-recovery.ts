import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { setRecovery } from '../schema.ts'
import { activeIdentity, runningRequest } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideSetRecovery: Decide<IdentityTables, ArgsOf<typeof setRecovery>, IdentityEvent> = (
  read,
  { guardians, threshold, delayMs },
  { principal: did, timeMs },
) => {
  if (runningRequest(read, did, timeMs)) return refuse('recovery_in_progress')
  if (new Set(guardians).size < guardians.length) return refuse('guardian_listed_twice')
  if (guardians.includes(did)) return refuse('guardian_is_self')
  if (guardians.some((guardian) => !activeIdentity(read, guardian))) return refuse('guardian_not_found')
  if (threshold > guardians.length) return refuse('recovery_threshold_out_of_bounds')
  return [{ type: 'recoverySet', delayMs, did, guardians, threshold }]
}
