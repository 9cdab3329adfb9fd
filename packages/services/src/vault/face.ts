/**
 * Where services keep what the ledger must not hold. Every record is sealed under a key of its own, which is wrapped by a
 * key that the disk does not have; erasing a record destroys its key, so that no backup brings it back. Lookups go by
 * marks, which are stored as keyed hashes.
 */
import type { Json } from '@chengxin/kernel'

export interface Vault {
  /** Records of one kind, such as `bureau-applications`. Names are lower-case words joined by hyphens. */
  collection<T extends Json>(name: string): Collection<T>
  close(): Promise<void>
}

export interface Stored<T> {
  readonly id: string
  readonly value: T
  /** Grows by one with each change. */
  readonly version: number
}

/** By name of the mark: its value, such as `{account: 'acct_…'}`. A record is found by each mark it was stored with. */
export type Marks = { readonly [name: string]: string }

export interface Collection<T extends Json> {
  /** False where the id is taken. */
  insert(id: string, value: T, marks?: Marks): Promise<boolean>
  get(id: string): Promise<Stored<T> | undefined>
  /**
   * Replaces a record if it still has this version, and its marks where new ones are given; false where somebody else was
   * faster, or the record is gone.
   */
  replace(id: string, version: number, value: T, marks?: Marks): Promise<boolean>
  /** Gone for good, from here and from every backup. False where there was none. */
  erase(id: string): Promise<boolean>
  /** In the order of insertion, oldest first, those after a record's id; 50 if no limit is given, 1,000 at most. */
  find(mark: string, value: string, page?: Page): Promise<readonly Stored<T>[]>
  list(page?: Page): Promise<readonly Stored<T>[]>
  count(mark?: string, value?: string): Promise<number>
}

export interface Page {
  readonly after?: string
  readonly limit?: number
  readonly newestFirst?: boolean
}

/** Reads, changes and writes back until nobody came between. `change` gives the new value, or undefined to leave it. */
export async function changeRecord<T extends Json, R>(
  records: Collection<T>,
  id: string,
  change: (value: T) => { readonly value?: T; readonly marks?: Marks; readonly result: R },
): Promise<R | undefined> {
  for (;;) {
    const stored = await records.get(id)
    if (stored === undefined) return undefined
    const { value, marks, result } = change(stored.value)
    if (value === undefined || (await records.replace(id, stored.version, value, marks))) return result
  }
}
