import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import type { postHold } from '../schema.ts'
import { sidesOf } from '../sides.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decidePostHold: Decide<AccountsTables, ArgsOf<typeof postHold>, AccountsEvent> = (
  read,
  { holdId, amount: asked },
  context,
) => {
  const hold = read.holds.get(holdId)
  if (hold === undefined) return refuse('hold_not_found')
  const { from, to } = hold
  const { debtor, creditor } = sidesOf(read, hold)
  if (!mayMove(debtor.account, from, context)) return refuse('not_the_controller')
  if (hold.status !== 'pending') return refuse('hold_not_pending')
  if (hold.expiresAtMs <= context.timeMs) return refuse('hold_expired')
  const amount = asked ?? hold.amount
  if (amount > hold.amount) return refuse('amount_above_hold')
  if (debtor.account.frozen || creditor.account.frozen) return refuse('account_frozen')
  // Limits were checked with the hold included, and posting never takes more than was held.
  return [
    {
      type: 'holdPosted',
      amount,
      creditsPending: creditor.balance.creditsPending - hold.amount,
      creditsPosted: creditor.balance.creditsPosted + amount,
      debitsPending: debtor.balance.debitsPending - hold.amount,
      debitsPosted: debtor.balance.debitsPosted + amount,
      from,
      holdId,
      to,
    },
  ]
}
