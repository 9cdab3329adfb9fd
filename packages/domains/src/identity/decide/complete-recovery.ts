import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { completeRecovery } from '../schema.ts'
import { activeIdentity, refuseKey, runningRequest } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideCompleteRecovery: Decide<IdentityTables, ArgsOf<typeof completeRecovery>, IdentityEvent> = (
  read,
  { did },
  { timeMs: atMs },
) => {
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  const request = runningRequest(read, did, atMs)
  const recovery = read.recoveries.get(did)
  if (request === undefined || recovery === undefined) return refuse('recovery_not_requested')
  const { key, keyId, relyingParty } = request
  // A live key may have taken the name since the request.
  const keyRefusal = refuseKey(read, did, identity, keyId, key)
  if (keyRefusal) return keyRefusal
  if (request.approvedAtMs === undefined) return refuse('recovery_not_approved')
  if (atMs < request.approvedAtMs + recovery.delayMs) return refuse('recovery_too_early')

  // Whoever held the old keys may have given delegations with them: these end too.
  const given = read.delegators.get(did)?.given ?? []
  return [
    ...identity.keys.map((old): IdentityEvent => ({ type: 'keyRetired', atMs, did, keyId: old.keyId })),
    { type: 'keyAdded', atMs, did, key, keyId, ...(relyingParty !== undefined && { relyingParty }) },
    ...given.map(({ delegationId }): IdentityEvent => ({ type: 'delegationRevoked', delegationId, principal: did })),
    { type: 'recoveryCompleted', did },
  ]
}
