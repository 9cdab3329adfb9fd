/** What execution and other domains may ask of identity. */
import { type Did, refuse, type TimeMs } from '@chengxin/kernel'
import { defineReads, type IdentityAnswers, keyOf } from '@chengxin/module-kit'
import { scopeCovers } from './scope.ts'
import { activeIdentity, runningRequest } from './standing.ts'
import type { IdentityTables } from './types.ts'

export interface IdentityReads {
  isActive(did: Did): boolean
  /** While a recovery is under way, presentations signed by the DID's keys should not be relied on. */
  isRecovering(did: Did, nowMs: TimeMs): boolean
}

export const identityReads = defineReads<IdentityTables, IdentityReads>('identity', (read) => ({
  isActive: (did) => activeIdentity(read, did) !== undefined,
  isRecovering: (did, nowMs) => runningRequest(read, did, nowMs) !== undefined,
}))

export const identityAnswers = defineReads<IdentityTables, IdentityAnswers>('identity', (read) => ({
  activeKey(did, keyId) {
    const identity = read.identities.get(did)
    if (identity === undefined) return refuse('key_unknown')
    if (identity.status === 'deactivated') return refuse('identity_deactivated')
    const live = identity.keys.find((key) => key.keyId === keyId)
    if (live === undefined) {
      return read.retiredKeys.has(keyOf(did, keyId)) ? refuse('key_retired') : refuse('key_unknown')
    }
    if (live.relyingParty === undefined) return { key: live.key }
    const party = read.relyingParties.get(String(live.relyingParty))
    if (party === undefined) throw new Error('A passkey was accepted for a relying party of the genesis document.')
    return { key: live.key, webauthn: party }
  },

  mayActFor(signer, principal, type, timeMs) {
    const identity = read.identities.get(principal)
    if (identity?.status === 'deactivated') return refuse('identity_deactivated')
    if (runningRequest(read, principal, timeMs)) return refuse('delegation_suspended')
    const given = read.delegators.get(principal)?.given.filter(({ to }) => to === signer) ?? []
    if (given.length === 0) return refuse('delegation_missing')
    const live = given.filter(({ untilMs }) => timeMs < untilMs)
    if (live.length === 0) return refuse('delegation_expired')
    return live.some(({ scope }) => scopeCovers(scope, type)) ? undefined : refuse('delegation_out_of_scope')
  },

  sponsorOf: (did) => read.identities.get(did)?.sponsor,
}))
