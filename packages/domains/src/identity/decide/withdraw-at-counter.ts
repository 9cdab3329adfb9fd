import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { refuseAtCounter } from '../counter.ts'
import type { withdrawAtCounter } from '../schema.ts'
import { requestAtCounter } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

/** One officer is enough to stop what takes two: a request that nobody stands by would suspend its holder for weeks. */
export const decideWithdrawAtCounter: Decide<IdentityTables, ArgsOf<typeof withdrawAtCounter>, IdentityEvent> = (
  read,
  { did },
  context,
) => {
  const refused = refuseAtCounter(read, did, context)
  if (refused) return refused
  if (!requestAtCounter(read, did, context.timeMs)) return refuse('recovery_not_requested')
  return [{ type: 'recoveryCancelled', did }]
}
