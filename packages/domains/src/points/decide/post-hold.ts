import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { accountsReads } from '../../accounts/reads.ts'
import { postHold as postHeld } from '../../accounts/schema.ts'
import { isPointsAccount } from '../ownership.ts'
import type { postHold } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decidePostHold: Decide<PointsTables, ArgsOf<typeof postHold>, PointsEvent> = (_read, args, context) => {
  const accounts = context.reads(accountsReads)
  const held = accounts.hold(args.holdId)
  const payee = held && accounts.account(held.to)
  if (held === undefined || !isPointsAccount(payee)) return refuse('hold_not_found')
  if (payee.owner !== context.principal) return refuse('not_the_account_owner')
  return context.run(postHeld, args, held.from)
}
