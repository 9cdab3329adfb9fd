/**
 * Codes and tokens that outlive the process: whoever was told to come back for a certificate finds it, although the issuer
 * was started again in between. What is past its time is erased when it is met, and by a sweep now and then.
 */
import type { Json } from '@chengxin/kernel'
import type { Collection } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { ExpiringStore } from './expiring-store.ts'

type Entry = { readonly entry: Json; readonly untilMs: number }

export interface VaultStore<T> extends ExpiringStore<T> {
  /** Erases what is past its time. */
  sweep(): Promise<void>
}

export function createVaultStore<T>(records: Collection<Json>, nowMs: () => number): VaultStore<T> {
  async function live(key: string): Promise<Entry | undefined> {
    const found = (await records.get(key))?.value as Entry | undefined
    if (found === undefined || found.untilMs > nowMs()) return found
    await records.erase(key)
    return undefined
  }

  return {
    async add(key, value, untilMs) {
      await live(key)
      return records.insert(key, { entry: value as unknown as Json, untilMs })
    },
    async get(key) {
      return (await live(key))?.entry as T | undefined
    },
    async take(key) {
      const found = await live(key)
      // Of two who take at the same time one finds it gone.
      if (found === undefined || !(await records.erase(key))) return undefined
      return { value: found.entry as unknown as T, untilMs: found.untilMs }
    },
    async sweep() {
      for await (const { id, value } of everyRecord(records)) {
        if ((value as Entry).untilMs <= nowMs()) await records.erase(id)
      }
    },
  }
}
