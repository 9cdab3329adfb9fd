/** The only place where identity's state changes. An event is a fact: nothing is refused here. */
import { keyOf, type Write } from '@chengxin/module-kit'
import type { IdentityEvent, IdentityTables, LiveKey } from './types.ts'

type IdentityWrite = Write<IdentityTables>

export function applyIdentityEvent(write: IdentityWrite, event: IdentityEvent): void {
  switch (event.type) {
    case 'relyingPartyAccepted':
      write.relyingParties.put(String(event.number), { origins: event.origins, rpId: event.rpId })
      return
    case 'created': {
      const { atMs, did, sponsor } = event
      write.identities.put(did, { createdAtMs: atMs, keys: [liveKey('key-1', event)], sponsor, status: 'active' })
      return
    }
    case 'keyAdded':
      write.identities.change(event.did, (identity) => ({
        ...identity,
        keys: [...identity.keys, liveKey(event.keyId, event)],
      }))
      return
    case 'keyRetired': {
      const { atMs, did, keyId } = event
      const identity = write.identities.get(did)
      const retired = identity?.keys.find((key) => key.keyId === keyId)
      if (identity === undefined || retired === undefined) throw new Error('A key retires once.')
      const { keyId: _keyId, ...facts } = retired
      write.retiredKeys.put(keyOf(did, keyId), { ...facts, retiredAtMs: atMs })
      write.identities.put(did, { ...identity, keys: identity.keys.filter((key) => key !== retired) })
      return
    }
    case 'deactivated':
      write.identities.change(event.did, (identity) => ({ ...identity, status: 'deactivated' }))
      return
    case 'confirmed': {
      const { atMs, by, commitment, count } = event
      write.confirmations.put(event.did, { atMs, by, commitment, count })
      return
    }
    case 'delegated':
    case 'delegationRevoked':
      applyDelegationEvent(write, event)
      return
    case 'recoverySet':
    case 'recoveryRequested':
    case 'recoveryApproved':
    case 'recoveryWaiting':
    case 'recoveryCancelled':
    case 'recoveryCompleted':
      applyRecoveryEvent(write, event)
      return
  }
}

type Added = Pick<Extract<IdentityEvent, { readonly type: 'created' }>, 'atMs' | 'key' | 'relyingParty'>

function liveKey(keyId: string, { atMs, key, relyingParty }: Added): LiveKey {
  return { addedAtMs: atMs, key, keyId, ...(relyingParty !== undefined && { relyingParty }) }
}

function applyDelegationEvent(
  { delegators, delegationIds }: IdentityWrite,
  event: Extract<IdentityEvent, { readonly type: 'delegated' | 'delegationRevoked' }>,
): void {
  const given = delegators.get(event.principal)?.given ?? []
  if (event.type === 'delegationRevoked') {
    delegators.put(event.principal, { given: given.filter((other) => other.delegationId !== event.delegationId) })
    return
  }
  const { type: _type, principal, ...delegation } = event
  const live = given.filter((other) => delegation.fromMs < other.untilMs)
  delegators.put(principal, { given: [...live, delegation] })
  delegationIds.put(delegation.delegationId, { principal })
}

type RecoveryEvent = Extract<
  IdentityEvent,
  {
    readonly type:
      | 'recoverySet'
      | 'recoveryRequested'
      | 'recoveryApproved'
      | 'recoveryWaiting'
      | 'recoveryCancelled'
      | 'recoveryCompleted'
  }
>

function applyRecoveryEvent({ recoveries }: IdentityWrite, event: RecoveryEvent): void {
  switch (event.type) {
    case 'recoverySet': {
      const { delayMs, guardians, threshold } = event
      recoveries.put(event.did, { delayMs, guardians, threshold })
      return
    }
    case 'recoveryRequested': {
      const { type: _type, by: _by, did, ...request } = event
      recoveries.change(did, (recovery) => ({ ...recovery, request: { approvedBy: [], ...request } }))
      return
    }
    case 'recoveryApproved':
    case 'recoveryWaiting':
      recoveries.change(event.did, (recovery) => {
        const { request } = recovery
        if (request === undefined) throw new Error('Only a request can be approved.')
        const changed =
          event.type === 'recoveryApproved'
            ? { ...request, approvedBy: [...request.approvedBy, event.by] }
            : { ...request, approvedAtMs: event.fromMs }
        return { ...recovery, request: changed }
      })
      return
    case 'recoveryCancelled':
    case 'recoveryCompleted':
      recoveries.change(event.did, ({ request: _request, ...recovery }) => recovery)
      return
  }
}
