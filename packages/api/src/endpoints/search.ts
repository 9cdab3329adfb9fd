/** Finding by what somebody has in hand: an id, a height, a DID, a name. */
import { isDid, isHash, type TransactionId } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import { jsonAnswer } from '../answer.ts'
import { type Endpoint, type GroupPlace, groupOf, groupPath } from '../endpoint.ts'
import type { IdentityResolver, Search, SearchHit } from '../options.ts'
import { list, object, searchHit } from '../schemas.ts'

const longestAnswer = 20

export function searchEndpoints(
  searches: readonly Search[],
  identities: IdentityResolver | undefined,
): readonly Endpoint[] {
  const find = async ({ ledger, projection }: GroupPlace, text: string): Promise<readonly SearchHit[]> => {
    const own = [...transactionHits(ledger, text), ...blockHits(ledger, text), ...didHits(ledger, text, identities)]
    const others = await Promise.all(searches.map((search) => search({ text, sql: projection.sql, ledger })))
    return [...own, ...others.flat()].slice(0, longestAnswer)
  }
  return [
    {
      method: 'GET',
      path: `${groupPath}/search`,
      id: 'search',
      tag: 'groups',
      summary: 'What a text names in this group: transactions, blocks, DIDs, and what the domains add.',
      access: 'policy',
      query: { q: { schema: { type: 'string', maxLength: 200 }, about: 'What to look for.' } },
      answers: {
        200: { about: 'Hits, best first.', content: { 'application/json': object({ hits: list(searchHit) }) } },
      },
      refusals: ['read_model_unavailable'],
      answer: async (call) => {
        const text = (call.query['q'] ?? '').trim()
        return jsonAnswer({ hits: text === '' ? [] : await find(groupOf(call), text) })
      },
    },
  ]
}

function transactionHits(ledger: Ledger, text: string): SearchHit[] {
  if (!isHash(text)) return []
  const outcome = ledger.outcome(text as string as TransactionId)
  const isThere = outcome !== undefined && outcome.status !== 'rejected'
  return isThere ? [{ kind: 'transaction', id: text, label: text }] : []
}

function blockHits(ledger: Ledger, text: string): SearchHit[] {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text) || Number(text) > ledger.head().height) return []
  return [{ kind: 'block', id: text, label: text }]
}

function didHits(ledger: Ledger, text: string, identities: IdentityResolver | undefined): SearchHit[] {
  const did = text.split('#')[0] ?? ''
  if (!isDid(did) || identities?.resolve(ledger, did) === undefined) return []
  return [{ kind: 'did', id: did, label: did }]
}
