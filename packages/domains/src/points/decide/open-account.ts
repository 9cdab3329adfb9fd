import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { openAccount as openBookAccount } from '../../accounts/schema.ts'
import type { openAccount } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideOpenAccount: Decide<PointsTables, ArgsOf<typeof openAccount>, PointsEvent> = (
  read,
  { accountId, programId },
  context,
) => {
  const program = read.programs.get(programId)
  if (program === undefined) return refuse('program_not_found')
  const { bookId } = program
  const limit = 'debits_must_not_exceed_credits'
  return context.run(openBookAccount, { accountId, bookId, owner: context.principal, limit, movedBy: 'domain' }, bookId)
}
