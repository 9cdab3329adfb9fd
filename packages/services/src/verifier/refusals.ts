import type { DeskRefusals } from '../desk/endpoint.ts'

/** In the order in which they are checked, as far as one call can meet several. */
export const verifierRefusals = {
  office_not_a_verifier: ['forbidden', 'This office asks nobody for certificates.'],
  purpose_not_registered: ['forbidden', 'The verifier is not registered for this purpose.'],
  type_beyond_registration: ['forbidden', 'The registration does not allow this type of certificate for this purpose.'],
  field_beyond_registration: ['forbidden', 'The registration does not allow one of these fields for this purpose.'],
  trust_bundle_missing: ['busy', 'The group has no trust bundle yet to check anything against.'],
  request_query_refused: ['malformed', 'No request can be made of this.'],
  too_busy: ['busy', 'There is no room for another request now; try again later.'],
  asked_not_found: ['missing', 'There is no such request, or the time to keep it is over.'],
  asked_not_answered: ['conflict', 'Nobody has answered this request yet.'],
} as const satisfies DeskRefusals
