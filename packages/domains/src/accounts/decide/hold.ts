import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import { refuseMovement } from '../movement.ts'
import type { hold } from '../schema.ts'
import { sideOf } from '../sides.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideHold: Decide<AccountsTables, ArgsOf<typeof hold>, AccountsEvent> = (
  read,
  { holdId, from, to, amount, expiresAtMs },
  context,
) => {
  if (read.holds.has(holdId)) return refuse('hold_already_exists')
  const debtor = sideOf(read, from)
  const creditor = sideOf(read, to)
  if (debtor === undefined || creditor === undefined) return refuse('account_not_found')
  if (from === to) return refuse('same_account')
  if (!mayMove(debtor.account, from, context)) return refuse('not_the_controller')
  if (debtor.account.bookId !== creditor.account.bookId) return refuse('books_differ')
  if (expiresAtMs <= context.timeMs) return refuse('hold_ends_in_past')
  const refusal = refuseMovement(debtor, creditor, amount)
  if (refusal) return refusal
  return [
    {
      type: 'held',
      amount,
      creditsPending: creditor.balance.creditsPending + amount,
      debitsPending: debtor.balance.debitsPending + amount,
      expiresAtMs,
      from,
      holdId,
      to,
    },
  ]
}
