/** The only place where accounts change. Totals are written down as the event states them. */
import type { Write } from '@chengxin/module-kit'
import type { AccountsEvent, AccountsTables, Balance } from './types.ts'

export function applyAccountsEvent(write: Write<AccountsTables>, event: AccountsEvent): void {
  const { books, accounts, balances, holds } = write
  switch (event.type) {
    case 'transferred':
      changeBalance(write, event.from, { debitsPosted: event.debitsPosted })
      changeBalance(write, event.to, { creditsPosted: event.creditsPosted })
      return
    case 'bookOpened':
      books.put(event.bookId, { controller: event.controller, unit: event.unit })
      return
    case 'accountOpened': {
      const { accountId, bookId, controller, limit, movedBy, owner } = event
      accounts.put(accountId, { bookId, controller, frozen: false, limit, movedBy, owner })
      balances.put(accountId, { creditsPending: 0n, creditsPosted: 0n, debitsPending: 0n, debitsPosted: 0n })
      return
    }
    case 'held': {
      const { amount, expiresAtMs, from, holdId, to, creditsPending, debitsPending } = event
      holds.put(holdId, { amount, expiresAtMs, from, status: 'pending', to })
      changeBalance(write, from, { debitsPending })
      changeBalance(write, to, { creditsPending })
      return
    }
    case 'holdPosted': {
      const { creditsPending, creditsPosted, debitsPending, debitsPosted } = event
      holds.change(event.holdId, (hold) => ({ ...hold, status: 'posted' }))
      changeBalance(write, event.from, { debitsPending, debitsPosted })
      changeBalance(write, event.to, { creditsPending, creditsPosted })
      return
    }
    case 'holdVoided': {
      const { creditsPending, debitsPending } = event
      holds.change(event.holdId, (hold) => ({ ...hold, status: 'voided' }))
      changeBalance(write, event.from, { debitsPending })
      changeBalance(write, event.to, { creditsPending })
      return
    }
    case 'accountFrozen':
      accounts.change(event.accountId, (account) => ({ ...account, frozen: true }))
      return
    case 'accountUnfrozen':
      accounts.change(event.accountId, (account) => ({ ...account, frozen: false }))
      return
  }
}

function changeBalance({ balances }: Write<AccountsTables>, accountId: string, totals: Partial<Balance>): void {
  balances.change(accountId, (balance) => ({ ...balance, ...totals }))
}
