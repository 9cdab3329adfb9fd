/** The groups this node carries, and how each is doing. */
import type { Ledger } from '@chengxin/ledger/face'
import { jsonAnswer } from '../answer.ts'
import { type Endpoint, type GroupPlace, groupOf, groupPath } from '../endpoint.ts'
import { groupDetail, groupSummary, list, object } from '../schemas.ts'

/** The chain id of the sample city, whose keys everybody knows. */
const sampleChainId = 'sample'

type CountMembers = (ledger: Ledger) => number

export function groupEndpoints(
  groups: ReadonlyMap<string, GroupPlace>,
  countMembers: CountMembers = ({ genesis }) => genesis.members.length,
): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/v1/groups',
      id: 'listGroups',
      tag: 'groups',
      summary: 'The groups that this node carries.',
      access: 'open',
      answers: {
        200: { about: 'All groups.', content: { 'application/json': object({ groups: list(groupSummary) }) } },
      },
      refusals: [],
      answer: async () =>
        jsonAnswer({ groups: [...groups.values()].map(({ ledger }) => summaryOf(ledger, countMembers)) }),
    },
    {
      method: 'GET',
      path: groupPath,
      id: 'showGroup',
      tag: 'groups',
      summary: 'One group: its head, its health, how far its lists are.',
      access: 'open',
      answers: { 200: { about: 'The group.', content: { 'application/json': groupDetail } } },
      refusals: [],
      answer: async (call) => jsonAnswer(detailOf(groupOf(call), countMembers)),
    },
    {
      method: 'GET',
      path: `${groupPath}/genesis`,
      id: 'showGenesis',
      tag: 'groups',
      summary: 'The document that founded the group. The SHA-256 of exactly these bytes is the group id.',
      access: 'open',
      crossOrigin: true,
      answers: { 200: { about: 'Canonical JSON.', content: { 'application/json': { type: 'object' } } } },
      refusals: [],
      answer: async (call) => jsonAnswer(groupOf(call).ledger.genesis, { caching: 'forever' }),
    },
  ]
}

function summaryOf(ledger: Ledger, countMembers: CountMembers) {
  const { groupId, genesis } = ledger
  const { height, size, timeMs } = ledger.head()
  const { name, origin, chainId, readPolicy } = genesis
  const members = countMembers(ledger)
  return {
    id: groupId,
    name,
    origin,
    chainId,
    readPolicy,
    sample: chainId === sampleChainId,
    height,
    size,
    timeMs,
    members,
  }
}

function detailOf({ ledger, projection }: GroupPlace, countMembers: CountMembers) {
  const head = ledger.head()
  return {
    ...summaryOf(ledger, countMembers),
    head,
    health: ledger.health(),
    consensus: ledger.consensus(),
    lacking: ledger.archive.lacking(),
    projection: projection.status(),
    ruleset: head.ruleset,
    stats: ledger.stats(),
  }
}
