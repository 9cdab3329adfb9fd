/**
 * OpenID's addresses as addresses of this node's API. Bodies are handed on as they came, because a name that stands twice
 * must be seen, and answers go out as the exchange wrote them.
 */
import type { Answer, Call, Endpoint } from '@chengxin/api'
import type { OpenidAnswer, OpenidEndpoint } from '@chengxin/services/openid'

export interface OpenidDoor {
  /** As wallets and verifiers know this node: what their signatures cover begins with it. */
  readonly publicUrl: string
  /** For ids of operations, such as `university`. */
  readonly name: string
}

/** A batch of proofs or an encrypted presentation of several certificates. */
const bodyLimit = 512 * 1024

export function openidEndpoints(endpoints: readonly OpenidEndpoint[], door: OpenidDoor): readonly Endpoint[] {
  return endpoints.map((endpoint) => asEndpoint(endpoint, door))
}

function asEndpoint(endpoint: OpenidEndpoint, { publicUrl, name }: OpenidDoor): Endpoint {
  const { method, path } = endpoint
  const hasId = path.includes('{id}')
  const isMetadata = path.startsWith('/.well-known/')
  return {
    method,
    path,
    id: `openid_${name}_${method.toLowerCase()}_${path.replaceAll(/[^A-Za-z]+/g, '_')}`,
    tag: `OpenID: ${name}`,
    summary: isMetadata ? 'What wallets read first.' : 'An exchange of OpenID for Verifiable Credentials.',
    access: 'open',
    ...(isMetadata && { crossOrigin: true }),
    params: hasId ? { id: { type: 'string', maxLength: 200 } } : {},
    query: queryOf(path),
    ...(method === 'POST' && { body: { limit: bodyLimit, raw: true, content: { '*/*': {} } } }),
    answers: answersOf(endpoint),
    refusals: [],
    answer: async (call) =>
      asAnswer(await endpoint.handle(requestOf(endpoint, call, publicUrl), call.params['id'] ?? '')),
  }
}

/** RFC 6749, 5.2, with our finer code beside the standard's word. */
const refused = {
  type: 'object',
  properties: { error: { type: 'string' }, error_description: { type: 'string' }, code: { type: 'string' } },
  required: ['error', 'code'],
}

function answersOf({ method, path }: OpenidEndpoint): Endpoint['answers'] {
  const json = { 'application/json': {} }
  const isMetadata = path.startsWith('/.well-known/')
  const isRequestObject = path.endsWith('/requests/{id}')
  const content = isRequestObject ? { 'application/oauth-authz-req+jwt': { type: 'string' } } : json
  const statuses = [400, 404, ...(method === 'POST' ? [401, 409, 415] : [])]
  return {
    200: { about: 'As OpenID4VCI 1.0 or OpenID4VP 1.0 describe it.', content },
    ...(isMetadata
      ? {}
      : Object.fromEntries(
          statuses.map((status) => [status, { about: 'Refused.', content: { 'application/json': refused } }]),
        )),
  }
}

/** What browsers bring to the page where residents sign in; nothing else has a query. */
function queryOf(path: string): NonNullable<Endpoint['query']> {
  if (!path.endsWith('/authorize')) return {}
  const schema = { type: 'string', maxLength: 500 }
  return {
    client_id: { schema, about: 'The wallet.' },
    request_uri: { schema, about: 'What the wallet pushed before.' },
  }
}

function requestOf({ method, path }: OpenidEndpoint, { params, query, headers, body }: Call, publicUrl: string) {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]])),
  ).toString()
  const address = path.replace('{id}', encodeURIComponent(params['id'] ?? ''))
  return {
    method,
    url: `${publicUrl}${address}${search === '' ? '' : `?${search}`}`,
    headers,
    body: body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '',
  }
}

function asAnswer({ status, headers, body }: OpenidAnswer): Answer {
  const { 'content-type': mediaType = 'text/plain; charset=utf-8', 'cache-control': _caching, ...others } = headers
  return { status, mediaType, body, caching: 'never', headers: others }
}
