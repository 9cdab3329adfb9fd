import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { openAccount, openBook } from '../../accounts/schema.ts'
import { governanceReads } from '../../governance/reads.ts'
import type { createProgram } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideCreateProgram: Decide<PointsTables, ArgsOf<typeof createProgram>, PointsEvent> = (
  read,
  { programId, unit, issuingAccountId },
  context,
) => {
  const { principal: operator } = context
  if (!context.reads(governanceReads).memberOfRole(operator, 'points_operator')) return refuse('not_a_points_operator')
  if (read.programs.has(programId)) return refuse('program_already_exists')

  const bookId = `book_${programId.slice('program_'.length)}` as const
  const book = context.run(openBook, { bookId, unit }, bookId)
  if (isRefusal(book)) return book
  const issuing = { accountId: issuingAccountId, bookId, owner: operator, limit: 'none', movedBy: 'domain' } as const
  const account = context.run(openAccount, issuing, bookId)
  if (isRefusal(account)) return account
  return [...book, ...account, { type: 'programCreated', bookId, issuingAccountId, operator, programId, unit }]
}
