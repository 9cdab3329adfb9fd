/** What the operator of a programme may do with the accounts in it. */
import { type Refusal, refuse } from '@chengxin/kernel'
import type { Context } from '@chengxin/module-kit'
import { accountsReads } from '../accounts/reads.ts'
import { governanceReads } from '../governance/reads.ts'
import { isPointsAccount } from './ownership.ts'
import type { PointsRead } from './types.ts'

/** Why the principal does not supervise this account, if so. */
export function refuseSupervisor(
  read: PointsRead,
  programId: string,
  accountId: string,
  context: Context,
): Refusal | undefined {
  const { principal } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'points_operator')) return refuse('not_a_points_operator')
  const program = read.programs.get(programId)
  if (program === undefined) return refuse('program_not_found')
  if (program.operator !== principal) return refuse('not_the_program_operator')
  const account = context.reads(accountsReads).account(accountId)
  if (!isPointsAccount(account)) return refuse('account_not_found')
  return account.bookId === program.bookId ? undefined : refuse('account_not_of_program')
}
