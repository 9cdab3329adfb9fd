/** What a change does when the committee has agreed: its events, or why it cannot be. */
import type { Refusal } from '@chengxin/kernel'
import type { Context } from '@chengxin/module-kit'
import type { Change, GovernanceEvent, GovernanceRead } from '../types.ts'
import { certificateRevocation } from './certificates.ts'
import { committeeChange } from './committee-change.ts'
import { admission } from './member-admission.ts'
import { rotation } from './member-rotation.ts'
import { reinstatement, removal, suspension } from './member-standing.ts'
import { pin, receiptQuorum, unpin } from './pins.ts'
import { freezing, grant, revocation, unfreezing } from './roles.ts'
import { activation } from './rulesets.ts'

export type Effect<C extends Change = Change> = (
  read: GovernanceRead,
  change: C,
  context: Context,
) => readonly GovernanceEvent[] | Refusal

export const effectOf: Effect = (read, change, context) => {
  switch (change.kind) {
    case 'admitMember':
      return admission(read, change, context)
    case 'rotateMember':
      return rotation(read, change, context)
    case 'suspendMember':
      return suspension(read, change, context)
    case 'reinstateMember':
      return reinstatement(read, change, context)
    case 'removeMember':
      return removal(read, change, context)
    case 'revokeCertificate':
      return certificateRevocation(read, change, context)
    case 'grantRole':
      return grant(read, change, context)
    case 'revokeRole':
      return revocation(read, change, context)
    case 'freezeRole':
      return freezing(read, change, context)
    case 'unfreezeRole':
      return unfreezing(read, change, context)
    case 'changeCommittee':
      return committeeChange(read, change, context)
    case 'setReceiptQuorum':
      return receiptQuorum(read, change, context)
    case 'pinGroup':
      return pin(read, change, context)
    case 'unpinGroup':
      return unpin(read, change, context)
    case 'activateRuleset':
      return activation(read, change, context)
  }
}
