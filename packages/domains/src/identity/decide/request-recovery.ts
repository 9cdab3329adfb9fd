import { type Did, isRefusal, type Refusal, refuse, type TimeMs } from '@chengxin/kernel'
import type { ArgsOf, Context, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { type ProvenKey, proveKey } from '../key-proof.ts'
import type { requestRecovery } from '../schema.ts'
import { activeIdentity, refuseKey, runningRequest } from '../standing.ts'
import { type IdentityEvent, type IdentityRead, type IdentityTables, limits } from '../types.ts'
import { approvalEvents } from './approve-recovery.ts'

export const decideRequestRecovery: Decide<IdentityTables, ArgsOf<typeof requestRecovery>, IdentityEvent> = (
  read,
  args,
  context,
) => {
  const { principal, timeMs } = context
  const { did, keyId, key } = args
  const proven = proveNewKey(read, args, context)
  if (isRefusal(proven)) return proven
  if (runningRequest(read, did, timeMs)) return refuse('recovery_in_progress')
  const recovery = read.recoveries.get(did)
  if (recovery === undefined) return refuse('recovery_not_set')
  if (!recovery.guardians.includes(principal)) return refuse('not_a_guardian')

  const lapsesAtMs = (timeMs + recovery.delayMs + limits.recoveryStandsMs) as TimeMs
  return [
    { type: 'recoveryRequested', by: principal, did, key, keyId, lapsesAtMs, ...proven },
    ...approvalEvents(did, recovery, [], principal, timeMs),
  ]
}

/**
 * Whether a DID can be given this key: `identity_not_found`, `key_id_already_used`, `key_already_present`, `key_of_a_member`,
 * and those of `proveKey`.
 */
export function proveNewKey(
  read: IdentityRead,
  asked: ProvenKey & { readonly did: Did; readonly keyId: string },
  context: Context,
): { readonly relyingParty?: number } | Refusal {
  const { did, keyId, key } = asked
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  const keyRefusal = refuseKey(read, did, identity, keyId, key)
  if (keyRefusal) return keyRefusal
  if (context.reads(governanceReads).isMemberKey(key)) return refuse('key_of_a_member')
  return proveKey(read, did, asked, context)
}
