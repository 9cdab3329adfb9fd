import type { DeskRefusals } from '../desk/endpoint.ts'

/** In the order in which they are checked, as far as one call can meet several. */
export const sharingRefusals = {
  office_not_a_party: ['forbidden', 'This office takes no part in sharing licences.'],
  licence_source_missing: ['missing', 'No department answers for licences of this type here.'],
  share_not_found: ['missing', 'There is no such request for a licence, or the time to keep it is over.'],
  share_not_agreed: ['forbidden', 'The resident has not agreed, and the purpose rests on no law.'],
  share_refused: ['forbidden', 'The resident has refused.'],
  share_withdrawn: ['forbidden', 'The resident has withdrawn the consent.'],
  share_ended: ['forbidden', 'The time that was agreed to is over.'],
  share_decided_before: ['conflict', 'This request has been decided before.'],
  consent_not_in_force: ['conflict', 'There is no consent in force to withdraw.'],
  resident_recovering: ['forbidden', 'While the resident’s keys are being recovered, nothing is agreed to.'],
  licence_not_found: ['missing', 'The department has no such licence of this person.'],
  receipt_not_ready: ['busy', 'The receipt is not anchored yet; ask again in a moment.'],
} as const satisfies DeskRefusals
