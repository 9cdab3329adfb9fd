/** A small business with every kind of row operation, and a model of what SQL makes of them, one operation at a time. */
import type { Did } from '@chengxin/kernel'
import type { Presentation, Row, RowWriter, StoredEvent, ViewTable } from '@chengxin/module-kit'

export const ann = `did:weid:test:0x${'a'.repeat(40)}` as Did

export const shopTables: readonly ViewTable[] = [
  {
    name: 'shop_accounts',
    columns: { account: 'text', owner: 'text', balance: 'bigint', moves: 'integer', open: 'boolean', about: 'json' },
    key: ['account'],
    indexes: [['owner', 'account']],
  },
  {
    name: 'shop_moves',
    columns: { leaf_index: 'bigint', event_index: 'integer', amount: 'bigint' },
    key: ['leaf_index', 'event_index'],
  },
  { name: 'shop_tags', columns: { account: 'text', tag: 'text' }, key: ['account', 'tag'] },
]

export type ShopEvent =
  | { readonly type: 'opened'; readonly account: string; readonly owner: string; readonly about: string }
  | { readonly type: 'moved'; readonly account: string; readonly amount: bigint }
  | { readonly type: 'corrected'; readonly account: string; readonly balance: bigint; readonly open: boolean }
  | { readonly type: 'closed'; readonly account: string }
  | { readonly type: 'tagged'; readonly account: string; readonly tag: string }
  | { readonly type: 'untagged'; readonly account: string; readonly tag: string }

export const shop: Presentation = {
  domain: 'shop',
  routes: [],
  views: {
    tables: shopTables,
    fold: (anyEvent, meta, rows) => {
      const event = anyEvent as ShopEvent
      switch (event.type) {
        case 'opened': {
          const { account, owner, about } = event
          return rows.put('shop_accounts', {
            account,
            owner,
            balance: 0n,
            moves: 0,
            open: true,
            about: JSON.stringify({ about }),
          })
        }
        case 'moved':
          rows.put('shop_moves', { leaf_index: meta.leafIndex, event_index: meta.eventIndex, amount: event.amount })
          return rows.add('shop_accounts', { account: event.account }, { balance: event.amount, moves: 1n })
        case 'corrected':
          return rows.set('shop_accounts', { account: event.account }, { balance: event.balance, open: event.open })
        case 'closed':
          return rows.remove('shop_accounts', { account: event.account })
        case 'tagged':
          return rows.put('shop_tags', { account: event.account, tag: event.tag })
        case 'untagged':
          return rows.remove('shop_tags', { account: event.account, tag: event.tag })
      }
    },
  },
}

/** Stored events of this shop carry amounts as text, as real ones do. */
export function storeShopEvent(event: ShopEvent): StoredEvent {
  const members = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? String(value) : value,
  ])
  return { ...Object.fromEntries(members), type: `shop.${event.type}` } as StoredEvent
}

export function decodeShopEvent(stored: StoredEvent): { readonly domain: string; readonly event: ShopEvent } {
  const { type, ...members } = stored as { readonly type: string; readonly [name: string]: unknown }
  const decoded = Object.entries(members).map(([name, value]) =>
    name === 'amount' || name === 'balance' ? [name, BigInt(value as string)] : [name, value],
  )
  return { domain: 'shop', event: { type: type.slice('shop.'.length), ...Object.fromEntries(decoded) } as ShopEvent }
}

/** SQL's meaning of the four operations, done at once on rows in memory. */
export function createModel(tables: readonly ViewTable[]): RowWriter & { rowsOf(table: string): Row[] } {
  const stored = new Map(
    tables.map((table) => [table.name, { table, rows: new Map<string, Record<string, Row[string]>>() }]),
  )
  const open = (name: string) => stored.get(name) as NonNullable<ReturnType<typeof stored.get>>
  const keyText = (table: ViewTable, row: Row) => JSON.stringify(table.key.map((column) => visible(row[column])))
  const visible = (value: Row[string] | undefined) =>
    typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : (value ?? null)
  const shown = (row: Row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, visible(value)]))
  return {
    put: (name, row) => void open(name).rows.set(keyText(open(name).table, row), shown(row)),
    set: (name, key, columns) => {
      const row = open(name).rows.get(keyText(open(name).table, key))
      if (row !== undefined) Object.assign(row, shown(columns))
    },
    add: (name, key, columns) => {
      const row = open(name).rows.get(keyText(open(name).table, key))
      if (row === undefined) return
      for (const [column, by] of Object.entries(columns)) {
        const value = row[column]
        row[column] = typeof value === 'number' ? value + Number(by) : (value as bigint) + by
      }
    },
    remove: (name, key) => void open(name).rows.delete(keyText(open(name).table, key)),
    rowsOf: (name) => [...open(name).rows.values()],
  }
}
