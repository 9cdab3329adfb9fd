/**
 * Signing in for a certificate: a wallet of any make sends the resident's browser here, the portal asks whoever is signed in, and
 * the browser goes back with a code. What waits for the resident is named by a random id, after `#` in the address.
 */
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import type { OpenidEndpoint } from '../openid/endpoints.ts'
import { answerOf, type OpenidAnswer, type Parameters, readParameters } from '../openid/exchange.ts'
import { createMemoryStore } from '../openid/expiring-store.ts'
import { finishAuthorization, openAuthorization } from '../openid/vci/authorize.ts'
import type { Issuer } from '../openid/vci/issuer.ts'

export interface Authorisations {
  readonly endpoint: OpenidEndpoint
  /** Who asks, for what. Refusals: `request_uri_unknown`. */
  open(id: string): Promise<JsonObject | Refusal>
  /** The address to send the browser to. `subject` is what the certificate will be about. Refusals: `request_uri_unknown`. */
  finish(
    id: string,
    decision: { readonly subject: string } | 'denied',
  ): Promise<{ readonly location: string } | Refusal>
}

const openForMs = 5 * 60_000

export function createAuthorisations(issuer: Issuer, publicUrl: string): Authorisations {
  const waiting = createMemoryStore<Parameters>({ nowMs: issuer.nowMs, capacity: 10_000 })

  async function begin(url: string): Promise<OpenidAnswer | Refusal> {
    const query = readParameters(new URL(url).search.slice(1))
    if (isRefusal(query)) return query
    const opened = await openAuthorization(issuer, query)
    if (isRefusal(opened)) return opened
    const id = randomId('authorisation')
    if (!(await waiting.add(id, query, issuer.nowMs() + openForMs))) return refuse('too_busy')
    const headers = { location: `${publicUrl}/wallet/authorize#${id}`, 'cache-control': 'no-store' }
    return { status: 302, headers, body: '' }
  }

  return {
    endpoint: {
      method: 'GET',
      path: new URL(issuer.endpoints.authorization).pathname,
      handle: async ({ url }) => answerOf(await begin(url)),
    },
    async open(id) {
      const query = await waiting.get(id)
      const opened = query && (await openAuthorization(issuer, query))
      if (opened === undefined || isRefusal(opened)) return refuse('request_uri_unknown')
      const { clientId, configurationIds } = opened
      return { clientId, configurationIds, issuer: issuer.identifier }
    },
    async finish(id, decision) {
      const taken = await waiting.take(id)
      return taken ? finishAuthorization(issuer, taken.value, decision) : refuse('request_uri_unknown')
    },
  }
}
