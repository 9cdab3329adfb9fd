import { type Did, refuse, type TimeMs } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { approveRecovery } from '../schema.ts'
import { requestOfGuardians } from '../standing.ts'
import type { IdentityEvent, IdentityTables, Recovery } from '../types.ts'

export const decideApproveRecovery: Decide<IdentityTables, ArgsOf<typeof approveRecovery>, IdentityEvent> = (
  read,
  { did },
  { principal, timeMs },
) => {
  const recovery = read.recoveries.get(did)
  if (recovery === undefined) return refuse('recovery_not_set')
  if (!recovery.guardians.includes(principal)) return refuse('not_a_guardian')
  const request = requestOfGuardians(read, did, timeMs)
  if (request === undefined) return refuse('recovery_not_requested')
  if (request.approvedBy.includes(principal)) return refuse('recovery_already_approved')
  return approvalEvents(did, recovery, request.approvedBy, principal, timeMs)
}

/** An approval, and with the last one needed the beginning of the waiting time. */
export function approvalEvents(
  did: Did,
  { threshold, delayMs }: Pick<Recovery, 'threshold' | 'delayMs'>,
  approvedBy: readonly Did[],
  by: Did,
  nowMs: TimeMs,
): readonly IdentityEvent[] {
  const approved: IdentityEvent = { type: 'recoveryApproved', by, did }
  if (approvedBy.length + 1 !== threshold) return [approved]
  return [approved, { type: 'recoveryWaiting', completableAtMs: (nowMs + delayMs) as TimeMs, did, fromMs: nowMs }]
}
