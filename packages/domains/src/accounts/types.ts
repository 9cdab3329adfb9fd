/**
 * What accounts remember, and the facts that change it. Members stand in the order of their names, which is the order
 * that canonical JSON wants: on the path of every payment nothing needs sorting.
 */
import {
  defineEvents,
  defineTable,
  type EventOf,
  Fault,
  type Read,
  type RowOf,
  type Schema,
  s,
} from '@chengxin/module-kit'

const domainText = /^[a-z][a-z0-9-]{1,31}$/
/** The name of a domain of the ruleset. */
const domainSchema: Schema<string> = {
  json: { type: 'string', pattern: domainText.source },
  decode: (value) =>
    typeof value === 'string' && domainText.test(value) ? value : new Fault('', 'the name of a domain'),
}

export const accountsTables = {
  books: defineTable(
    'Book id → who controls it and in what unit it counts.',
    s.object({ controller: domainSchema, unit: s.currency() }),
  ),
  accounts: defineTable(
    'Account id → what the account is: whose, in which book, who moves it and how far. Changes seldom.',
    s.object({
      bookId: s.id('book'),
      /** The domain that controls the book. */
      controller: domainSchema,
      frozen: s.flag(),
      limit: s.code('debits_must_not_exceed_credits', 'none'),
      movedBy: s.code('domain', 'owner'),
      owner: s.did(),
    }),
  ),
  balances: defineTable(
    'Account id → its four running totals: posted and pending, debits and credits. Apart, so that a payment rewrites little.',
    s.object({
      creditsPending: s.amount(),
      creditsPosted: s.amount(),
      debitsPending: s.amount(),
      debitsPosted: s.amount(),
    }),
  ),
  holds: defineTable(
    'Hold id → an amount reserved. Rows stay for good, so that an id names one hold.',
    s.object({
      amount: s.positiveAmount(),
      expiresAtMs: s.timeMs(),
      from: s.id('account'),
      status: s.code('pending', 'posted', 'voided'),
      to: s.id('account'),
    }),
  ),
}

/** Totals in an event are those after it, so that whoever follows only has to write them down. */
export const accountsEvents = defineEvents({
  /** A domain opened a book. */
  bookOpened: { bookId: s.id('book'), controller: domainSchema, unit: s.currency() },
  /** An account stands in a book, with all totals at zero. */
  accountOpened: {
    accountId: s.id('account'),
    bookId: s.id('book'),
    controller: domainSchema,
    limit: s.code('debits_must_not_exceed_credits', 'none'),
    movedBy: s.code('domain', 'owner'),
    owner: s.did(),
  },
  /** `debitsPosted` of `from` and `creditsPosted` of `to` are now these. */
  transferred: {
    amount: s.positiveAmount(),
    creditsPosted: s.amount(),
    debitsPosted: s.amount(),
    from: s.id('account'),
    to: s.id('account'),
  },
  /** `debitsPending` of `from` and `creditsPending` of `to` are now these. */
  held: {
    amount: s.positiveAmount(),
    creditsPending: s.amount(),
    debitsPending: s.amount(),
    expiresAtMs: s.timeMs(),
    from: s.id('account'),
    holdId: s.id('hold'),
    to: s.id('account'),
  },
  /** `amount` moved; the whole hold is pending no more. */
  holdPosted: {
    amount: s.positiveAmount(),
    creditsPending: s.amount(),
    creditsPosted: s.amount(),
    debitsPending: s.amount(),
    debitsPosted: s.amount(),
    from: s.id('account'),
    holdId: s.id('hold'),
    to: s.id('account'),
  },
  /** The whole hold is pending no more, and nothing moved. `expired`: its time was over. */
  holdVoided: {
    creditsPending: s.amount(),
    debitsPending: s.amount(),
    expired: s.flag(),
    from: s.id('account'),
    holdId: s.id('hold'),
    to: s.id('account'),
  },
  /** Nothing moves in or out. */
  accountFrozen: { accountId: s.id('account') },
  /** The account moves again. */
  accountUnfrozen: { accountId: s.id('account') },
})

export type AccountsTables = typeof accountsTables
export type AccountsRead = Read<AccountsTables>
export type AccountsEvent = EventOf<typeof accountsEvents>
export type Account = RowOf<AccountsTables['accounts']>
export type Balance = RowOf<AccountsTables['balances']>
export type Hold = RowOf<AccountsTables['holds']>
export type AccountId = `account_${string}`
