/** The API of a node: one list of endpoints, served, described and measured. */

import { ReadModelUnavailable } from '@chengxin/projection/face'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createDocsPage } from './docs-page.ts'
import type { Endpoint, GroupPlace } from './endpoint.ts'
import { blockEndpoints } from './endpoints/blocks.ts'
import { documentEndpoints } from './endpoints/documents.ts'
import { domainEndpoints } from './endpoints/domain-routes.ts'
import { groupEndpoints } from './endpoints/groups.ts'
import { identifierEndpoints } from './endpoints/identifiers.ts'
import { joiningEndpoints } from './endpoints/joining.ts'
import { logEndpoints } from './endpoints/log.ts'
import { nodeEndpoints } from './endpoints/node.ts'
import { sampleEndpoints } from './endpoints/sample.ts'
import { searchEndpoints } from './endpoints/search.ts'
import { stateEndpoints } from './endpoints/state.ts'
import { transactionEndpoints } from './endpoints/transactions.ts'
import { witnessEndpoints } from './endpoints/witness.ts'
import { localhostInstead, securityHeaders } from './headers.ts'
import { createLiveStreams, type LiveStreams } from './live-streams.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createOpenApi } from './openapi.ts'
import { type ApiOptions, defaultLimits } from './options.ts'
import { createMethodList } from './other-methods.ts'
import { servePortal, wantsPage } from './portal.ts'
import { internalErrorAnswer } from './problem.ts'
import { createRateLimit, isLoopback } from './rate-limit.ts'
import { createRefusalCatalogue } from './refusals.ts'
import { type Serving, sendAnswer, sendProblem, serveEndpoints } from './serve-endpoints.ts'

export function createApi(options: ApiOptions): FastifyInstance {
  const { readers, now = Date.now, log } = options
  const limits = { ...defaultLimits, ...options.limits }
  const groups = groupPlaces(options)
  const catalogue = createRefusalCatalogue(options.refusals)
  const streams = createLiveStreams(limits, (error) => log.error({ error: describe(error) }, 'A live stream ended.'))
  const metrics = createMetrics(groups, streams, catalogue)
  const serving: Serving = { groups, catalogue, limits, readers, now }

  const app = Fastify({
    logger: false,
    // A list, never everybody: whoever may name the asker himself has no limit.
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    requestTimeout: limits.requestTimeoutMs,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 600 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: false, allErrors: false } },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, serving, 'request_malformed')
    },
  })
  app.server.maxConnections = limits.connections
  addHooks(app, options, serving, metrics)
  addErrorHandler(app, options, serving)
  const endpoints = allEndpoints(options, serving, streams, metrics)
  addMissing(app, endpoints, options, serving)
  serveEndpoints(app, endpoints, serving)
  app.addHook('preClose', async () => streams.close())
  return app
}

function groupPlaces({ ledgers, projections, witnessing: all }: ApiOptions): ReadonlyMap<string, GroupPlace> {
  const places = ledgers.map((ledger): [string, GroupPlace] => {
    const projection = projections.get(ledger.groupId)
    if (projection === undefined) throw new Error(`Group ${ledger.groupId} has no read model.`)
    const witnessing = all?.get(ledger.groupId)
    return [ledger.groupId, { ledger, projection, ...(witnessing && { witnessing }) }]
  })
  return new Map(places)
}

function allEndpoints(
  options: ApiOptions,
  { groups, catalogue, limits }: Serving,
  streams: LiveStreams,
  metrics: Metrics,
): readonly Endpoint[] {
  const {
    documents,
    identities,
    sample,
    namedDocuments = [],
    searches = [],
    publicUrl,
    version,
    transactions,
  } = options
  const descriptions = { openApi: () => openApi, docsPage: () => docsPage }
  const endpoints: readonly Endpoint[] = [
    ...groupEndpoints(groups, options.countMembers),
    ...transactionEndpoints(catalogue, limits),
    ...blockEndpoints(streams),
    ...logEndpoints,
    ...joiningEndpoints,
    ...witnessEndpoints(options.witnessDesk),
    ...stateEndpoints,
    ...searchEndpoints(searches, identities),
    ...(identities === undefined ? [] : identifierEndpoints(groups, identities)),
    ...(documents === undefined ? [] : documentEndpoints(documents, namedDocuments)),
    ...(sample === undefined ? [] : sampleEndpoints(sample)),
    ...domainEndpoints(options.presentations),
    ...(options.furtherEndpoints ?? []),
    ...nodeEndpoints(groups, metrics, descriptions, version),
  ]
  const parts = { endpoints, transactions, catalogue, publicUrl, version }
  const openApi = JSON.stringify(createOpenApi(parts))
  const docsPage = createDocsPage(parts)
  return endpoints
}

function addHooks(app: FastifyInstance, options: ApiOptions, serving: Serving, metrics: Metrics): void {
  const { publicUrl, log } = options
  const { limits, now } = serving
  const rate = createRateLimit(limits.requestsPerSecond, limits.requestsAtOnce)
  const headers = securityHeaders(publicUrl)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    const elsewhere = localhostInstead(request, publicUrl)
    if (elsewhere !== undefined) return reply.redirect(elsewhere, 302)
    // Programs of this machine are its operator's; who comes through a proxy of this machine is known by its word.
    if (isLoopback(request.ip)) return
    const retryAfterMs = rate.take(request.ip, now())
    if (retryAfterMs !== undefined) return sendProblem(reply, serving, 'too_many_requests', { retryAfterMs })
  })
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: ids and DIDs stand in addresses.
    const route = request.routeOptions.url ?? 'none'
    const { method } = request
    metrics.observeRequest(method, route, reply.statusCode, reply.elapsedTime / 1000)
    log.info({ method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request')
  })
}

/** Where nothing is, or nothing with this method: the portal's page for browsers, and a refusal for all others. */
function addMissing(app: FastifyInstance, endpoints: readonly Endpoint[], options: ApiOptions, serving: Serving): void {
  const portal = servePortal(app, options.portalDirectory)
  const methodsAt = createMethodList(endpoints)
  const answer = (request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    if (wantsPage(request)) return portal.sendPage(reply)
    const methods = methodsAt(request.url.split('?', 1)[0] ?? '')
    if (methods === undefined) return sendProblem(reply, serving, 'route_not_found')
    return sendProblem(reply.header('allow', methods.join(', ')), serving, 'method_not_allowed')
  }
  // At once, before a body is read that nobody wants. What the portal's folder does not have comes by the handler.
  app.addHook('onRequest', async (request, reply) => (request.is404 ? answer(request, reply) : undefined))
  app.setNotFoundHandler(answer)
}

function addErrorHandler(app: FastifyInstance, { log }: ApiOptions, serving: Serving): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.validation !== undefined) {
      const at = `/${error.validationContext ?? 'request'}${error.validation[0]?.instancePath ?? ''}`
      return sendProblem(reply, serving, 'request_malformed', { at })
    }
    if (error instanceof ReadModelUnavailable) return sendProblem(reply, serving, 'read_model_unavailable')
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return sendProblem(reply, serving, 'body_too_large')
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return sendProblem(reply, serving, 'media_type_not_supported')
    if (error.statusCode !== undefined && error.statusCode < 500)
      return sendProblem(reply, serving, 'request_malformed')
    log.error({ route: request.routeOptions.url ?? 'none', error: describe(error) }, 'An answer failed.')
    return sendAnswer(reply, internalErrorAnswer(), false)
  })
}

/** For the log: where it happened, with nobody's DID. */
function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.replaceAll(/did:weid:[a-z0-9]+:0x[0-9a-f]+/g, 'did:…').slice(0, 4000)
}
