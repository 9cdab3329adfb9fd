/** The only place where accounts change. Totals are written down as the event states them. */
import type { Write } from '@chengxin/module-kit'
import type { AccountsEvent, AccountsTables } from './types.ts'

export function applyAccountsEvent({ books, accounts, holds }: Write<AccountsTables>, event: AccountsEvent): void {
  switch (event.type) {
    case 'transferred':
      accounts.change(event.from, (account) => ({ ...account, debitsPosted: event.debitsPosted }))
      accounts.change(event.to, (account) => ({ ...account, creditsPosted: event.creditsPosted }))
      return
    case 'bookOpened':
      books.put(event.bookId, { controller: event.controller, unit: event.unit })
      return
    case 'accountOpened': {
      const { accountId, bookId, controller, limit, movedBy, owner } = event
      accounts.put(accountId, {
        bookId,
        controller,
        creditsPending: 0n,
        creditsPosted: 0n,
        debitsPending: 0n,
        debitsPosted: 0n,
        frozen: false,
        limit,
        movedBy,
        owner,
      })
      return
    }
    case 'held': {
      const { amount, expiresAtMs, from, holdId, to } = event
      holds.put(holdId, { amount, expiresAtMs, from, status: 'pending', to })
      accounts.change(from, (account) => ({ ...account, debitsPending: event.debitsPending }))
      accounts.change(to, (account) => ({ ...account, creditsPending: event.creditsPending }))
      return
    }
    case 'holdPosted': {
      const { creditsPending, creditsPosted, debitsPending, debitsPosted } = event
      holds.change(event.holdId, (hold) => ({ ...hold, status: 'posted' }))
      accounts.change(event.from, (account) => ({ ...account, debitsPending, debitsPosted }))
      accounts.change(event.to, (account) => ({ ...account, creditsPending, creditsPosted }))
      return
    }
    case 'holdVoided': {
      const { creditsPending, debitsPending } = event
      holds.change(event.holdId, (hold) => ({ ...hold, status: 'voided' }))
      accounts.change(event.from, (account) => ({ ...account, debitsPending }))
      accounts.change(event.to, (account) => ({ ...account, creditsPending }))
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
