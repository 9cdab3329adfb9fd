/** Why an officer did something, as codes that everybody reads in their own language. */
import type { ReasonCode } from '../issuer/status-reasons.ts'

/** Why an application is refused. */
export const refusalReasons = [
  'document_unreadable',
  'document_not_accepted',
  'face_not_matching',
  'facts_not_matching',
  'person_known_already',
] as const

/**
 * Acts upon somebody who is confirmed. `two`: another officer must agree before anything happens. Freezing needs one,
 * because it protects and because time counts; letting go again needs two.
 */
export const actKinds = {
  freeze: { two: false, reasons: ['court_order', 'suspected_misuse', 'document_lost', 'own_request'] },
  unfreeze: { two: true, reasons: ['cleared_up', 'court_order', 'own_request'] },
  correct: { two: true, reasons: ['misspelled', 'document_renewed', 'own_request'] },
  'change-name': { two: true, reasons: ['name_changed'] },
  death: { two: true, reasons: ['death_registered'] },
  recover: { two: true, reasons: ['phone_lost', 'key_misused'] },
  guardian: { two: true, reasons: ['minor', 'court_order'] },
} as const

export type ActKind = keyof typeof actKinds

export function isReasonOf(kind: ActKind, reason: string): boolean {
  return (actKinds[kind].reasons as readonly string[]).includes(reason)
}

/** What the holder of the identity certificate reads when its status changes. */
export const statusReasonOf: { readonly [kind in ActKind]?: ReasonCode } = {
  freeze: 'under_review',
  unfreeze: 'review_ended',
  death: 'holder_died',
}
