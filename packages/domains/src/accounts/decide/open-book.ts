import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { domainActingOn } from '../authority.ts'
import type { openBook } from '../schema.ts'
import type { AccountsEvent, AccountsTables } from '../types.ts'

export const decideOpenBook: Decide<AccountsTables, ArgsOf<typeof openBook>, AccountsEvent> = (
  read,
  { bookId, unit },
  context,
) => {
  if (read.books.has(bookId)) return refuse('book_already_exists')
  const controller = domainActingOn(bookId, context)
  if (controller === undefined) return refuse('not_the_controller')
  return [{ type: 'bookOpened', bookId, controller, unit }]
}
