/** Random histories of a vault, the same for whatever keeps its rows: the vault in memory says what should be found. */
import { createMemoryVault, type Vault } from '@chengxin/services'
import fc from 'fast-check'
import { expect } from 'vitest'

type Step =
  | { do: 'insert' | 'replace' | 'erase' | 'get'; id: string; value: string; mark: string; stale: boolean }
  | { do: 'find' | 'list'; mark: string; after: string | undefined; limit: number; newestFirst: boolean }
  | { do: 'reopen' }

const id = fc.constantFrom('one', 'two words', 'three\nlines', '四%20')
const mark = fc.constantFrom('red', 'blue')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('insert' as const, 'replace' as const, 'erase' as const, 'get' as const),
    id,
    value: fc.string(),
    mark,
    stale: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('find' as const, 'list' as const),
    mark,
    after: fc.option(id, { nil: undefined }),
    limit: fc.integer({ min: 1, max: 4 }),
    newestFirst: fc.boolean(),
  }),
  fc.constant({ do: 'reopen' as const }),
)

/** `open` opens the vault of a run, again after it was closed, and with what it held. */
export async function sameAsInMemory(open: (run: number) => Promise<Vault>, numRuns: number): Promise<void> {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const run = ++runs
      const memory = createMemoryVault().collection<string>('words')
      let vault = await open(run)
      for (const taken of steps) {
        if (taken.do === 'reopen') {
          await vault.close()
          vault = await open(run)
          continue
        }
        const sealed = vault.collection<string>('words')
        const both = async <T>(ask: (records: typeof memory) => Promise<T>) =>
          expect(await ask(sealed)).toEqual(await ask(memory))
        if ('limit' in taken) {
          const { after, limit, newestFirst } = taken
          const page = { limit, newestFirst, ...(after === undefined ? {} : { after }) }
          await both((records) => (taken.do === 'list' ? records.list(page) : records.find('c', taken.mark, page)))
          await both((records) => records.count('c', taken.mark))
          await both((records) => records.count())
          continue
        }
        const version = ((await memory.get(taken.id))?.version ?? 1) + (taken.stale ? 1 : 0)
        if (taken.do === 'insert') await both((r) => r.insert(taken.id, taken.value, { c: taken.mark }))
        if (taken.do === 'erase') await both((r) => r.erase(taken.id))
        if (taken.do === 'replace') await both((r) => r.replace(taken.id, version, taken.value, { c: taken.mark }))
        await both((r) => r.get(taken.id))
      }
      await vault.close()
    }),
    { numRuns },
  )
}
