/** The limits of an account, checked inside the write and with holds included. */
import { limits, type Refusal, refuse } from '@chengxin/kernel'
import type { Account } from './types.ts'

/** Why `amount` more cannot leave `from` for `to`, be it posted or held: `account_frozen`, `balance_too_low`, `amount_overflow`. */
export function refuseMovement(from: Account, to: Account, amount: bigint): Refusal | undefined {
  if (from.frozen || to.frozen) return refuse('account_frozen')
  const debits = from.debitsPosted + from.debitsPending + amount
  if (from.limit === 'debits_must_not_exceed_credits' && debits > from.creditsPosted) return refuse('balance_too_low')
  if (debits > limits.amount || to.creditsPosted + to.creditsPending + amount > limits.amount) {
    return refuse('amount_overflow')
  }
  return undefined
}
