import { assertionRefusals } from '../desk/assertion.ts'
import type { DeskRefusals } from '../desk/endpoint.ts'

/** In the order in which they are checked, as far as one call can meet several. */
export const agentRefusals = {
  resident_without_did: ['conflict', 'The resident has no DID on the ledger yet.'],
  agent_not_authorised: ['forbidden', 'The resident has not authorised the agent, or no longer.'],
  agent_authorisation_ended: ['forbidden', 'The resident’s authorisation of the agent has ended.'],
  agent_authorisation_too_narrow: [
    'forbidden',
    'The resident’s authorisation of the agent does not cover certificates.',
  ],
  agent_suspended: ['forbidden', 'While the resident’s keys are being recovered, the agent does nothing.'],
  second_key_needed: ['conflict', 'Before the first certificate a second passkey or guardians are needed.'],
  act_not_found: ['missing', 'Nothing is open under this id: it was done, or its time is past.'],
  ...assertionRefusals,
  offer_not_usable: ['conflict', 'The offer cannot be taken up; `reason` says why.'],
  issuer_not_reached: ['busy', 'The issuer does not answer.'],
  request_not_usable: ['conflict', 'The request cannot be answered; `reason` says why.'],
  asker_not_registered: ['forbidden', 'Whoever asks is not registered with the group.'],
  request_beyond_registration: ['forbidden', 'The request asks for more than its verifier is registered for.'],
  choice_not_an_answer: ['malformed', 'What was chosen does not answer the request.'],
  certificate_not_held: ['missing', 'The wallet holds no such certificate.'],
  certificate_not_good: ['conflict', 'The certificate is not valid now.'],
  no_copy_left: ['conflict', 'All copies of this certificate are in use; have it refreshed first.'],
  consent_not_found: ['missing', 'There is no such consent.'],
  notice_not_found: ['missing', 'There is no such notice.'],
  print_not_found: ['missing', 'There is no such printed form.'],
  print_not_cancellable: ['conflict', 'The issuer did not take the cancellation; `reason` says why.'],
  own_vault_changed: ['conflict', 'The vault was changed elsewhere meanwhile; it has to be opened again.'],
  own_vault_lost: ['conflict', 'The passkeys that opened this vault are gone; only a new one can follow it.'],
  relay_not_for_this: ['forbidden', 'Only exchanges with issuers and verifiers are passed on.'],
  renewal_not_open: [
    'conflict',
    'This certificate is not there to be issued anew: nobody has agreed, or it was fetched.',
  ],
} as const satisfies DeskRefusals

export type AgentCode = keyof typeof agentRefusals
