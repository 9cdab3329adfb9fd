/** What a holder is told of a certificate: how it stands, why, and where to object. */
import type { JsonObject } from '@chengxin/kernel'
import type { CertificateRecord } from './office-records.ts'
import { isReason, statusReasons } from './status-reasons.ts'

/** How a copy stands, and where to object. */
export function standingView(
  { status, reasonCode, sinceMs, cancelled = [] }: CertificateRecord,
  copy: number,
): JsonObject {
  const isCancelled = cancelled.includes(copy)
  const reason = isCancelled ? 'holder_asked' : reasonCode
  return {
    status: isCancelled ? 'revoked' : status,
    ...(reason !== undefined && { reasonCode: reason }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(reason !== undefined && isReason(reason) && { appeal: statusReasons[reason].appeal }),
  }
}
