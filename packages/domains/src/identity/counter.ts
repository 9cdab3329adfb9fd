/** The bureau's counter: whether it helps a DID after a loss, after how long, and whose officers may sign there. */
import { type Did, type Refusal, refuse } from '@chengxin/kernel'
import type { Context } from '@chengxin/module-kit'
import { governanceReads } from '../governance/reads.ts'
import { type IdentityRead, limits } from './types.ts'

/** How long the counter of this DID waits. */
export function counterDelayMs(read: IdentityRead, did: Did): number {
  return read.counters.get(did)?.delayMs ?? limits.counterDelayMs
}

/**
 * Why this signer may not act at the counter for a DID, if so: `counter_not_offered`, `counter_closed`,
 * `not_a_counter_officer`, `own_recovery`.
 */
export function refuseAtCounter(read: IdentityRead, did: Did, context: Context): Refusal | undefined {
  const { principal } = context
  if (read.confirmations.get(did) === undefined) return refuse('counter_not_offered')
  if (read.counters.get(did)?.standing === 'closed') return refuse('counter_closed')
  if (!isCounterOfficer(read, did, principal, context)) return refuse('not_a_counter_officer')
  return principal === did ? refuse('own_recovery') : undefined
}

/** Whether somebody is now an officer of the member whose bureau gave the newest confirmation of a DID. */
export function isCounterOfficer(
  read: IdentityRead,
  did: Did,
  officer: Did,
  { reads }: Pick<Context, 'reads'>,
): boolean {
  const { memberOfRole } = reads(governanceReads)
  const bureau = read.confirmations.get(did)?.by
  const member = bureau && memberOfRole(bureau, 'identity_bureau')
  return member !== undefined && memberOfRole(officer, 'counter_officer') === member
}
