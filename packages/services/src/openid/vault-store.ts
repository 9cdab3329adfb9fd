/**
 * Codes and tokens that outlive the process: whoever was told to come back for a certificate finds it, although the issuer
 * was started again in between. What is past its time is erased when it is met, and by a sweep now and then.
 */
import type { Json } from '@chengxin/kernel'
import type { Collection } from '../vault/face.ts'
import { everyRecord } from '../vault/kept-in-vault.ts'
import type { ExpiringStore } from './expiring-store.ts'

/** `entry` is null once it was taken: the record itself goes with the next sweep, many at a time. */
type Entry = { readonly entry: Json; readonly untilMs: number }

export interface VaultStore<T> extends ExpiringStore<T> {
  /** Erases what was taken or is past its time. */
  sweep(): Promise<void>
}

export function createVaultStore<T>(records: Collection<Json>, nowMs: () => number): VaultStore<T> {
  const isOpen = ({ entry, untilMs }: Entry) => entry !== null && untilMs > nowMs()

  async function live(key: string) {
    const found = await records.get(key)
    return found && isOpen(found.value as Entry) ? { ...found, value: found.value as Entry } : undefined
  }

  return {
    async add(key, value, untilMs) {
      const entry: Entry = { entry: value as unknown as Json, untilMs }
      if (await records.insert(key, entry)) return true
      const before = await records.get(key)
      return before !== undefined && !isOpen(before.value as Entry) && records.replace(key, before.version, entry)
    },
    async get(key) {
      return (await live(key))?.value.entry as T | undefined
    },
    async take(key) {
      const found = await live(key)
      // Of two who take at the same time one finds that it has changed.
      if (!found || !(await records.replace(key, found.version, { entry: null, untilMs: 0 }))) return undefined
      return { value: found.value.entry as unknown as T, untilMs: found.value.untilMs }
    },
    async sweep() {
      const over: string[] = []
      for await (const { id, value } of everyRecord(records)) if (!isOpen(value as Entry)) over.push(id)
      await Promise.all(over.map((id) => records.erase(id)))
    },
  }
}
