/** The queue of certificates whose holders have lost their keys, as an office's desk shows it: one by one a clerk agrees or refuses. */
import { isRefusal, type JsonObject } from '@chengxin/kernel'
import { type DeskCall, type DeskEndpoint, personOf } from '../desk/endpoint.ts'
import type { RenewalBook } from './renewals.ts'

type Described = Omit<DeskEndpoint, 'who' | 'answer' | 'handle' | 'refusals'>

/** Two addresses, and what they answer; whose desk it is says who may ask. */
export function renewalQueue(): {
  readonly list: Described
  readonly decide: Described & { readonly refusals: readonly string[] }
} {
  const secondMember = { agree: { type: 'boolean' } }
  return {
    list: {
      method: 'GET',
      path: '/renewals',
      id: 'listRenewals',
      summary: 'Certificates to issue anew because their holders have lost the keys, oldest first, with what they say.',
      query: { after: { schema: { type: 'string', maxLength: 200 }, about: 'The last one of the page before.' } },
    },
    decide: {
      method: 'POST',
      path: '/renewals/{reference}/decision',
      id: 'decideRenewal',
      summary: 'Lets a certificate be issued anew to its holder’s new keys, or refuses.',
      body: { type: 'object', properties: secondMember, required: ['agree'], additionalProperties: false },
      refusals: ['renewal_not_open'],
    },
  }
}

export async function listedRenewals({ office, queued, count }: RenewalBook, call: DeskCall): Promise<JsonObject> {
  const found = await queued(call.query['after'])
  const shown = found.map(async ({ reference, typeId, subject, state, askedAtMs, recovery }) => ({
    ...{ reference, typeId, state, askedAtMs, isElsewhere: recovery !== undefined },
    claims: (await office.claimsOf(subject, typeId)) ?? {},
  }))
  return { renewals: await Promise.all(shown), count: await count() }
}

export async function decidedRenewal({ decide }: RenewalBook, call: DeskCall) {
  const { agree } = call.body as { readonly agree: boolean }
  const refused = await decide(call.params['reference'] ?? '', agree, personOf(call).accountId)
  return refused !== undefined && isRefusal(refused) ? refused : { done: true }
}
