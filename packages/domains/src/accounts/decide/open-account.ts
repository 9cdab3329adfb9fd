import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { domainActingOn } from '../authority.ts'
import type { openAccount } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideOpenAccount: Decide<AccountsTables, ArgsOf<typeof openAccount>, AccountsEvent> = (
  read,
  { accountId, bookId, owner, limit, movedBy },
  context,
) => {
  const book = read.books.get(bookId)
  if (book === undefined) return refuse('book_not_found')
  if (read.accounts.has(accountId)) return refuse('account_already_exists')
  const { controller } = book
  if (domainActingOn(bookId, context) !== controller) return refuse('not_the_controller')
  return [{ type: 'accountOpened', accountId, bookId, controller, limit, movedBy, owner }]
}
