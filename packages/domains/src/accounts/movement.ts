/** The limits of an account, checked inside the write and with holds included. */
import { limits, type Refusal, refuse } from '@chengxin/kernel'
import type { Side } from './sides.ts'

/** Why `amount` more cannot leave `from` for `to`, be it posted or held: `account_frozen`, `balance_too_low`, `amount_overflow`. */
export function refuseMovement(from: Side, to: Side, amount: bigint): Refusal | undefined {
  if (from.account.frozen || to.account.frozen) return refuse('account_frozen')
  const { debitsPosted, debitsPending, creditsPosted } = from.balance
  const debits = debitsPosted + debitsPending + amount
  if (from.account.limit !== 'none' && debits > creditsPosted) return refuse('balance_too_low')
  const credits = to.balance.creditsPosted + to.balance.creditsPending + amount
  return debits > limits.amount || credits > limits.amount ? refuse('amount_overflow') : undefined
}
