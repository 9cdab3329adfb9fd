/**
 * Who else may bring identities in, such as a university for those who come from abroad. The bureau's officers decide it by two, and
 * the committee gives the role: at once where enough of its seats are at this node, else when the others have agreed as well.
 */
import { type Action, action, buildTransaction, type GroupClient, governance, type Signer } from '@chengxin/client'
import { type Did, type GroupId, type JsonObject, type Refusal, refuse, toHex } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { type Collection, changeRecord, type Vault } from '../vault/face.ts'

export type Authorisation = {
  readonly did: Did
  readonly kind: 'grant' | 'revoke'
  /** Account ids. */
  readonly proposedBy: string
  readonly proposedAtMs: number
  readonly state: 'open' | 'declined' | 'agreed'
  readonly decidedBy?: string
  /** Of the change that the committee is asked for. */
  readonly proposalId: `proposal_${string}`
}

export interface Authorisations {
  /** Refusals, in the order they are checked: `committee_elsewhere`, `registrar_unknown`, `registrar_as_before`. */
  propose(did: Did, kind: Authorisation['kind'], by: string): Promise<string | Refusal>
  /** Refusals: `authorisation_not_found`, `authorisation_own`, `ledger_refused`. */
  decide(authorisationId: string, by: string, agree: boolean): Promise<JsonObject | Refusal>
  open(): Promise<readonly { readonly authorisationId: string; readonly value: Authorisation }[]>
  holders(): Promise<readonly JsonObject[]>
  isRegistrar(did: Did): Promise<boolean>
}

interface Options {
  readonly group: GroupClient
  readonly vault: Vault
  readonly seats: readonly Signer[]
  readonly nowMs: () => number
}

const role = 'registrar'
/** The change is there already, or has passed by these votes: what an interruption left undone goes on. */
const doneBefore = new Set(['proposal_already_exists', 'already_approved', 'proposal_not_open', 'role_already_held'])

export function openAuthorisations({ group, vault, seats, nowMs }: Options): Authorisations {
  const kept: Collection<Authorisation> = vault.collection('registrar-authorisations')

  async function held(did?: Did): Promise<readonly JsonObject[]> {
    const only = did === undefined ? '' : `&did=${encodeURIComponent(did)}`
    const { roles } = (await group.get(`/roles?role=${role}${only}&limit=200`)) as {
      readonly roles: readonly (JsonObject & { readonly status: string })[]
    }
    return roles.filter(({ status }) => status === 'held')
  }
  const isRegistrar = async (did: Did) => (await held(did)).length > 0

  async function send(signer: Signer, wanted: Action): Promise<Refusal | undefined> {
    const { jws } = await buildTransaction({ group: group.groupId as GroupId, actions: [wanted] }, signer)
    const [outcome] = await group.submit([jws])
    if (outcome?.height !== undefined) await group.readModelReached(outcome.height)
    if (outcome?.status === 'committed' || doneBefore.has(outcome?.code ?? '')) return undefined
    return { ...refuse('ledger_refused'), ledgerCode: outcome?.code ?? 'no_outcome' } as Refusal
  }

  /** The first seat proposes, the others of this node agree until it has passed. */
  async function askCommittee({ did, kind, proposalId }: Authorisation): Promise<Refusal | undefined> {
    const [first, ...others] = seats
    if (first === undefined) return refuse('committee_elsewhere')
    const member = await sponsorOf(group, did)
    if (member === undefined) return refuse('registrar_unknown')
    const change = kind === 'grant' ? { kind: 'grantRole', role, did, member } : { kind: 'revokeRole', role, did }
    const proposed = await send(first, action(governance.proposeChange, { proposalId, change } as never))
    if (proposed !== undefined) return proposed
    for (const seat of others) {
      if ((await isRegistrar(did)) === (kind === 'grant')) return undefined
      const agreed = await send(seat, action(governance.approveChange, { proposalId }))
      if (agreed !== undefined) return agreed
    }
    return undefined
  }

  return {
    isRegistrar,
    holders: () => held(),
    async propose(did, kind, by) {
      if (seats.length === 0) return refuse('committee_elsewhere')
      if ((await sponsorOf(group, did)) === undefined) return refuse('registrar_unknown')
      if ((await isRegistrar(did)) === (kind === 'grant')) return refuse('registrar_as_before')
      const authorisationId = randomId('authorisation')
      const proposalId = `proposal_registrar-${toHex(crypto.getRandomValues(new Uint8Array(12)))}` as const
      const value: Authorisation = { did, kind, proposedBy: by, proposedAtMs: nowMs(), state: 'open', proposalId }
      await kept.insert(authorisationId, value, { state: 'open' })
      return authorisationId
    },
    async decide(authorisationId, by, agree) {
      const decided = await changeRecord<Authorisation, Authorisation | Refusal>(kept, authorisationId, (value) => {
        // Agreed to and not sent, because this node broke off: agreeing again goes on.
        if (value.state === 'agreed' && agree) return { result: value }
        if (value.state !== 'open') return { result: refuse('authorisation_not_found') }
        if (agree && value.proposedBy === by) return { result: refuse('authorisation_own') }
        const state = agree ? 'agreed' : 'declined'
        const next: Authorisation = { ...value, state, decidedBy: by }
        return { value: next, marks: { state }, result: next }
      })
      if (decided === undefined) return refuse('authorisation_not_found')
      if ('refused' in decided) return decided
      if (!agree) return { state: 'declined' }
      const refused = await askCommittee(decided)
      if (refused !== undefined) return refused
      const isDone = (await isRegistrar(decided.did)) === (decided.kind === 'grant')
      return { state: isDone ? 'done' : 'with_committee', proposalId: decided.proposalId }
    },
    async open() {
      const found = await kept.find('state', 'open', { limit: 100 })
      return found.map(({ id, value }) => ({ authorisationId: id, value }))
    },
  }
}

/** The member that stands for a DID; undefined where the ledger does not know it. */
async function sponsorOf(group: GroupClient, did: Did): Promise<string | undefined> {
  const found = (await group.find(`/dids/${encodeURIComponent(did)}`)) as { readonly sponsor: string } | undefined
  return found?.sponsor
}
