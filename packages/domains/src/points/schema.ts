/** What may be asked of points, and how they refuse. Safe in a browser: no rule is imported here. */
import { defineRefusals, defineTransaction, s } from '@chengxin/module-kit'
import { accountsRefusals } from '../accounts/schema.ts'

/**
 * A points operator founds a programme: a book of its own and the account that points are issued from, whose debits
 * beyond its credits are what the operator owes.
 */
export const createProgram = defineTransaction('points.createProgram', {
  programId: s.id('program'),
  unit: s.currency(),
  issuingAccountId: s.id('account'),
})

/** The signer opens an account of its own in a programme. */
export const openAccount = defineTransaction('points.openAccount', {
  accountId: s.id('account'),
  programId: s.id('program'),
})

/** The operator of a programme issues points to an account. */
export const issue = defineTransaction('points.issue', {
  programId: s.id('program'),
  to: s.id('account'),
  amount: s.positiveAmount(),
})

/** The owner of `from` pays points to another account of the same programme. */
export const transfer = defineTransaction('points.transfer', {
  from: s.id('account'),
  to: s.id('account'),
  amount: s.positiveAmount(),
})

/** The owner of `from` reserves points for `to` until a time. */
export const hold = defineTransaction('points.hold', {
  holdId: s.id('hold'),
  from: s.id('account'),
  to: s.id('account'),
  amount: s.positiveAmount(),
  expiresAtMs: s.timeMs(),
})

/** The owner of the receiving account takes what is held, or less; the rest is free again. */
export const postHold = defineTransaction('points.postHold', {
  holdId: s.id('hold'),
  amount: s.optional(s.positiveAmount()),
})

/** The owner of the receiving account lets go of a hold; once it has expired, anyone may. */
export const voidHold = defineTransaction('points.voidHold', { holdId: s.id('hold') })

/** The owner of `from` gives points back to the programme for what they are worth there. */
export const redeem = defineTransaction('points.redeem', {
  programId: s.id('program'),
  from: s.id('account'),
  amount: s.positiveAmount(),
})

/** The operator stops an account of its programme; nothing moves in or out. */
export const freezeAccount = defineTransaction('points.freezeAccount', {
  programId: s.id('program'),
  accountId: s.id('account'),
})

export const unfreezeAccount = defineTransaction('points.unfreezeAccount', {
  programId: s.id('program'),
  accountId: s.id('account'),
})

export const pointsTransactions = [
  createProgram,
  openAccount,
  issue,
  transfer,
  hold,
  postHold,
  voidHold,
  redeem,
  freezeAccount,
  unfreezeAccount,
] as const

/** In the order they are checked, so that a client always gets the first that applies. */
export const pointsRefusals = defineRefusals({
  not_a_points_operator: ['forbidden', 'Only a DID with the role points_operator may do this.'],
  program_already_exists: ['conflict', 'A programme with this id has been created before.'],
  program_not_found: ['missing', 'No programme has this id.'],
  not_the_program_operator: ['forbidden', 'Only the operator of the programme may do this.'],
  hold_not_found: accountsRefusals.hold_not_found,
  account_not_found: accountsRefusals.account_not_found,
  account_not_of_program: ['conflict', 'The account is not one of this programme.'],
  account_is_issuing: ['conflict', 'The issuing account of a programme is moved by issuing and redeeming alone.'],
  not_the_account_owner: ['forbidden', 'Only the owner of the account may do this.'],
  // whatever accounts refuses (balance_too_low, account_frozen, books_differ, …) comes last, as it is
})
