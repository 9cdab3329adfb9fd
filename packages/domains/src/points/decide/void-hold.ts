import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { accountsReads } from '../../accounts/reads.ts'
import { voidHold as voidHeld } from '../../accounts/schema.ts'
import { isPointsAccount } from '../ownership.ts'
import type { voidHold } from '../schema.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

/** The payee lets go, not the payer: until it expires a hold is a promise. */
export const decideVoidHold: Decide<PointsTables, ArgsOf<typeof voidHold>, PointsEvent> = (_read, args, context) => {
  const accounts = context.reads(accountsReads)
  const held = accounts.hold(args.holdId)
  const payee = held && accounts.account(held.to)
  if (held === undefined || !isPointsAccount(payee)) return refuse('hold_not_found')
  const expired = held.expiresAtMs <= context.timeMs
  if (!expired && payee.owner !== context.principal) return refuse('not_the_account_owner')
  return context.run(voidHeld, args, held.from)
}
