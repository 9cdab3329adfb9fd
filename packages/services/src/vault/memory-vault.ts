/** A vault that forgets everything when the process ends: for tests, and for trials that leave nothing behind. */
import type { Json } from '@chengxin/kernel'
import type { Collection, Marks, Page, Stored, Vault } from './face.ts'

interface Kept {
  readonly order: number
  readonly text: string
  readonly marks: Marks
  readonly version: number
}

export function createMemoryVault(): Vault {
  const collections = new Map<string, Collection<Json>>()
  return {
    collection<T extends Json>(name: string) {
      const known = collections.get(name) ?? memoryCollection()
      collections.set(name, known)
      return known as unknown as Collection<T>
    },
    async close() {},
  }
}

function memoryCollection(): Collection<Json> {
  const records = new Map<string, Kept>()
  let inserted = 0
  const storedOf = ([id, { text, version }]: readonly [string, Kept]): Stored<Json> => ({
    id,
    version,
    value: JSON.parse(text) as Json,
  })

  function page(matches: (kept: Kept) => boolean, { after, limit = 50, newestFirst = false }: Page = {}) {
    const direction = newestFirst ? -1 : 1
    const start = after === undefined ? undefined : records.get(after)?.order
    return [...records]
      .filter(([, kept]) => matches(kept) && (start === undefined || (kept.order - start) * direction > 0))
      .sort(([, one], [, other]) => (one.order - other.order) * direction)
      .slice(0, Math.min(limit, 1000))
      .map(storedOf)
  }
  const marked = (mark: string, value: string) => (kept: Kept) => kept.marks[mark] === value

  return {
    async insert(id, value, marks = {}) {
      if (records.has(id)) return false
      inserted++
      records.set(id, { order: inserted, text: JSON.stringify(value), marks, version: 1 })
      return true
    },
    async get(id) {
      const kept = records.get(id)
      return kept && storedOf([id, kept])
    },
    async replace(id, version, value, marks) {
      const kept = records.get(id)
      if (kept?.version !== version) return false
      records.set(id, { ...kept, text: JSON.stringify(value), marks: marks ?? kept.marks, version: version + 1 })
      return true
    },
    erase: async (id) => records.delete(id),
    find: async (mark, value, where) => page(marked(mark, value), where),
    list: async (where) => page(() => true, where),
    async count(mark, value = '') {
      return mark === undefined ? records.size : [...records.values()].filter(marked(mark, value)).length
    },
  }
}
