/** The only place where identity's state changes. An event is a fact: nothing is refused here. */
import { keyOf, type Write } from '@chengxin/module-kit'
import { type IdentityEvent, type IdentityTables, type LiveKey, limits, type RecoveryRequest } from './types.ts'

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
    case 'counterSet':
      write.counters.put(event.did, { delayMs: event.delayMs, standing: event.standing })
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

function applyRecoveryEvent(write: IdentityWrite, event: RecoveryEvent): void {
  switch (event.type) {
    case 'recoverySet': {
      const { delayMs, guardians, threshold } = event
      write.recoveries.put(event.did, { delayMs, guardians, threshold })
      return
    }
    case 'recoveryRequested': {
      const { type: _type, by: _by, atCounter, did, ...request } = event
      // One request at a time: what has lapsed elsewhere goes, so that what follows names no place.
      dropRequest(write, did)
      const asked = { approvedBy: [], ...request }
      if (atCounter !== true) write.recoveries.change(did, (recovery) => ({ ...recovery, request: asked }))
      else write.counters.put(did, { ...(write.counters.get(did) ?? untouchedCounter), request: asked })
      return
    }
    case 'recoveryApproved':
      changeRequest(write, event.did, (request) => ({ ...request, approvedBy: [...request.approvedBy, event.by] }))
      return
    case 'recoveryWaiting':
      changeRequest(write, event.did, (request) => ({ ...request, approvedAtMs: event.fromMs }))
      return
    case 'recoveryCancelled':
    case 'recoveryCompleted':
      dropRequest(write, event.did)
      return
  }
}

const untouchedCounter = { delayMs: limits.counterDelayMs, standing: 'open' } as const

function changeRequest(
  { recoveries, counters }: IdentityWrite,
  did: RecoveryEvent['did'],
  changed: (request: RecoveryRequest) => RecoveryRequest,
): void {
  const [atCounter, ofGuardians] = [counters.get(did)?.request, recoveries.get(did)?.request]
  if (atCounter !== undefined) counters.change(did, (counter) => ({ ...counter, request: changed(atCounter) }))
  else if (ofGuardians !== undefined) recoveries.change(did, (row) => ({ ...row, request: changed(ofGuardians) }))
  else throw new Error('Only a request can be approved.')
}

function dropRequest({ recoveries, counters }: IdentityWrite, did: RecoveryEvent['did']): void {
  if (recoveries.get(did)?.request !== undefined) recoveries.change(did, ({ request: _request, ...row }) => row)
  if (counters.get(did)?.request !== undefined) counters.change(did, ({ request: _request, ...row }) => row)
}
