import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import { refuseMovement } from '../movement.ts'
import type { transfer } from '../schema.ts'
import { sideOf } from '../sides.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideTransfer: Decide<AccountsTables, ArgsOf<typeof transfer>, AccountsEvent> = (
  read,
  { from, to, amount },
  context,
) => {
  const debtor = sideOf(read, from)
  const creditor = sideOf(read, to)
  if (debtor === undefined || creditor === undefined) return refuse('account_not_found')
  if (from === to) return refuse('same_account')
  if (!mayMove(debtor.account, from, context)) return refuse('not_the_controller')
  if (debtor.account.bookId !== creditor.account.bookId) return refuse('books_differ')
  const refusal = refuseMovement(debtor, creditor, amount)
  if (refusal) return refusal
  return [
    {
      type: 'transferred',
      amount,
      creditsPosted: creditor.balance.creditsPosted + amount,
      debitsPosted: debtor.balance.debitsPosted + amount,
      from,
      to,
    },
  ]
}
