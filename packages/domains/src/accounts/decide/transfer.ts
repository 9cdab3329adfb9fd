import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import { refuseMovement } from '../movement.ts'
import type { transfer } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideTransfer: Decide<AccountsTables, ArgsOf<typeof transfer>, AccountsEvent> = (
  read,
  { from, to, amount },
  context,
) => {
  const debtor = read.accounts.get(from)
  const creditor = read.accounts.get(to)
  if (debtor === undefined || creditor === undefined) return refuse('account_not_found')
  if (from === to) return refuse('same_account')
  if (!mayMove(debtor, from, context)) return refuse('not_the_controller')
  if (debtor.bookId !== creditor.bookId) return refuse('books_differ')
  const refusal = refuseMovement(debtor, creditor, amount)
  if (refusal) return refusal
  return [
    {
      type: 'transferred',
      amount,
      creditsPosted: creditor.creditsPosted + amount,
      debitsPosted: debtor.debitsPosted + amount,
      from,
      to,
    },
  ]
}
