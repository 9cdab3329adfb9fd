import type { DeskRefusals } from '../desk/endpoint.ts'

/** What the sign-in desk refuses, in the order in which it looks. */
export const signInRefusals = {
  too_many_attempts: ['busy', 'This address tries too often; wait a minute.'],
  persona_not_found: ['missing', 'There is no such role to try, or this is not a sample city.'],
  invitation_not_valid: ['forbidden', 'The invitation is unknown, used or past its time.'],
  invitation_not_found: ['missing', 'No invitation of this office has this id.'],
  invitation_own: ['forbidden', 'Another officer must agree to an invitation than the one who proposed it.'],
  invitation_not_open: ['conflict', 'The invitation has been decided before.'],
  invitation_roles_not_of_office: ['forbidden', 'An office invites people into roles that it has itself.'],
  passkey_challenge_not_valid: ['forbidden', 'The challenge is unknown, used or past its time; begin again.'],
  passkey_malformed: ['malformed', 'What the browser sent is not a passkey.'],
  passkey_not_for_this_page: ['forbidden', 'The passkey was made for another page or another request.'],
  passkey_holder_not_verified: ['forbidden', 'The device did not verify who held it.'],
  passkey_algorithm_not_allowed: ['malformed', 'Only passkeys with ES256 can be used here.'],
  passkey_already_known: ['conflict', 'This passkey belongs to an account already.'],
  passkey_not_known: ['forbidden', 'No account has this passkey.'],
  passkey_assertion_invalid: ['forbidden', 'The passkey did not sign this request.'],
  account_closed: ['forbidden', 'This account has been closed.'],
  guardian_changes_no_keys: ['forbidden', 'A guardian acts for the ward, and changes none of the ward’s keys.'],
  sign_in_not_fresh: ['forbidden', 'Show your passkey again: this needs a sign-in of the last five minutes.'],
  last_passkey: ['conflict', 'An account keeps at least one passkey; add another first.'],
  session_not_found: ['missing', 'No session of yours has this id.'],
} as const satisfies DeskRefusals
