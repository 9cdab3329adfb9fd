/** Accounts as lists. Other domains offer them in their own words, so accounts has tables and no routes. */
import type { AnyEvent, EventMeta, RowWriter, Views } from '@chengxin/module-kit'
import { sequenceOf } from '../sequence.ts'
import type { AccountsEvent } from './types.ts'

export const views: Views = {
  tables: [
    {
      name: 'accounts_books',
      columns: { book_id: 'text', controller: 'text', unit: 'text' },
      key: ['book_id'],
    },
    {
      name: 'accounts_accounts',
      columns: {
        account_id: 'text',
        seq: 'bigint',
        book_id: 'text',
        owner: 'text',
        balance_limit: 'text',
        frozen: 'boolean',
        debits_posted: 'bigint',
        credits_posted: 'bigint',
        debits_pending: 'bigint',
        credits_pending: 'bigint',
        opened_at_ms: 'bigint',
      },
      key: ['account_id'],
      indexes: [
        ['owner', 'seq'],
        ['book_id', 'seq'],
      ],
    },
    {
      name: 'accounts_transfers',
      columns: {
        seq: 'bigint',
        from_account: 'text',
        to_account: 'text',
        amount: 'bigint',
        at_ms: 'bigint',
        /** The hold that was posted, if this transfer was one. */
        hold_id: 'text',
        transaction_id: 'text',
      },
      key: ['seq'],
      indexes: [
        ['from_account', 'seq'],
        ['to_account', 'seq'],
      ],
    },
    {
      name: 'accounts_holds',
      columns: {
        hold_id: 'text',
        seq: 'bigint',
        from_account: 'text',
        to_account: 'text',
        amount: 'bigint',
        posted: 'bigint',
        status: 'text',
        held_at_ms: 'bigint',
        expires_at_ms: 'bigint',
        closed_at_ms: 'bigint',
      },
      key: ['hold_id'],
      indexes: [
        ['from_account', 'seq'],
        ['to_account', 'seq'],
      ],
    },
  ],
  fold: (event: AnyEvent, meta: EventMeta, rows: RowWriter) => fold(event as AccountsEvent, meta, rows),
}

function fold(event: AccountsEvent, meta: EventMeta, rows: RowWriter): void {
  switch (event.type) {
    case 'transferred': {
      const { from, to, amount, debitsPosted, creditsPosted } = event
      putTransfer(from, to, amount, null, meta, rows)
      setTotals(rows, from, { debits_posted: debitsPosted })
      setTotals(rows, to, { credits_posted: creditsPosted })
      return
    }
    case 'bookOpened':
      rows.put('accounts_books', { book_id: event.bookId, controller: event.controller, unit: event.unit })
      return
    case 'accountOpened':
      rows.put('accounts_accounts', {
        account_id: event.accountId,
        seq: sequenceOf(meta),
        book_id: event.bookId,
        owner: event.owner,
        balance_limit: event.limit,
        frozen: false,
        debits_posted: 0n,
        credits_posted: 0n,
        debits_pending: 0n,
        credits_pending: 0n,
        opened_at_ms: meta.timeMs,
      })
      return
    case 'accountFrozen':
      rows.set('accounts_accounts', { account_id: event.accountId }, { frozen: true })
      return
    case 'accountUnfrozen':
      rows.set('accounts_accounts', { account_id: event.accountId }, { frozen: false })
      return
    case 'held':
    case 'holdPosted':
    case 'holdVoided':
      foldHold(event, meta, rows)
      return
  }
}

function foldHold(
  event: Extract<AccountsEvent, { readonly type: 'held' | 'holdPosted' | 'holdVoided' }>,
  meta: EventMeta,
  rows: RowWriter,
): void {
  const { holdId: hold_id, from, to, debitsPending: debits_pending, creditsPending: credits_pending } = event
  const { timeMs } = meta
  switch (event.type) {
    case 'held':
      rows.put('accounts_holds', {
        hold_id,
        seq: sequenceOf(meta),
        from_account: from,
        to_account: to,
        amount: event.amount,
        posted: 0n,
        status: 'pending',
        held_at_ms: timeMs,
        expires_at_ms: event.expiresAtMs,
      })
      setTotals(rows, from, { debits_pending })
      setTotals(rows, to, { credits_pending })
      return
    case 'holdPosted':
      rows.set('accounts_holds', { hold_id }, { status: 'posted', posted: event.amount, closed_at_ms: timeMs })
      putTransfer(from, to, event.amount, hold_id, meta, rows)
      setTotals(rows, from, { debits_pending, debits_posted: event.debitsPosted })
      setTotals(rows, to, { credits_pending, credits_posted: event.creditsPosted })
      return
    case 'holdVoided':
      rows.set('accounts_holds', { hold_id }, { status: event.expired ? 'expired' : 'voided', closed_at_ms: timeMs })
      setTotals(rows, from, { debits_pending })
      setTotals(rows, to, { credits_pending })
      return
  }
}

function setTotals(rows: RowWriter, account_id: string, totals: { readonly [column: string]: bigint }): void {
  rows.set('accounts_accounts', { account_id }, totals)
}

function putTransfer(
  from: string,
  to: string,
  amount: bigint,
  holdId: string | null,
  meta: EventMeta,
  rows: RowWriter,
): void {
  rows.put('accounts_transfers', {
    seq: sequenceOf(meta),
    from_account: from,
    to_account: to,
    amount,
    at_ms: meta.timeMs,
    hold_id: holdId,
    transaction_id: meta.transactionId ?? null,
  })
}
