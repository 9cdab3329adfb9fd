import { defineDomain, verb } from '@chengxin/module-kit'
import { applyIdentityEvent } from './apply.ts'
import { decideAddKey } from './decide/add-key.ts'
import { decideApproveRecovery } from './decide/approve-recovery.ts'
import { decideCancelRecovery } from './decide/cancel-recovery.ts'
import { decideCompleteRecovery } from './decide/complete-recovery.ts'
import { decideConfirm } from './decide/confirm.ts'
import { decideCreate } from './decide/create.ts'
import { decideDeactivate } from './decide/deactivate.ts'
import { decideDelegate } from './decide/delegate.ts'
import { decideRequestRecovery } from './decide/request-recovery.ts'
import { decideRetireKey } from './decide/retire-key.ts'
import { decideRevokeDelegation } from './decide/revoke-delegation.ts'
import { decideSetRecovery } from './decide/set-recovery.ts'
import { foundIdentity } from './genesis.ts'
import { routes } from './routes.ts'
import {
  addKey,
  approveRecovery,
  cancelRecovery,
  completeRecovery,
  confirm,
  create,
  deactivate,
  delegate,
  identityRefusals,
  requestRecovery,
  retireKey,
  revokeDelegation,
  setRecovery,
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
