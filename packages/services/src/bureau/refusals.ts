import type { DeskRefusals } from '../desk/endpoint.ts'
import { officersWordRefusals } from '../desk/officers-word.ts'

/** What the bureau's desk refuses, in the order in which it looks. */
export const bureauRefusals = {
  ...officersWordRefusals,
  photo_not_jpeg: ['malformed', 'A photograph is a JPEG picture.'],
  photo_has_metadata: ['malformed', 'The photograph still carries what the camera wrote beside the picture.'],
  photo_not_found: ['missing', 'There is no such photograph, or it has been deleted.'],
  facts_malformed: ['malformed', 'A fact is missing, too long or no date.'],
  document_expired: ['conflict', 'The identity document has expired.'],
  application_pending: ['conflict', 'An application is being looked at already.'],
  person_already_confirmed: ['conflict', 'This account is confirmed already; ask for a correction instead.'],
  application_not_found: ['missing', 'There is no such application.'],
  application_not_open: ['conflict', 'The application has been decided before.'],
  own_application: ['forbidden', 'Nobody decides on an application that they took themselves.'],
  document_of_another: ['conflict', 'Another person is confirmed with this document; clear that up first.'],
  key_proof_needed: [
    'conflict',
    'The resident has to open the portal once, so that the key can say that it wants to be here.',
  ],
  reason_not_fitting: ['malformed', 'This reason does not fit this act.'],
  person_not_found: ['missing', 'Nobody is confirmed here under this id.'],
  person_not_confirmed: ['conflict', 'The person is frozen, has died, or is not confirmed.'],
  act_unknown: ['missing', 'There is no such act.'],
  act_not_open: ['conflict', 'The act has been decided before.'],
  act_own: ['forbidden', 'Nobody agrees to their own act: another officer must.'],
  act_lacks_key: ['conflict', 'The resident has not given the new key yet.'],
  act_needs_guardian: [
    'conflict',
    'The resident has taken the counter out, and not named the bureau as a guardian: it cannot give a new key.',
  ],
  act_signed_on_ledger: ['conflict', 'Officers sign this on the ledger themselves, each with their own key.'],
  signature_of_another_act: ['malformed', 'What was signed asks the ledger for another key than this act’s.'],
  ward_not_yours: ['forbidden', 'The bureau has not made you the guardian of this account, or its time is over.'],
  ticket_not_valid: ['forbidden', 'The ticket is unknown, used or past its time.'],
  renewal_not_open: [
    'conflict',
    'This certificate is not there to be issued anew: nobody has agreed, or it was fetched.',
  ],
  ledger_refused: ['conflict', 'The ledger did not accept this; its own code says why.'],
} as const satisfies DeskRefusals
