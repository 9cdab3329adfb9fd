/** Accounts of points, and who may move them. */
import type { Did } from '@chengxin/kernel'
import { type Refusal, refuse } from '@chengxin/kernel'
import type { Account } from '../accounts/types.ts'

/** Other domains have accounts too: to points they do not exist. */
export function isPointsAccount(account: Account | undefined): account is Account {
  return account?.controller === 'points'
}

/** Only an issuing account may owe: that is what tells it from the accounts of holders. */
export function isIssuing(account: Account): boolean {
  return account.limit === 'none'
}

/** Why this principal cannot pay from one account to the other, as far as points are concerned. */
export function refusePayer(from: Account | undefined, to: Account | undefined, principal: Did): Refusal | undefined {
  if (!isPointsAccount(from) || !isPointsAccount(to)) return refuse('account_not_found')
  if (isIssuing(from) || isIssuing(to)) return refuse('account_is_issuing')
  return from.owner === principal ? undefined : refuse('not_the_account_owner')
}
