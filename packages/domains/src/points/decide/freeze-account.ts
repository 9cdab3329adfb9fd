import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { freezeAccount as freezeBookAccount } from '../../accounts/schema.ts'
import type { freezeAccount } from '../schema.ts'
import { refuseSupervisor } from '../supervision.ts'
import type { PointsEvent, PointsTables } from '../types.ts'

export const decideFreezeAccount: Decide<PointsTables, ArgsOf<typeof freezeAccount>, PointsEvent> = (
  read,
  { programId, accountId },
  context,
) => refuseSupervisor(read, programId, accountId, context) ?? context.run(freezeBookAccount, { accountId }, accountId)
