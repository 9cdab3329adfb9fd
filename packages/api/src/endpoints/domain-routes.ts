/** What the domains offer: their routes, served below each group. */
import type { Presentation, Route } from '@chengxin/module-kit'
import { jsonAnswer } from '../answer.ts'
import { type Endpoint, groupOf, groupPath, refusedWith } from '../endpoint.ts'

export function domainEndpoints(presentations: readonly Presentation[]): readonly Endpoint[] {
  return presentations.flatMap(({ domain, routes }) => routes.map((route) => endpointOf(domain, route)))
}

function endpointOf(domain: string, route: Route): Endpoint {
  const names = [...route.path.matchAll(/:([A-Za-z]+)/g)].map(([, name = '']) => name)
  const params = Object.fromEntries(
    names.map((name) => [name, route.params?.[name]?.json ?? { type: 'string', maxLength: 200 }]),
  )
  return {
    method: 'GET',
    path: groupPath + route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}'),
    id: `${domain}${route.path.replaceAll(/[^A-Za-z]+(.)?/g, (_match, letter: string = '') => letter.toUpperCase())}`,
    tag: domain,
    summary: route.summary,
    access: route.access,
    params,
    ...(route.query === undefined ? {} : { query: route.query }),
    answers: { 200: { about: 'The answer.', content: { 'application/json': route.response } } },
    refusals: names.length > 0 ? ['not_found', 'read_model_unavailable'] : ['read_model_unavailable'],
    answer: async (call) => {
      const { params: given, query, reader } = call
      const answer = await route.answer({ params: given, query, sql: groupOf(call).projection.sql, reader })
      return answer === undefined ? refusedWith('not_found') : jsonAnswer(answer)
    },
  }
}
