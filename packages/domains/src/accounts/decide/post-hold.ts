import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import { partiesOf } from '../parties.ts'
import type { postHold } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decidePostHold: Decide<AccountsTables, ArgsOf<typeof postHold>, AccountsEvent> = (
  read,
  { holdId, amount: asked },
  context,
) => {
  const hold = read.holds.get(holdId)
  if (hold === undefined) return refuse('hold_not_found')
  const { from, to } = hold
  const { debtor, creditor } = partiesOf(read, hold)
  if (!mayMove(debtor, from, context)) return refuse('not_the_controller')
  if (hold.status !== 'pending') return refuse('hold_not_pending')
  if (hold.expiresAtMs <= context.timeMs) return refuse('hold_expired')
  const amount = asked ?? hold.amount
  if (amount > hold.amount) return refuse('amount_above_hold')
  if (debtor.frozen || creditor.frozen) return refuse('account_frozen')
  // Limits were checked with the hold included, and posting never takes more than was held.
  return [
    {
      type: 'holdPosted',
      amount,
      creditsPending: creditor.creditsPending - hold.amount,
      creditsPosted: creditor.creditsPosted + amount,
      debitsPending: debtor.debitsPending - hold.amount,
      debitsPosted: debtor.debitsPosted + amount,
      from,
      holdId,
      to,
    },
  ]
}
