/** The node itself: health for whoever restarts it, metrics for whoever watches it, and its own description. */
import { type Answer, jsonAnswer, mediaTypes } from '../answer.ts'
import type { Endpoint, GroupPlace } from '../endpoint.ts'
import type { Metrics } from '../metrics.ts'
import { consensus, hash, health, lacking, list, object, oneOf, projectionStatus, text } from '../schemas.ts'

const nodeHealth = object({
  status: oneOf('ok', 'degraded', 'unavailable'),
  version: text,
  groups: list(
    object({ id: hash, ledger: health, projection: projectionStatus }, { alarms: list(text), consensus, lacking }),
  ),
})

export interface Descriptions {
  openApi(): string
  docsPage(): string
}

export function nodeEndpoints(
  groups: ReadonlyMap<string, GroupPlace>,
  metrics: Metrics,
  descriptions: Descriptions,
  version: string,
): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/health',
      id: 'health',
      tag: 'node',
      summary:
        '200 while every ledger takes transactions, 503 otherwise; lists that are behind and alarms make it `degraded`.',
      access: 'open',
      answers: {
        200: { about: 'Well, or with lists behind.', content: { 'application/json': nodeHealth } },
        503: { about: 'A ledger takes no transactions.', content: { 'application/json': nodeHealth } },
      },
      refusals: [],
      answer: async () => healthAnswer(groups, version),
    },
    {
      method: 'GET',
      path: '/metrics',
      id: 'metrics',
      tag: 'node',
      summary: 'Measurements in Prometheus’s text format.',
      access: 'open',
      answers: { 200: { about: 'Text.', content: { 'text/plain': text } } },
      refusals: [],
      answer: async () => ({ status: 200, mediaType: metrics.mediaType, body: await metrics.text(), caching: 'never' }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      id: 'openApi',
      tag: 'node',
      summary: 'This interface as an OpenAPI 3.1 document.',
      access: 'open',
      crossOrigin: true,
      answers: { 200: { about: 'OpenAPI 3.1.', content: { 'application/json': { type: 'object' } } } },
      refusals: [],
      answer: async () => ({ status: 200, mediaType: mediaTypes.json, body: descriptions.openApi(), caching: 'ask' }),
    },
    {
      method: 'GET',
      path: '/docs',
      id: 'docs',
      tag: 'node',
      summary: 'This interface as a page to read.',
      access: 'open',
      answers: { 200: { about: 'A page.', content: { 'text/html': text } } },
      refusals: [],
      answer: async () => ({ status: 200, mediaType: mediaTypes.html, body: descriptions.docsPage(), caching: 'ask' }),
    },
  ]
}

function healthAnswer(groups: ReadonlyMap<string, GroupPlace>, version: string): Answer {
  const states = [...groups.values()].map(({ ledger, projection, witnessing }) => {
    // A log that told two stories goes on, but nobody who looks after it should sleep well.
    const alarms = (witnessing?.contradictions().length ?? 0) > 0 ? { alarms: ['log_contradiction'] } : {}
    return {
      id: ledger.groupId,
      ledger: ledger.health(),
      consensus: ledger.consensus(),
      lacking: ledger.archive.lacking(),
      projection: projection.status(),
      ...alarms,
    }
  })
  const takesTransactions = states.every(({ ledger }) => ledger.status === 'ok')
  const listsAreCurrent = states.every(({ projection }) => ['current', 'catching_up'].includes(projection.state))
  const isQuiet = states.every((state) => !('alarms' in state))
  const status = !takesTransactions ? 'unavailable' : listsAreCurrent && isQuiet ? 'ok' : 'degraded'
  return jsonAnswer({ status, version, groups: states }, { status: takesTransactions ? 200 : 503 })
}
