import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { accountsReads } from '../../accounts/reads.ts'
import { transfer as transferBetweenAccounts } from '../../accounts/schema.ts'
import { refusePayer } from '../ownership.ts'
import type { transfer } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

/** The path that is walked most: two rows are read and two written, and the fact is accounts’ own. */
export const decideTransfer: Decide<PointsTables, ArgsOf<typeof transfer>, PointsEvent> = (_read, args, context) => {
  const accounts = context.reads(accountsReads)
  const refusal = refusePayer(accounts.account(args.from), accounts.account(args.to), context.principal)
  return refusal ?? context.run(transferBetweenAccounts, args, args.from)
}
