import { defineDomain, verb } from '@chengxin/module-kit'
import { applyGovernanceEvent } from './apply.ts'
import { decideApproveChange } from './decide/approve-change.ts'
import { decideProposeChange } from './decide/propose-change.ts'
import { decideWithdrawChange } from './decide/withdraw-change.ts'
import { foundGovernance } from './genesis.ts'
import { routes } from './routes.ts'
import { approveChange, governanceRefusals, proposeChange, withdrawChange } from './schema.ts'
import { governanceEvents, governanceTables } from './types.ts'
import { views } from './views.ts'

/** Members, their committee, the roles it gives out, and which rules are in force. */
export const governance = defineDomain({
  name: 'governance',
  tables: governanceTables,
  events: governanceEvents,
  refusals: governanceRefusals,
  verbs: [
    verb(proposeChange, decideProposeChange),
    verb(approveChange, decideApproveChange),
    verb(withdrawChange, decideWithdrawChange),
  ],
  apply: applyGovernanceEvent,
  genesis: foundGovernance,
  views,
  routes,
})
