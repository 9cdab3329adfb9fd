/** What officers of an identity bureau may do and why, as codes: one list for its desk and for its pages. Imports nothing. */

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
