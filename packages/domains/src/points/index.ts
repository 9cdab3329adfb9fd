import { defineDomain, verb } from '@chengxin/module-kit'
import { applyPointsEvent } from './apply.ts'
import { decideCreateProgram } from './decide/create-program.ts'
import { decideFreezeAccount } from './decide/freeze-account.ts'
import { decideHold } from './decide/hold.ts'
import { decideIssue } from './decide/issue.ts'
import { decideOpenAccount } from './decide/open-account.ts'
import { decidePostHold } from './decide/post-hold.ts'
import { decideRedeem } from './decide/redeem.ts'
import { decideTransfer } from './decide/transfer.ts'
import { decideUnfreezeAccount } from './decide/unfreeze-account.ts'
import { decideVoidHold } from './decide/void-hold.ts'
import { routes } from './routes.ts'
import {
  createProgram,
  freezeAccount,
  hold,
  issue,
  openAccount,
  pointsRefusals,
  postHold,
  redeem,
  transfer,
  unfreezeAccount,
  voidHold,
} from './schema.ts'
import { pointsEvents, pointsTables } from './types.ts'
import { views } from './views.ts'

/** Points of programmes: issued, paid, held, redeemed. */
export const points = defineDomain({
  name: 'points',
  tables: pointsTables,
  events: pointsEvents,
  refusals: pointsRefusals,
  verbs: [
    verb(createProgram, decideCreateProgram),
    verb(openAccount, decideOpenAccount),
    verb(issue, decideIssue),
    verb(transfer, decideTransfer),
    verb(hold, decideHold),
    verb(postHold, decidePostHold),
    verb(voidHold, decideVoidHold),
    verb(redeem, decideRedeem),
    verb(freezeAccount, decideFreezeAccount),
    verb(unfreezeAccount, decideUnfreezeAccount),
  ],
  uses: ['governance', 'accounts'],
  apply: applyPointsEvent,
  views,
  routes,
})
