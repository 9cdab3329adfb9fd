import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { accountsReads } from '../../accounts/reads.ts'
import { hold as holdBetweenAccounts } from '../../accounts/schema.ts'
import { refusePayer } from '../ownership.ts'
import type { hold } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideHold: Decide<PointsTables, ArgsOf<typeof hold>, PointsEvent> = (_read, args, context) => {
  const accounts = context.reads(accountsReads)
  const refusal = refusePayer(accounts.account(args.from), accounts.account(args.to), context.principal)
  return refusal ?? context.run(holdBetweenAccounts, args, args.from)
}
