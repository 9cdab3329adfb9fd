/**
 * Double entry for every domain that holds value. All verbs are internal: a domain runs them on books and accounts it
 * controls, with the book's or account's id as its capability, and decides itself who may ask. Safe in a browser.
 */
import { defineInternalTransaction, defineRefusals, s } from '@chengxin/module-kit'

/** A book is a closed set of accounts in one unit, controlled by the domain that opens it. */
export const openBook = defineInternalTransaction('accounts.openBook', { bookId: s.id('book'), unit: s.currency() })

/**
 * An account in a book (capability: the book's id). `limit`: whether what it pays out and holds may exceed what it
 * received. `movedBy`: the controlling domain alone, or the owner alone as principal of the transaction.
 */
export const openAccount = defineInternalTransaction('accounts.openAccount', {
  accountId: s.id('account'),
  bookId: s.id('book'),
  owner: s.did(),
  limit: s.code('debits_must_not_exceed_credits', 'none'),
  movedBy: s.code('domain', 'owner'),
})

/** Debits `from` and credits `to` (capability: `from`). */
export const transfer = defineInternalTransaction('accounts.transfer', {
  from: s.id('account'),
  to: s.id('account'),
  amount: s.positiveAmount(),
})

/** Reserves an amount until a time (capability: `from`). It counts against the limit of `from` at once. */
export const hold = defineInternalTransaction('accounts.hold', {
  holdId: s.id('hold'),
  from: s.id('account'),
  to: s.id('account'),
  amount: s.positiveAmount(),
  expiresAtMs: s.timeMs(),
})

/** Turns a hold into a transfer, of less if `amount` is given; what is left over is free again (capability: `from`). */
export const postHold = defineInternalTransaction('accounts.postHold', {
  holdId: s.id('hold'),
  amount: s.optional(s.positiveAmount()),
})

/** Releases a hold: by whoever moves `from` (capability), or by anyone once it has expired. */
export const voidHold = defineInternalTransaction('accounts.voidHold', { holdId: s.id('hold') })

/** Nothing moves in or out of a frozen account; holds on it can still be released (capability: the account). */
export const freezeAccount = defineInternalTransaction('accounts.freezeAccount', { accountId: s.id('account') })

export const unfreezeAccount = defineInternalTransaction('accounts.unfreezeAccount', { accountId: s.id('account') })

export const accountsTransactions = [
  openBook,
  openAccount,
  transfer,
  hold,
  postHold,
  voidHold,
  freezeAccount,
  unfreezeAccount,
] as const

/** In the order they are checked, so that a client always gets the first that applies. */
export const accountsRefusals = defineRefusals({
  book_already_exists: ['conflict', 'A book with this id has been opened before.'],
  book_not_found: ['missing', 'No book has this id.'],
  account_already_exists: ['conflict', 'An account with this id has been opened before.'],
  hold_already_exists: ['conflict', 'A hold with this id has been made before.'],
  hold_not_found: ['missing', 'No hold has this id.'],
  account_not_found: ['missing', 'No account has this id.'],
  same_account: ['malformed', 'An account cannot pay itself.'],
  not_the_controller: ['forbidden', 'The book or account is moved by another domain, or by its owner alone.'],
  books_differ: ['conflict', 'Value moves only between accounts of one book.'],
  hold_ends_in_past: ['malformed', 'The hold would have expired already.'],
  hold_not_pending: ['conflict', 'The hold has been posted or voided.'],
  hold_expired: ['conflict', 'The hold has expired; it can only be voided.'],
  amount_above_hold: ['conflict', 'More would be posted than is held.'],
  account_frozen: ['conflict', 'The account is frozen.'],
  account_not_frozen: ['conflict', 'The account is not frozen.'],
  balance_too_low: ['conflict', 'The account has less than this, holds included.'],
  amount_overflow: ['conflict', 'The totals of the account would exceed 2^63−1.'],
})
