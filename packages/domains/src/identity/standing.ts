/** What most rules of identity ask first. */
import { type Did, type Refusal, refuse, type TimeMs } from '@chengxin/kernel'
import type { PublicJwk } from '@chengxin/module-kit'
import { keyOf } from '@chengxin/module-kit'
import { type Identity, type IdentityRead, limits, type RecoveryRequest } from './types.ts'

export function activeIdentity(read: IdentityRead, did: Did): Identity | undefined {
  const identity = read.identities.get(did)
  return identity?.status === 'active' ? identity : undefined
}

/** The request for recovery that stands now, of guardians or at the counter; one that has lapsed is as if it had never been. */
export function runningRequest(read: IdentityRead, did: Did, nowMs: TimeMs): RecoveryRequest | undefined {
  return requestOfGuardians(read, did, nowMs) ?? requestAtCounter(read, did, nowMs)
}

export function requestOfGuardians(read: IdentityRead, did: Did, nowMs: TimeMs): RecoveryRequest | undefined {
  return standingAt(nowMs, read.recoveries.get(did)?.request)
}

export function requestAtCounter(read: IdentityRead, did: Did, nowMs: TimeMs): RecoveryRequest | undefined {
  return standingAt(nowMs, read.counters.get(did)?.request)
}

function standingAt(nowMs: TimeMs, request: RecoveryRequest | undefined): RecoveryRequest | undefined {
  return request !== undefined && nowMs < request.lapsesAtMs ? request : undefined
}

/** Why a DID cannot have this further key, if so: `key_id_already_used` or `key_already_present`. */
export function refuseKey(
  read: IdentityRead,
  did: Did,
  { keys }: Identity,
  keyId: string,
  key: PublicJwk,
): Refusal | undefined {
  if (keys.some((other) => other.keyId === keyId) || read.retiredKeys.has(keyOf(did, keyId))) {
    return refuse('key_id_already_used')
  }
  return keys.some((other) => other.key.crv === key.crv && other.key.x === key.x)
    ? refuse('key_already_present')
    : undefined
}

export function hasRoomForKey({ keys }: Identity): boolean {
  return keys.length < limits.keys
}
