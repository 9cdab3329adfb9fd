import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { unfreezeAccount as unfreezeBookAccount } from '../../accounts/schema.ts'
import type { unfreezeAccount } from '../schema.ts'
import { refuseSupervisor } from '../supervision.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideUnfreezeAccount: Decide<PointsTables, ArgsOf<typeof unfreezeAccount>, PointsEvent> = (
  read,
  { programId, accountId },
  context,
) => refuseSupervisor(read, programId, accountId, context) ?? context.run(unfreezeBookAccount, { accountId }, accountId)
