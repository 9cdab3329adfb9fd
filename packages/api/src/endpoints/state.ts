/** Rows of agreed state, with proof where there is one: for resolvers and tools, not for lists. */
import { jsonAnswer } from '../answer.ts'
import { type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'
import { count, hash, object } from '../schemas.ts'

const word = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9-]{0,60}$' } as const

export const stateEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: `${groupPath}/state/{domain}/{table}/{key}`,
    rest: 'key',
    id: 'showStateRow',
    tag: 'log',
    summary: 'One row of the agreed state as it is now; docs/DATA.md lists tables and keys.',
    about:
      '`asOf` is the head of the log at the time of the answer. `proof`, where present, shows the row (or that there was none) under the newest agreed state root, which is older than the head.',
    access: 'policy',
    params: { domain: word, table: word, key: { type: 'string', minLength: 1, maxLength: 400 } },
    answers: {
      200: {
        about: 'The row, or null where a proof shows that there is none.',
        content: { 'application/json': object({ row: {}, asOf: object({ size: count, root: hash }) }, { proof: {} }) },
      },
    },
    refusals: ['not_found'],
    answer: async (call) => {
      const { ledger } = groupOf(call)
      const { domain = '', table = '', key = '' } = call.params
      const { size, root } = ledger.head()
      const row = ledger.row(`${domain}/${table}`, key)
      const proof = ledger.stateProof(`${domain}/${table}`, key)
      if (row === undefined && proof === undefined) return refusedWith('not_found')
      return jsonAnswer({ row: row ?? null, asOf: { size, root }, proof })
    },
  },
]
