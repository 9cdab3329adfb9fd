/**
 * Open requests and their answers, in the vault: whoever is looking at a request on the phone while the office's node is started
 * again can answer it all the same, and the office finds the answer.
 */
import type { Json } from '@chengxin/kernel'
import type { ExpiringStore } from '../openid/expiring-store.ts'
import { createVaultStore } from '../openid/vault-store.ts'
import type { VerifierStores } from '../openid/vp/verifier.ts'
import type { Vault } from '../vault/face.ts'

export interface RequestStores extends VerifierStores {
  /** Erases what was answered and fetched, or is past its time. */
  sweep(): Promise<void>
}

export function requestStores(vault: Vault, office: string, nowMs: () => number): RequestStores {
  const store = (kind: string) => createVaultStore<Json>(vault.collection(`verifier-${office}-${kind}`), nowMs)
  const [sessions, requests, results] = [store('sessions'), store('open'), store('answers')]
  return {
    sessions: asWritten(sessions),
    requests: asWritten(requests),
    results: asWritten(results),
    async sweep() {
      for (const each of [sessions, requests, results]) await each.sweep()
    },
  }
}

/** A record is JSON: members that are absent are left out, not written as undefined. */
function asWritten<T>(store: ExpiringStore<Json>): ExpiringStore<T> {
  return {
    ...(store as unknown as ExpiringStore<T>),
    add: (key, value, untilMs) => store.add(key, JSON.parse(JSON.stringify(value)) as Json, untilMs),
  }
}
