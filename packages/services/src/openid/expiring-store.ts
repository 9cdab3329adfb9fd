/**
 * Where codes, tokens and open requests are kept until they are used or past their time. `add` and `take` are atomic, which
 * is all that "once" rests on; a database behind this face needs no transactions beyond these two statements.
 */
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url, toUtf8 } from '@chengxin/kernel'

export interface ExpiringStore<T> {
  /** False where something stands under this key already, or where there is no room left: then nothing was written. */
  add(key: string, value: T, untilMs: number): Promise<boolean>
  get(key: string): Promise<T | undefined>
  /** Removes and returns; of two who take at the same time one gets it. */
  take(key: string): Promise<{ readonly value: T; readonly untilMs: number } | undefined>
}

/** The key under which a secret's record stands: a copy of the store opens nothing. */
export function keyOf(secret: string): string {
  return toBase64url(sha256(toUtf8(secret)))
}

export interface MemoryStoreOptions {
  readonly nowMs: () => number
  /** 100,000 if absent. */
  readonly capacity?: number
}

/** A store that is gone with the process, bounded, so that strangers cannot fill the memory. */
export function createMemoryStore<T>({ nowMs, capacity = 100_000 }: MemoryStoreOptions): ExpiringStore<T> {
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>()

  function live(key: string) {
    const entry = entries.get(key)
    if (entry === undefined || entry.untilMs > nowMs()) return entry
    entries.delete(key)
    return undefined
  }

  function dropExpired(): void {
    for (const [key, { untilMs }] of entries) if (untilMs <= nowMs()) entries.delete(key)
  }

  return {
    async add(key, value, untilMs) {
      if (live(key) !== undefined) return false
      if (entries.size >= capacity) dropExpired()
      if (entries.size >= capacity) return false
      entries.set(key, { value, untilMs })
      return true
    },
    async get(key) {
      return live(key)?.value
    },
    async take(key) {
      const entry = live(key)
      entries.delete(key)
      return entry
    },
  }
}
