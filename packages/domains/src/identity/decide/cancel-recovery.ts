import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { cancelRecovery } from '../schema.ts'
import { runningRequest } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideCancelRecovery: Decide<IdentityTables, ArgsOf<typeof cancelRecovery>, IdentityEvent> = (
  read,
  _args,
  { principal: did, timeMs },
) => {
  if (!runningRequest(read, did, timeMs)) return refuse('recovery_not_requested')
  return [{ type: 'recoveryCancelled', did }]
}
