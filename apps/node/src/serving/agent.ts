/** The user agent of this node: what it reads off the ledger, and how it reaches issuers and verifiers. */
import { type Accounts, type Desk, recoveriesOf } from '@chengxin/services'
import { createAgentDesk, ledgerView } from '@chengxin/services/agent'
import type { RenewalBook } from '@chengxin/services/issuer'
import { findEndpoint, type OpenidAnswer, type OpenidEndpoint, type OpenidRequest } from '@chengxin/services/openid'
import type { OpenDesksOptions } from './desks.ts'
import { sendOutside } from './outbound.ts'

export interface AgentNeeds {
  /** The exchanges that this node itself serves. */
  readonly own: () => readonly OpenidEndpoint[]
  /** Offices of this node that issue, so that what was lost is issued anew. */
  readonly issuers: () => readonly RenewalBook[]
  readonly accounts: Accounts
}

/** Undefined where nobody has given the node a DID for its agent. */
export function openAgent(
  { group, vault, offices: { agent: did }, publicUrl, log }: OpenDesksOptions,
  { own, issuers, accounts }: AgentNeeds,
): Desk | undefined {
  if (did === undefined) return undefined
  const { origin, hostname } = new URL(publicUrl)

  /** Offices of this node are asked here: what a resident brings must not make the node call itself over the network. */
  async function send(request: OpenidRequest): Promise<OpenidAnswer> {
    const url = new URL(request.url)
    if (url.origin !== origin) return sendOutside(request)
    const found = findEndpoint(own(), request.method, decodeURIComponent(url.pathname))
    return found ? found.endpoint.handle(request, found.id) : { status: 404, headers: {}, body: '' }
  }

  return createAgentDesk({
    did,
    groupId: group.groupId,
    ledger: ledgerView(group, Date.now),
    vault,
    send,
    relyingParty: { rpId: hostname, origins: [origin] },
    nowMs: Date.now,
    losses: { recoveries: recoveriesOf(group), accountOf: accounts.idOfDid, issuers },
    failed: (error) => log.warn({ error: String(error) }, 'The user agent tries something again.'),
  })
}
