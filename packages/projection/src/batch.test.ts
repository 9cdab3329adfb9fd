import type { Row, RowWriter } from '@chengxin/module-kit'
import { createModel, shopTables } from '@chengxin/testkit/shop'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch } from './batch.ts'

type Operation = (rows: RowWriter) => void
const accountKey = fc.constantFrom('acct_1', 'acct_2').map((account) => ({ account }))
const amount = fc.bigInt({ min: -9n, max: 9n })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(accountKey, amount).map(
    ([key, balance]): Operation =>
      (rows) => {
        rows.put('shop_accounts', { ...key, owner: 'ann', balance, moves: 1, open: true, about: null })
      },
  ),
  fc.tuple(accountKey, amount, fc.boolean()).map(
    ([key, balance, open]): Operation =>
      (rows) => {
        rows.set('shop_accounts', key, { balance, open })
      },
  ),
  fc.tuple(accountKey, amount).map(
    ([key, balance]): Operation =>
      (rows) => {
        rows.add('shop_accounts', key, { balance, moves: 1n })
      },
  ),
  accountKey.map(
    (key): Operation =>
      (rows) =>
        rows.remove('shop_accounts', key),
  ),
)

/** Applies a batch as the database does: each row's one change, in any order. */
function applyChanges(batch: Batch, rows: RowWriter): void {
  for (const { table, rows: changes } of batch.changes()) {
    for (const change of [...changes.values()].reverse()) {
      if (change.kind === 'put') rows.put(table.name, change.row)
      else if (change.kind === 'remove') rows.remove(table.name, change.key)
      else {
        rows.set(table.name, change.key, change.set)
        rows.add(table.name, change.key, change.add)
      }
    }
  }
}

const byAccount = (rows: Row[]) => rows.sort((a, b) => (String(a['account']) < String(b['account']) ? -1 : 1))

describe('Batch', () => {
  test('one change a row means what all its operations meant, wherever batches are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 6 }), (batches) => {
        const expected = createModel(shopTables)
        for (const each of batches.flat()) each(expected)
        const stored = createModel(shopTables)
        for (const operations of batches) {
          const batch = new Batch(shopTables)
          for (const each of operations) each(batch)
          applyChanges(batch, stored)
        }
        expect(byAccount(stored.rowsOf('shop_accounts'))).toEqual(byAccount(expected.rowsOf('shop_accounts')))
      }),
    )
  })

  test('a row that a view hands over may be changed by it afterwards', () => {
    const batch = new Batch(shopTables)
    const row = { account: 'acct_1', tag: 'new' }
    batch.put('shop_tags', row)
    row.tag = 'changed'
    expect([...(batch.changes()[0]?.rows.values() ?? [])]).toEqual([
      { kind: 'put', row: { account: 'acct_1', tag: 'new' } },
    ])
  })

  test.each<[string, Operation, string]>([
    ['an unknown table', (rows) => rows.put('shop_none', {}), 'No view declares the table shop_none.'],
    ['an unknown column', (rows) => rows.put('shop_tags', { account: 'a', tag: 'b', x: 1 }), 'no column x'],
    ['a key with a part missing', (rows) => rows.remove('shop_tags', { account: 'a' }), 'lacks its key column tag'],
    [
      'a change of the key',
      (rows) => rows.set('shop_tags', { account: 'a', tag: 'b' }, { tag: 'c' }),
      'part of the key',
    ],
    [
      'adding to text',
      (rows) => {
        rows.put('shop_accounts', { account: 'a', owner: 'ann' })
        rows.add('shop_accounts', { account: 'a' }, { owner: 1n })
      },
      'Only numbers',
    ],
  ])('%s is a bug of the view and is named', (_case, run, message) => {
    expect(() => run(new Batch(shopTables))).toThrow(message)
  })
})
