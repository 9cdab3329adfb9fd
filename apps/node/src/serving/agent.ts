/** The user agent of this node: what it reads off the ledger, and how it reaches issuers and verifiers. */
import type { Desk } from '@chengxin/services'
import { createAgentDesk, ledgerView } from '@chengxin/services/agent'
import { findEndpoint, type OpenidAnswer, type OpenidEndpoint, type OpenidRequest } from '@chengxin/services/openid'
import type { OpenDesksOptions } from './desks.ts'
import { sendOutside } from './outbound.ts'

/** Undefined where nobody has given the node a DID for its agent. `own` are the exchanges that this node itself serves. */
export function openAgent(
  { group, vault, offices: { agent: did }, publicUrl }: OpenDesksOptions,
  own: () => readonly OpenidEndpoint[],
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
  })
}
