/**
 * How an officer gets an account: by a link whose secret stands after `#`. One officer of the office proposes, another
 * agrees and hands the link over; else somebody could approve their own acts under a second name. The first officers of
 * an office are invited by who runs the node.
 */
import { type Refusal, refuse } from '@chengxin/kernel'
import type { OfficeRole } from '../desk/person.ts'
import { randomId } from '../desk/random-id.ts'
import { keyOf } from '../openid/expiring-store.ts'
import { randomSecret } from '../openid/secrets.ts'
import { changeRecord, type Vault } from '../vault/face.ts'

export type Invitation = {
  readonly office: string
  readonly roles: readonly OfficeRole[]
  readonly status: 'proposed' | 'open' | 'used' | 'withdrawn'
  /** Account ids; absent where the node's operator invited. */
  readonly proposedBy?: string
  readonly approvedBy?: string
  readonly createdAtMs: number
  readonly untilMs: number
}

export interface Invitations {
  propose(office: string, roles: readonly OfficeRole[], by: string): Promise<string>
  /** The secret, told once. Refusals: `invitation_not_found`, `invitation_not_open`, `invitation_own`. */
  approve(invitationId: string, office: string, by: string): Promise<string | Refusal>
  /** An invitation that needs nobody's consent: by the node's operator. */
  invite(office: string, roles: readonly OfficeRole[]): Promise<string>
  ofOffice(office: string): Promise<readonly (Invitation & { readonly invitationId: string })[]>
  /** What a secret invites to, while it does. */
  find(secret: string): Promise<Invitation | undefined>
  /** Uses it up; of two who come at the same time one succeeds. */
  use(secret: string): Promise<Invitation | undefined>
}

const lifetimeMs = 3 * 86_400_000

export function createInvitations(vault: Vault, nowMs: () => number): Invitations {
  const invitations = vault.collection<Invitation>('sign-in-invitations')
  const newId = () => randomId('invitation')
  const isOpen = (invitation: Invitation) => invitation.status === 'open' && invitation.untilMs > nowMs()
  const bySecret = async (secret: string) => (await invitations.find('secret', keyOf(secret), { limit: 1 }))[0]

  return {
    async propose(office, roles, proposedBy) {
      const invitationId = newId()
      const invitation: Invitation = { ...{ office, roles, proposedBy }, status: 'proposed', ...times(nowMs()) }
      await invitations.insert(invitationId, invitation, { office })
      return invitationId
    },
    async approve(invitationId, office, approvedBy) {
      const secret = randomSecret()
      const outcome = await changeRecord<Invitation, string | Refusal>(invitations, invitationId, (invitation) => {
        if (invitation.office !== office) return { result: refuse('invitation_not_found') }
        if (invitation.status !== 'proposed') return { result: refuse('invitation_not_open') }
        if (invitation.proposedBy === approvedBy) return { result: refuse('invitation_own') }
        const value: Invitation = { ...invitation, status: 'open', approvedBy, untilMs: nowMs() + lifetimeMs }
        return { value, marks: { office, secret: keyOf(secret) }, result: secret }
      })
      return outcome ?? refuse('invitation_not_found')
    },
    async invite(office, roles) {
      const secret = randomSecret()
      const invitation: Invitation = { office, roles, status: 'open', ...times(nowMs()) }
      await invitations.insert(newId(), invitation, { office, secret: keyOf(secret) })
      return secret
    },
    async ofOffice(office) {
      const found = await invitations.find('office', office, { limit: 100, newestFirst: true })
      return found.map(({ id, value }) => ({ ...value, invitationId: id }))
    },
    async find(secret) {
      const found = (await bySecret(secret))?.value
      return found && isOpen(found) ? found : undefined
    },
    async use(secret) {
      const found = await bySecret(secret)
      if (found === undefined) return undefined
      return changeRecord<Invitation, Invitation | undefined>(invitations, found.id, (invitation) =>
        isOpen(invitation) ? { value: { ...invitation, status: 'used' }, result: invitation } : { result: undefined },
      )
    },
  }
}

function times(createdAtMs: number) {
  return { createdAtMs, untilMs: createdAtMs + lifetimeMs }
}
