/** A small record that must survive a crash, kept in a vault instead of a file: what it holds is sealed with the rest. */
import type { Json } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import type { Collection, Marks } from './face.ts'

/** One record of a collection. Who writes it is one program, so that the last save is the one that counts. */
export function keptInVault<T>(records: Collection<Json>, id: string, marks?: Marks): Kept<T> {
  // The version that stands there if nobody else has written; where one has, it is read again.
  let likely = 1
  return {
    async load() {
      const stored = await records.get(id)
      likely = stored?.version ?? 0
      return stored?.value as T | undefined
    },
    async save(record) {
      const value = record as unknown as Json
      while (!(await records.replace(id, likely, value, marks))) {
        likely = (await records.get(id))?.version ?? 0
        if (likely === 0 && (await records.insert(id, value, marks))) break
      }
      likely++
    },
    async erase() {
      await records.erase(id)
    },
  }
}

/** Every record of a collection, or those with a mark, page by page. */
export async function* everyRecord<T extends Json>(
  records: Collection<T>,
  mark?: readonly [name: string, value: string],
): AsyncGenerator<{ readonly id: string; readonly value: T; readonly version: number }> {
  const limit = 1000
  let after: string | undefined
  for (;;) {
    const page = { limit, ...(after !== undefined && { after }) }
    const found = mark === undefined ? await records.list(page) : await records.find(mark[0], mark[1], page)
    yield* found
    after = found.at(-1)?.id
    if (found.length < limit) return
  }
}
