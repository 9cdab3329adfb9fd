import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { setCounter } from '../schema.ts'
import { runningRequest } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideSetCounter: Decide<IdentityTables, ArgsOf<typeof setCounter>, IdentityEvent> = (
  read,
  { standing, delayMs },
  { principal: did, timeMs },
) => {
  // Whoever may stop the request may do so; shortening its wait, or closing the door behind it, is another thing.
  if (runningRequest(read, did, timeMs)) return refuse('recovery_in_progress')
  return [{ type: 'counterSet', delayMs, did, standing }]
}
