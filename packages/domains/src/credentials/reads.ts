/** What other domains may ask of credentials. */
import type { Did, TimeMs } from '@chengxin/kernel'
import { defineReads, keyOf } from '@chengxin/module-kit'
import { isEntitledAt } from './entitlement.ts'
import { isRegisteredAt } from './registration.ts'
import type { CredentialsTables } from './types.ts'

export interface CredentialsReads {
  /** Whether an issuer was entitled to issue a type at a time, by what is known now. */
  wasEntitledAt(issuer: Did, typeId: string, atMs: TimeMs): boolean
  /** Whether a verifier may ask holders for anything now. */
  isRegistered(verifier: Did, nowMs: TimeMs): boolean
}

export const credentialsReads = defineReads<CredentialsTables, CredentialsReads>('credentials', (read) => ({
  wasEntitledAt: (issuer, typeId, atMs) =>
    isEntitledAt(read.authorisations.get(keyOf(issuer, typeId))?.periods ?? [], atMs),
  isRegistered: (verifier, nowMs) => isRegisteredAt(read.verifiers.get(verifier), nowMs),
}))
