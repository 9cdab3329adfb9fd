import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { accountsReads } from '../../accounts/reads.ts'
import { transfer } from '../../accounts/schema.ts'
import { isIssuing, isPointsAccount } from '../ownership.ts'
import type { redeem } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideRedeem: Decide<PointsTables, ArgsOf<typeof redeem>, PointsEvent> = (
  read,
  { programId, from, amount },
  context,
) => {
  const program = read.programs.get(programId)
  if (program === undefined) return refuse('program_not_found')
  const payer = context.reads(accountsReads).account(from)
  if (!isPointsAccount(payer)) return refuse('account_not_found')
  if (payer.bookId !== program.bookId) return refuse('account_not_of_program')
  if (isIssuing(payer)) return refuse('account_is_issuing')
  if (payer.owner !== context.principal) return refuse('not_the_account_owner')
  const moved = context.run(transfer, { from, to: program.issuingAccountId, amount }, from)
  if (isRefusal(moved)) return moved
  return [...moved, { type: 'redeemed', amount, from, programId }]
}
