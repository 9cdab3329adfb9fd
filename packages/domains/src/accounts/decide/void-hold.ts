import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { mayMove } from '../authority.ts'
import type { voidHold } from '../schema.ts'
import { sidesOf } from '../sides.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideVoidHold: Decide<AccountsTables, ArgsOf<typeof voidHold>, AccountsEvent> = (
  read,
  { holdId },
  context,
) => {
  const hold = read.holds.get(holdId)
  if (hold === undefined) return refuse('hold_not_found')
  const { from, to } = hold
  const { debtor, creditor } = sidesOf(read, hold)
  // Nothing happens at a time: an expired hold stays in the totals until somebody, anybody, lets go of it.
  const expired = hold.expiresAtMs <= context.timeMs
  if (!expired && !mayMove(debtor.account, from, context)) return refuse('not_the_controller')
  if (hold.status !== 'pending') return refuse('hold_not_pending')
  return [
    {
      type: 'holdVoided',
      creditsPending: creditor.balance.creditsPending - hold.amount,
      debitsPending: debtor.balance.debitsPending - hold.amount,
      expired,
      from,
      holdId,
      to,
    },
  ]
}
