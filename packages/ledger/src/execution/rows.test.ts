/** The view of rows against a plain map: whatever is written, undone, kept, settled or dropped. */
import { canonicalize } from '@chengxin/kernel'
import { defineTable, s } from '@chengxin/module-kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tillIndex } from '../testing/till-group.ts'
import { RowView } from './rows.ts'
import type { RulesIndex } from './rules-index.ts'

const row = s.object({ amount: s.amount(), note: s.optional(s.word()), zeal: s.integer(0, 9) })
const rules: RulesIndex = {
  ...tillIndex,
  domains: new Map([
    [
      'box',
      { ...tillIndex.domains.get('till'), name: 'box', tables: { items: defineTable('By name.', row) } } as never,
    ],
  ]),
}

function makeView(stored: Map<string, string>, capacity = 8) {
  const view = new RowView({ row: (key) => stored.get(key) }, capacity)
  view.useRules(rules)
  const { read, write } = view.of('box')
  return {
    view,
    read: read['items'] as unknown as Items,
    write: write['items'] as unknown as Items,
  }
}

interface Items {
  get(key: string): unknown
  has(key: string): boolean
  put(key: string, row: unknown): void
  change(key: string, change: (row: never) => unknown): void
  remove(key: string): void
}

const make = (amount: bigint) => ({ amount, zeal: 1 })

describe('rows', () => {
  test('have one form, wherever they come from', () => {
    const stored = new Map([['box/items/a', '{"amount":"5","note":"rent","zeal":2}']])
    const { view, read, write } = makeView(stored)
    const fromStore = read.get('a')
    write.put('b', { zeal: 2, amount: 5n, note: 'rent', extra: undefined })
    const [key, text] = ['box/items/b', stored.get('box/items/a')]
    expect(view.keep()).toEqual([{ key, text, spelled: JSON.stringify([key, text]) }])
    expect(read.get('b')).toEqual(fromStore)
    expect(Object.keys(read.get('b') as object)).toEqual(Object.keys(fromStore as object))
    expect(Object.isFrozen(read.get('b'))).toBe(true)
  })

  test('that do not fit their schema are an exception, written or stored', () => {
    const { read, write } = makeView(new Map([['box/items/a', '{"amount":"-5","zeal":2}']]))
    expect(() => read.get('a')).toThrow('amount')
    expect(() => write.put('b', { amount: 2n ** 63n, zeal: 1 })).toThrow('amount')
    expect(() => write.put('b', { amount: 1n, zeal: 1, memo: 'hello' })).toThrow('memo')
    expect(() => write.change('c', (old) => old)).toThrow('does not exist')
  })

  test('cannot be written by who may only read', () => {
    const { read } = makeView(new Map())
    expect('put' in read).toBe(false)
    expect('remove' in read).toBe(false)
  })

  test('are what a plain map says, through refusals, blocks and lost blocks', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ put: key, amount: fc.bigInt({ min: 0n, max: 99n }) }) },
      { weight: 2, arbitrary: fc.record({ remove: key }) },
      { weight: 4, arbitrary: fc.record({ get: key }) },
      { weight: 2, arbitrary: fc.constantFrom('keep' as const, 'undo' as const) },
      { weight: 1, arbitrary: fc.constantFrom('settle' as const, 'discard' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const stored = new Map<string, string>()
        const { view, read, write } = makeView(stored)
        let committed = new Map<string, bigint>()
        let block = new Map(committed)
        let running = new Map(block)
        for (const one of steps) {
          if (one === 'keep') {
            const changed = view.keep()
            expect(changed.map(({ key: name }) => name)).toEqual([...changed].map(({ key: name }) => name).sort())
            block = new Map(running)
          } else if (one === 'undo') {
            view.undo()
            running = new Map(block)
          } else if (one === 'settle') {
            view.undo()
            for (const { key: name, text } of view.pendingWrites()) {
              if (text === undefined) stored.delete(name)
              else stored.set(name, text)
            }
            view.settle()
            committed = new Map(block)
            running = new Map(block)
          } else if (one === 'discard') {
            view.discard()
            block = new Map(committed)
            running = new Map(committed)
          } else if ('put' in one) {
            write.put(one.put, make(one.amount))
            running.set(one.put, one.amount)
          } else if ('remove' in one) {
            write.remove(one.remove)
            running.delete(one.remove)
          } else {
            expect((read.get(one.get) as { amount: bigint } | undefined)?.amount).toBe(running.get(one.get))
            expect(read.has(one.get)).toBe(running.has(one.get))
          }
        }
        for (const name of 'abcdef')
          expect((read.get(name) as { amount: bigint } | undefined)?.amount).toBe(running.get(name))
        const expected = [...committed].map(([name, amount]) => [`box/items/${name}`, canonicalize(make(amount))])
        expect(new Map(stored)).toEqual(new Map(expected as [string, string][]))
      }),
      { numRuns: 400 },
    )
  })
})
