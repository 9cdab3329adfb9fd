import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { counterDelayMs, isCounterOfficer } from '../counter.ts'
import type { completeRecovery } from '../schema.ts'
import { activeIdentity, refuseKey, requestAtCounter, runningRequest } from '../standing.ts'
import { type IdentityEvent, type IdentityTables, limits } from '../types.ts'

export const decideCompleteRecovery: Decide<IdentityTables, ArgsOf<typeof completeRecovery>, IdentityEvent> = (
  read,
  { did },
  context,
) => {
  const { timeMs: atMs } = context
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  const request = runningRequest(read, did, atMs)
  if (request === undefined) return refuse('recovery_not_requested')
  const { key, keyId, relyingParty } = request
  // A live key may have taken the name since the request.
  const keyRefusal = refuseKey(read, did, identity, keyId, key)
  if (keyRefusal) return keyRefusal
  const isAtCounter = requestAtCounter(read, did, atMs) !== undefined
  if (request.approvedAtMs === undefined) return refuse('recovery_not_approved')
  // An officer who was put out of office during the wait has approved nothing.
  const inOffice = request.approvedBy.filter((officer) => isCounterOfficer(read, did, officer, context))
  if (isAtCounter && inOffice.length < limits.counterOfficers) return refuse('recovery_not_approved')
  const delayMs = isAtCounter ? counterDelayMs(read, did) : (read.recoveries.get(did)?.delayMs ?? 0)
  if (atMs < request.approvedAtMs + delayMs) return refuse('recovery_too_early')

  // Whoever held the old keys may have given delegations with them: these end too.
  const given = read.delegators.get(did)?.given ?? []
  return [
    ...identity.keys.map((old): IdentityEvent => ({ type: 'keyRetired', atMs, did, keyId: old.keyId })),
    { type: 'keyAdded', atMs, did, key, keyId, ...(relyingParty !== undefined && { relyingParty }) },
    ...given.map(({ delegationId }): IdentityEvent => ({ type: 'delegationRevoked', delegationId, principal: did })),
    { type: 'recoveryCompleted', did },
  ]
}
