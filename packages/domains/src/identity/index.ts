import { defineDomain, verb } from '@chengxin/module-kit'
import { applyIdentityEvent } from './apply.ts'
import { decideAddKey } from './decide/add-key.ts'
import { decideApproveAtCounter } from './decide/approve-at-counter.ts'
import { decideApproveRecovery } from './decide/approve-recovery.ts'
import { decideCancelRecovery } from './decide/cancel-recovery.ts'
import { decideCompleteRecovery } from './decide/complete-recovery.ts'
import { decideConfirm } from './decide/confirm.ts'
import { decideCreate } from './decide/create.ts'
import { decideDeactivate } from './decide/deactivate.ts'
import { decideDelegate } from './decide/delegate.ts'
import { decideRequestAtCounter } from './decide/request-at-counter.ts'
import { decideRequestRecovery } from './decide/request-recovery.ts'
import { decideRetireKey } from './decide/retire-key.ts'
import { decideRevokeDelegation } from './decide/revoke-delegation.ts'
import { decideSetCounter } from './decide/set-counter.ts'
import { decideSetRecovery } from './decide/set-recovery.ts'
import { decideWithdrawAtCounter } from './decide/withdraw-at-counter.ts'
import { foundIdentity } from './genesis.ts'
import { routes } from './routes.ts'
import {
  addKey,
  approveAtCounter,
  approveRecovery,
  cancelRecovery,
  completeRecovery,
  confirm,
  create,
  deactivate,
  delegate,
  identityRefusals,
  requestAtCounter,
  requestRecovery,
  retireKey,
  revokeDelegation,
  setCounter,
  setRecovery,
  withdrawAtCounter,
} from './schema.ts'
import { identityEvents, identityTables } from './types.ts'
import { views } from './views.ts'

/** DIDs and their keys, who may act for whom, and what happens when keys are lost. */
export const identity = defineDomain({
  name: 'identity',
  tables: identityTables,
  events: identityEvents,
  refusals: identityRefusals,
  verbs: [
    verb(create, decideCreate),
    verb(addKey, decideAddKey),
    verb(retireKey, decideRetireKey),
    verb(delegate, decideDelegate),
    verb(revokeDelegation, decideRevokeDelegation),
    verb(setRecovery, decideSetRecovery),
    verb(requestRecovery, decideRequestRecovery),
    verb(approveRecovery, decideApproveRecovery),
    verb(setCounter, decideSetCounter),
    verb(requestAtCounter, decideRequestAtCounter),
    verb(approveAtCounter, decideApproveAtCounter),
    verb(withdrawAtCounter, decideWithdrawAtCounter),
    verb(cancelRecovery, decideCancelRecovery),
    verb(completeRecovery, decideCompleteRecovery),
    verb(confirm, decideConfirm),
    verb(deactivate, decideDeactivate),
  ],
  uses: ['governance'],
  apply: applyIdentityEvent,
  genesis: foundIdentity,
  views,
  routes,
})
