/** The desk of registrars: the bureau's officers say who is one, and offices that are bring people in by their passports. */
import type { GroupClient, Signer } from '@chengxin/client'
import type { Texts } from '@chengxin/holder'
import { type Did, isRefusal, type JsonObject, refuse } from '@chengxin/kernel'
import { factSchemas, type IdentityFacts } from '../bureau/identity-type.ts'
import type { KeptProof } from '../bureau/records.ts'
import { bureauRefusals } from '../bureau/refusals.ts'
import { keyProofBody } from '../bureau/shapes.ts'
import { type Desk, type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { ClaimBook } from '../issuer/desk/claims.ts'
import type { Accounts } from '../sign-in/accounts.ts'
import { object, text } from '../sign-in/shapes.ts'
import type { Vault } from '../vault/face.ts'
import { type Authorisations, openAuthorisations } from './authorisations.ts'
import { type Newcomers, openNewcomers } from './newcomers.ts'
import { registrarRefusals } from './refusals.ts'

export interface RegistrarOffice {
  readonly office: string
  readonly names: Texts
  readonly signer: Signer
  readonly claims: Pick<ClaimBook, 'recognise'>
}

export interface RegistrarsDeskOptions {
  readonly group: GroupClient
  readonly vault: Vault
  readonly accounts: Accounts
  /** Of the committee, as far as they are at this node. */
  readonly seats: readonly Signer[]
  readonly offices: readonly RegistrarOffice[]
  readonly nowMs: () => number
}

interface Open extends RegistrarOffice {
  readonly newcomers: Newcomers
}

const { facts_malformed, document_expired, key_proof_needed, ledger_refused } = bureauRefusals
const ofTheBureau = { facts_malformed, document_expired, key_proof_needed, ledger_refused }

const sweepEveryMs = 3_600_000
const anyObject: JsonObject = { type: 'object' }
const secret: JsonObject = { type: 'string', pattern: '^[A-Za-z0-9_-]{20,64}$' }
const bureauStaff = ['bureau_clerk', 'bureau_officer'] as const
const issuerStaff = ['issuer_clerk', 'issuer_officer', 'department_officer'] as const

export function createRegistrarsDesk(options: RegistrarsDeskOptions): Desk {
  const { offices, ...shared } = options
  const authorisations = openAuthorisations(shared)
  const open: readonly Open[] = offices.map((office) => ({
    ...office,
    newcomers: openNewcomers({ ...shared, ...office }),
  }))
  const sweep = async () => {
    for (const { newcomers } of open) await newcomers.sweep()
  }
  const timer = setInterval(() => void sweep().catch(() => undefined), sweepEveryMs)
  timer.unref()
  return {
    name: 'registrars',
    refusals: { ...registrarRefusals, ...ofTheBureau },
    endpoints: [
      ...bureauEndpoints(authorisations),
      ...officeEndpoints(authorisations, open),
      ...newcomerEndpoints(open, options.group.groupId),
    ],
    close: async () => clearInterval(timer),
  }
}

function bureauEndpoints(authorisations: Authorisations): readonly DeskEndpoint[] {
  return [
    {
      method: 'GET',
      path: '/registrars',
      id: 'listRegistrars',
      summary: 'Who may bring identities in, and what waits for a second officer.',
      who: bureauStaff,
      answer: anyObject,
      refusals: [],
      async handle(call) {
        const { accountId } = personOf(call)
        const open = await authorisations.open()
        return {
          registrars: await authorisations.holders(),
          open: open.map(({ authorisationId, value: { did, kind, proposedAtMs, proposedBy } }) => ({
            ...{ authorisationId, did, kind, proposedAtMs, mine: proposedBy === accountId },
          })),
        }
      },
    },
    {
      method: 'POST',
      path: '/authorisations',
      id: 'proposeRegistrar',
      summary: 'Proposes that a DID becomes a registrar, or is one no longer.',
      who: bureauStaff,
      body: object({
        did: { type: 'string', pattern: '^did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}$' },
        kind: { enum: ['grant', 'revoke'] },
      }),
      answer: object({ authorisationId: text }),
      refusals: ['committee_elsewhere', 'registrar_unknown', 'registrar_as_before'],
      async handle(call) {
        const { did, kind } = call.body as { readonly did: Did; readonly kind: 'grant' | 'revoke' }
        const authorisationId = await authorisations.propose(did, kind, personOf(call).accountId)
        return isRefusal(authorisationId) ? authorisationId : { authorisationId }
      },
    },
    {
      method: 'POST',
      path: '/authorisations/{authorisationId}/decision',
      id: 'decideRegistrar',
      summary: 'Agrees to what another officer proposed, and asks the committee; or turns it down.',
      who: ['bureau_officer'],
      body: object({ agree: { type: 'boolean' } }),
      answer: anyObject,
      refusals: [
        'authorisation_not_found',
        'authorisation_own',
        'committee_elsewhere',
        'registrar_unknown',
        'ledger_refused',
      ],
      handle: (call) =>
        authorisations.decide(
          call.params['authorisationId'] ?? '',
          personOf(call).accountId,
          (call.body as { readonly agree: boolean }).agree,
        ),
    },
  ]
}

function officeEndpoints(authorisations: Authorisations, offices: readonly Open[]): readonly DeskEndpoint[] {
  /** The officer's office, if the committee made it a registrar. */
  async function registrarOf(call: DeskCall) {
    const office = offices.find((candidate) => candidate.office === personOf(call).office)
    const isOne = office !== undefined && (await authorisations.isRegistrar(office.signer.did))
    return isOne ? office : refuse('office_not_a_registrar')
  }
  return [
    {
      method: 'GET',
      path: '/newcomers',
      id: 'listNewcomers',
      summary: 'Whom the officer’s office invited and brought in, newest first.',
      who: issuerStaff,
      query: { after: { schema: text, about: 'The last one of the page before.' } },
      answer: anyObject,
      refusals: ['office_not_a_registrar'],
      async handle(call) {
        const office = await registrarOf(call)
        if (isRefusal(office)) return office
        const found = await office.newcomers.list(call.query['after'])
        return {
          newcomers: found.map(({ newcomerId, value: { facts, state, invitedAtMs, did } }) => ({
            ...{ newcomerId, facts, state, invitedAtMs },
            ...(did !== undefined && { did }),
          })),
        }
      },
    },
    {
      method: 'POST',
      path: '/newcomers',
      id: 'inviteNewcomer',
      summary: 'Invites somebody whose passport the officer has seen. The secret is told this once.',
      who: issuerStaff,
      body: object({ facts: object(factSchemas) }),
      answer: object({ secret: text }),
      refusals: ['office_not_a_registrar', 'facts_malformed', 'document_expired'],
      async handle(call) {
        const office = await registrarOf(call)
        if (isRefusal(office)) return office
        const { facts } = call.body as { readonly facts: IdentityFacts }
        const told = await office.newcomers.invite(facts, personOf(call).accountId)
        return isRefusal(told) ? told : { secret: told }
      },
    },
  ]
}

function newcomerEndpoints(offices: readonly Open[], groupId: string): readonly DeskEndpoint[] {
  async function invitedBy(asked: string) {
    for (const office of offices) {
      const newcomer = await office.newcomers.find(asked)
      if (newcomer !== undefined) return { office, newcomer }
    }
    return undefined
  }
  return [
    {
      method: 'POST',
      path: '/invitation',
      id: 'readInvitation',
      summary: 'Which office invites, and under which name.',
      who: 'resident',
      body: object({ secret }),
      answer: anyObject,
      refusals: ['newcomer_not_found'],
      async handle(call) {
        const found = await invitedBy((call.body as { readonly secret: string }).secret)
        if (found === undefined) return refuse('newcomer_not_found')
        const { family_name, given_name } = found.newcomer.facts
        return { office: found.office.office, names: found.office.names, family_name, given_name, groupId }
      },
    },
    {
      method: 'POST',
      path: '/admission',
      id: 'comeIn',
      summary:
        'Comes onto the ledger by the office that invited, with the own key’s word; what waits there can be fetched then.',
      who: 'resident',
      body: object({ secret, proof: keyProofBody }),
      answer: object({ did: text }),
      refusals: ['newcomer_not_found', 'key_proof_needed', 'ledger_refused'],
      async handle(call) {
        const { secret: asked, proof } = call.body as { readonly secret: string; readonly proof: KeptProof }
        const found = await invitedBy(asked)
        if (found === undefined) return refuse('newcomer_not_found')
        const did = await found.office.newcomers.admit(asked, personOf(call), proof)
        return isRefusal(did) ? did : { did }
      },
    },
  ]
}
