/**
 * The user agent's desk: residents' certificates and the keys they are bound to. The agent cannot act alone: whatever it
 * takes, shows or prints needs a live delegation on the ledger and, each time, the resident's own key over exactly that.
 */

import type { Choice } from '@chengxin/holder'
import { isRefusal, type JsonObject } from '@chengxin/kernel'
import { type Assertion } from '../desk/assertion.ts'
import { type Desk, type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { RenewalBook } from '../issuer/renewals.ts'
import { type Agent, type AgentOptions, createAgent } from './agent.ts'
import { isProtected, isRecovering, newestDelegation, refuseUnauthorised, residentOf } from './authorisation.ts'
import { consentView, exportConsents, page, withdrawConsent } from './consents.ts'
import { accountOf, asPrincipal, asResident, get, list, post, remove } from './describe.ts'
import { exportHolding, holdingView, removeHolding } from './holdings.ts'
import { startFollowing } from './losses.ts'
import { listNotices, readNotice } from './notices.ts'
import { ownEndpoints, renewalsOf } from './own-endpoints.ts'
import { ownVaultOf } from './own-vaults.ts'
import { cancelPrint, completePrint, type PrintWish, preparePrint } from './prints.ts'
import { acceptOffer, collectOrders, openOffer } from './receive.ts'
import type { Print, Use } from './records.ts'
import { agentRefusals } from './refusals.ts'
import { agreeToRequest, declineAsked, openAsked, prepareAnswer } from './requests.ts'
import { answerOf, bodies } from './shapes.ts'
import { startWatching, watchStatus } from './status-watch.ts'
import { tellVerifier } from './tell-verifier.ts'

const authorised = [
  'resident_without_did',
  'agent_suspended',
  'agent_not_authorised',
  'agent_authorisation_ended',
  'agent_authorisation_too_narrow',
] as const
const signed = ['act_not_found', 'assertion_key_unknown', 'assertion_not_over_this'] as const

export function createAgentDesk(options: AgentOptions): Desk {
  const { losses, failed = () => {} } = options
  const parts = createAgent(options)
  const following = losses && startFollowing(parts, losses, failed)
  const agent: Agent = { ...parts, follow: async () => following?.turn() }
  const issuers = losses?.issuers ?? (() => [])
  const watching = startWatching(agent)
  return {
    name: 'agent',
    refusals: agentRefusals,
    endpoints: [
      ...walletEndpoints(agent, issuers),
      ...offerEndpoints(agent),
      ...requestEndpoints(agent),
      ...printEndpoints(agent),
      ...ownEndpoints(agent, issuers),
    ],
    async close() {
      await following?.stop()
      await watching.stop()
    },
  }
}

function walletEndpoints(agent: Agent, issuers: () => readonly RenewalBook[]): readonly DeskEndpoint[] {
  return [
    get(
      '/wallet',
      'getWallet',
      'What the signed-in resident holds, and whether the agent may act.',
      answerOf('agent', 'certificates'),
      (call) => walletOf(agent, issuers(), call),
    ),
    get(
      '/certificates/{certificateId}/file',
      'exportCertificate',
      'A certificate to take along.',
      answerOf('copies'),
      (call) => exportHolding(agent, accountOf(call), call.params['certificateId'] ?? ''),
      ['certificate_not_held'],
    ),
    remove(
      '/certificates/{certificateId}',
      'removeCertificate',
      'Erases a certificate and its keys.',
      (call) => removeHolding(agent, accountOf(call), call.params['certificateId'] ?? ''),
      ['certificate_not_held'],
    ),
    list('/uses', 'listUses', 'What was done with the certificates, newest first.', 'uses', async (call) => {
      const { rows, next } = await page(agent.kept.uses, accountOf(call), call.query['after'])
      return { uses: rows.map(({ id, value }) => useView(id, value)), ...(next !== undefined && { next }) }
    }),
    list('/consents', 'listConsents', 'Consents, newest first.', 'consents', async (call) => {
      const { rows, next } = await page(agent.kept.consents, accountOf(call), call.query['after'])
      // A verifier that could not be reached when the consent was withdrawn is told now.
      const consents = await Promise.all(
        rows.map(async ({ id, value }) => consentView(id, await tellVerifier(agent, id, value))),
      )
      return { consents, ...(next !== undefined && { next }) }
    }),
    get('/consents/export', 'exportConsents', 'All consents with their evidence.', answerOf('consents'), (call) =>
      exportConsents(agent, accountOf(call)),
    ),
    post(
      '/consents/{consentId}/withdrawal',
      'withdrawConsent',
      'Withdraws a consent.',
      undefined,
      answerOf('state'),
      async (call) => {
        const consentId = call.params['consentId'] ?? ''
        const consent = await withdrawConsent(agent, accountOf(call), consentId)
        return isRefusal(consent) ? consent : consentView(consentId, consent)
      },
      ['consent_not_found'],
    ),
    post(
      '/notices/{noticeId}/read',
      'readNotice',
      'Notes that a notice was read.',
      undefined,
      answerOf(),
      (call) => readNotice(agent, accountOf(call), call.params['noticeId'] ?? ''),
      ['notice_not_found'],
    ),
  ]
}

function offerEndpoints(agent: Agent): readonly DeskEndpoint[] {
  const refused = [...authorised, 'second_key_needed', 'issuer_not_reached', 'offer_not_usable']
  return [
    post(
      '/offers',
      'openOffer',
      'Opens an issuer’s offer.',
      bodies.link,
      answerOf('actId', 'statement', 'issuer', 'types'),
      asPrincipal(agent, (principal, { body }) =>
        openOffer(agent, principal, (body as { readonly link: string }).link),
      ),
      refused,
    ),
    post(
      '/offers/acceptance',
      'acceptOffer',
      'Takes up an offer, on the resident’s signature.',
      bodies.accept,
      answerOf('certificateIds', 'waiting'),
      asPrincipal(agent, (principal, { body }) => {
        const { actId, assertion, txCode } = body as {
          readonly actId: string
          readonly assertion: Assertion
          readonly txCode?: string
        }
        return acceptOffer(agent, principal, actId, { assertion, txCode })
      }),
      [...refused, ...signed],
    ),
  ]
}

function requestEndpoints(agent: Agent): readonly DeskEndpoint[] {
  const refused = [...authorised, 'issuer_not_reached', 'request_not_usable']
  return [
    post(
      '/requests',
      'openRequest',
      'Opens a verifier’s request.',
      bodies.link,
      answerOf('actId', 'asker', 'parts'),
      asPrincipal(agent, (principal, { body }) =>
        openAsked(agent, principal, (body as { readonly link: string }).link),
      ),
      [...refused, 'asker_not_registered', 'request_beyond_registration'],
    ),
    post(
      '/requests/choice',
      'chooseAnswer',
      'Makes the statement that the resident signs for what was picked.',
      bodies.choose,
      answerOf('actId', 'statement'),
      asPrincipal(agent, (principal, { body }) => {
        const { actId, choices } = body as { readonly actId: string; readonly choices: readonly Choice[] }
        return prepareAnswer(agent, principal, actId, choices)
      }),
      [
        ...authorised,
        'act_not_found',
        'choice_not_an_answer',
        'certificate_not_held',
        'certificate_not_good',
        'no_copy_left',
      ],
    ),
    post(
      '/requests/agreement',
      'agreeToRequest',
      'Presents, on the resident’s signature.',
      bodies.agree,
      answerOf('consentId', 'redirectUri'),
      asPrincipal(agent, (principal, { body }) => {
        const { actId, assertion } = body as { readonly actId: string; readonly assertion: Assertion }
        return agreeToRequest(agent, principal, actId, assertion)
      }),
      [...refused, ...signed, 'certificate_not_held'],
    ),
    post(
      '/requests/refusal',
      'declineRequest',
      'Tells the verifier that the resident refuses.',
      bodies.act,
      answerOf(),
      asResident(agent, (principal, { body }) =>
        declineAsked(agent, principal, (body as { readonly actId: string }).actId),
      ),
      ['resident_without_did', 'act_not_found'],
    ),
  ]
}

function printEndpoints(agent: Agent): readonly DeskEndpoint[] {
  return [
    list('/prints', 'listPrints', 'Printed forms, newest first.', 'prints', async (call) => {
      const { rows, next } = await page(agent.kept.prints, accountOf(call), call.query['after'])
      return { prints: rows.map(({ id, value }) => printView(id, value)), ...(next !== undefined && { next }) }
    }),
    post(
      '/prints',
      'preparePrint',
      'Makes the statement that the resident signs for a printed form.',
      bodies.print,
      answerOf('actId', 'statement'),
      asPrincipal(agent, (principal, { body }) => preparePrint(agent, principal, body as PrintWish)),
      [...authorised, 'certificate_not_held', 'certificate_not_good', 'choice_not_an_answer', 'no_copy_left'],
    ),
    post(
      '/prints/completion',
      'completePrint',
      'Makes the printed form, on the resident’s signature.',
      bodies.agree,
      answerOf('printId', 'text'),
      asPrincipal(agent, (principal, { body }) => {
        const { actId, assertion } = body as { readonly actId: string; readonly assertion: Assertion }
        return completePrint(agent, principal, actId, assertion)
      }),
      [...authorised, ...signed, 'no_copy_left'],
    ),
    post(
      '/prints/{printId}/cancellation',
      'cancelPrint',
      'Has a printed form revoked, and nothing else.',
      undefined,
      answerOf(),
      (call) => cancelPrint(agent, accountOf(call), call.params['printId'] ?? ''),
      ['print_not_found', 'issuer_not_reached', 'print_not_cancellable'],
    ),
  ]
}

async function walletOf(agent: Agent, issuers: readonly RenewalBook[], call: DeskCall): Promise<JsonObject> {
  const person = personOf(call)
  const account = person.accountId
  const resident = await residentOf(agent, person)
  const standing = isRefusal(resident) ? undefined : resident.standing
  await collectOrders(agent, account)
  await watchStatus(agent, account)
  const held = await agent.kept.holdings.find('account', account, { limit: 1000, newestFirst: true })
  const delegation = standing && newestDelegation(agent, standing)
  const shut = standing ? refuseUnauthorised(agent, standing)?.refused : 'resident_without_did'
  const recovering = standing !== undefined && isRecovering(standing, agent.nowMs())
  return JSON.parse(
    JSON.stringify({
      agent: agent.did,
      ...(person.did !== undefined && { did: person.did }),
      /** The code that stands against acting; absent where the agent may act. */
      ...(shut !== undefined && { shut }),
      ...(delegation && { delegation }),
      ...(standing && {
        keys: standing.keys,
        isProtected: isProtected(standing),
        guardians: standing.guardians,
        threshold: standing.threshold,
        ...(standing.counter && { counter: standing.counter }),
        ...(recovering && { recovery: standing.recovery }),
      }),
      certificates: await Promise.all(held.map(({ id, value }) => holdingView(agent, id, value))),
      waiting: await agent.kept.orders.count('account', account),
      notices: await listNotices(agent, account),
      renewals: await renewalsOf(agent, issuers, account),
      hasOwnVault: (await ownVaultOf(agent, account)) !== undefined,
    }),
  ) as JsonObject
}

function useView(useId: string, { account: _, ...use }: Use): JsonObject {
  return { useId, ...use }
}

function printView(printId: string, { account: _, evidence: _evidence, ...print }: Print): JsonObject {
  return { printId, ...print } as unknown as JsonObject
}
