import { defineDomain, verb } from '@chengxin/module-kit'
import { applyAccountsEvent } from './apply.ts'
import { decideFreezeAccount } from './decide/freeze-account.ts'
import { decideHold } from './decide/hold.ts'
import { decideOpenAccount } from './decide/open-account.ts'
import { decideOpenBook } from './decide/open-book.ts'
import { decidePostHold } from './decide/post-hold.ts'
import { decideTransfer } from './decide/transfer.ts'
import { decideUnfreezeAccount } from './decide/unfreeze-account.ts'
import { decideVoidHold } from './decide/void-hold.ts'
import { routes } from './routes.ts'
import {
  accountsRefusals,
  freezeAccount,
  hold,
  openAccount,
  openBook,
  postHold,
  transfer,
  unfreezeAccount,
  voidHold,
} from './schema.ts'
import { accountsEvents, accountsTables } from './types.ts'
import { views } from './views.ts'

/** Double entry: books, accounts with limits, transfers and holds. The ground of everything that has value. */
export const accounts = defineDomain({
  name: 'accounts',
  tables: accountsTables,
  events: accountsEvents,
  refusals: accountsRefusals,
  verbs: [
    verb(openBook, decideOpenBook),
    verb(openAccount, decideOpenAccount),
    verb(transfer, decideTransfer),
    verb(hold, decideHold),
    verb(postHold, decidePostHold),
    verb(voidHold, decideVoidHold),
    verb(freezeAccount, decideFreezeAccount),
    verb(unfreezeAccount, decideUnfreezeAccount),
  ],
  apply: applyAccountsEvent,
  views,
  routes,
})
