/** What the holders of certificates are told of what officers do. */
import type { ActKind } from '@chengxin/client/bureau-acts'
import type { ReasonCode } from '../issuer/status-reasons.ts'

/** What the holder of the identity certificate reads when its status changes. */
export const statusReasonOf: { readonly [kind in ActKind]?: ReasonCode } = {
  freeze: 'under_review',
  unfreeze: 'review_ended',
  death: 'holder_died',
}
