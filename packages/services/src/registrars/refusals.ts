import type { DeskRefusals } from '../desk/endpoint.ts'

/** In the order in which they are checked, as far as one call can meet several. */
export const registrarRefusals = {
  registrar_unknown: ['missing', 'The ledger knows no such DID; it has to be brought in first.'],
  registrar_as_before: ['conflict', 'It is a registrar already, or is none, as was asked for.'],
  authorisation_not_found: ['missing', 'Nothing is open under this id: it was decided before.'],
  authorisation_own: ['forbidden', 'Another officer than the one who proposed it must agree.'],
  committee_elsewhere: [
    'conflict',
    'No seat of the committee is at this node: the committee has to be asked another way.',
  ],
  office_not_a_registrar: ['forbidden', 'The committee has not made this office a registrar.'],
  newcomer_not_found: ['missing', 'The link is unknown, used by somebody else, or past its time.'],
} as const satisfies DeskRefusals
