/** Officers invite officers: one proposes, another of the same office agrees and gets the link. */
import { refuse } from '@chengxin/kernel'
import { type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import { type OfficeRole, officeRoles } from '../desk/person.ts'
import { invitationsAnswer, object, roles, text } from './shapes.ts'
import type { SignInParts } from './sign-in-desk.ts'

export function invitationEndpoints({ invitations }: SignInParts): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/invitations',
      id: 'listInvitations',
      summary: 'Invitations of my office.',
      who: officeRoles,
      answer: invitationsAnswer,
      refusals: [],
      async handle(call) {
        const { accountId, office = '' } = personOf(call)
        const found = await invitations.ofOffice(office)
        return {
          invitations: found.map(({ invitationId, roles: invited, status, createdAtMs, untilMs, proposedBy }) => ({
            ...{ invitationId, office, roles: invited, status, createdAtMs, untilMs },
            mine: proposedBy === accountId,
          })),
        }
      },
    },
    {
      method: 'POST',
      path: '/invitations',
      id: 'proposeInvitation',
      summary: 'Propose that somebody becomes an officer of my office.',
      who: officeRoles,
      body: object({ roles }),
      answer: object({ invitationId: text }),
      refusals: ['invitation_roles_not_of_office'],
      async handle(call) {
        const { accountId, office = '', roles: own } = personOf(call)
        const asked = (call.body as { readonly roles: readonly OfficeRole[] }).roles
        // `bureau_clerk` and `bureau_officer` are roles of one kind of office, and so on.
        const kinds = new Set(own.map(kindOf))
        if (!asked.every((role) => kinds.has(kindOf(role)))) return refuse('invitation_roles_not_of_office')
        return { invitationId: await invitations.propose(office, asked, accountId) }
      },
    },
    {
      method: 'POST',
      path: '/invitations/{invitationId}/approval',
      id: 'approveInvitation',
      summary: 'Agree to an invitation that a colleague proposed. The secret is told this once.',
      who: officeRoles,
      body: object({}),
      answer: object({ secret: text }),
      refusals: ['invitation_not_found', 'invitation_not_open', 'invitation_own'],
      async handle(call) {
        const { accountId, office = '' } = personOf(call)
        const secret = await invitations.approve(call.params['invitationId'] ?? '', office, accountId)
        return typeof secret === 'string' ? { secret } : secret
      },
    },
  ]
}

function kindOf(role: OfficeRole): string {
  return role.split('_', 1)[0] as string
}
