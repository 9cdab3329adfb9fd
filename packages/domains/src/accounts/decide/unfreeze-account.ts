import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { domainActingOn } from '../authority.ts'
import type { unfreezeAccount } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideUnfreezeAccount: Decide<AccountsTables, ArgsOf<typeof unfreezeAccount>, AccountsEvent> = (
  read,
  { accountId },
  context,
) => {
  const account = read.accounts.get(accountId)
  if (account === undefined) return refuse('account_not_found')
  if (domainActingOn(accountId, context) !== account.controller) return refuse('not_the_controller')
  if (!account.frozen) return refuse('account_not_frozen')
  return [{ type: 'accountUnfrozen', accountId }]
}
