import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { domainActingOn } from '../authority.ts'
import type { freezeAccount } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

/** The controlling domain freezes, also where the owner moves: a freeze is against the owner's will. */
export const decideFreezeAccount: Decide<AccountsTables, ArgsOf<typeof freezeAccount>, AccountsEvent> = (
  read,
  { accountId },
  context,
) => {
  const account = read.accounts.get(accountId)
  if (account === undefined) return refuse('account_not_found')
  if (domainActingOn(accountId, context) !== account.controller) return refuse('not_the_controller')
  if (account.frozen) return refuse('account_frozen')
  return [{ type: 'accountFrozen', accountId }]
}
