/** Endpoints as Fastify routes: who may read, what is well-formed, and how an answer is written. */
import { createHash } from 'node:crypto'
import { isRefusal } from '@chengxin/kernel'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, cacheControl } from './answer.ts'
import { type Call, type Endpoint, type GroupPlace, groupPath, type Refused } from './endpoint.ts'
import type { ApiLimits, ReaderChecks } from './options.ts'
import { type ProblemFacts, problemAnswer } from './problem.ts'
import { readerOf } from './read-token.ts'
import type { RefusalCatalogue } from './refusals.ts'
import { asTexts, bodyFault, fastifySchemaOf, hasUnusable } from './validation.ts'

export interface Serving {
  readonly groups: ReadonlyMap<string, GroupPlace>
  readonly catalogue: RefusalCatalogue
  readonly limits: ApiLimits
  readonly readers: ReaderChecks | undefined
  readonly now: () => number
}

export function serveEndpoints(app: FastifyInstance, endpoints: readonly Endpoint[], serving: Serving): void {
  const bodies = createBodyBudget(serving.limits.submittingBytes)
  const parsed = endpoints.filter(({ body }) => body?.raw !== true)
  const raw = endpoints.filter(({ body }) => body?.raw === true)
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  for (const endpoint of parsed) serveEndpoint(app, endpoint, serving, bodies)
  app.register(async (scope) => {
    // What is named by its hash is taken byte for byte.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const endpoint of raw) serveEndpoint(scope, endpoint, serving, bodies)
  })
}

function serveEndpoint(app: FastifyInstance, endpoint: Endpoint, serving: Serving, bodies: BodyBudget): void {
  const { method, body, stream } = endpoint
  app.route({
    method,
    url: fastifyPath(endpoint),
    schema: fastifySchemaOf(endpoint),
    ...(stream === undefined ? {} : { exposeHeadRoute: false }),
    ...(body === undefined ? {} : { bodyLimit: body.limit }),
    onRequest: async (request, reply): Promise<FastifyReply | undefined> => {
      if (body === undefined) return undefined
      const room = bodies.reserve(request, body.limit)
      if (room === undefined) {
        // The body is not read, so nothing else can come over this connection.
        reply.header('connection', 'close')
        return sendProblem(reply, serving, 'too_many_submissions')
      }
      reply.raw.once('close', room.release)
      return undefined
    },
    preValidation: async (request, reply): Promise<FastifyReply | undefined> => {
      const fault = bodyFault(endpoint, request)
      return fault === undefined ? undefined : sendProblem(reply, serving, fault, { at: '/body' })
    },
    handler: (request, reply) => handle(endpoint, request, reply, serving),
  })
}

async function handle(
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
  serving: Serving,
): Promise<FastifyReply | undefined> {
  const call = callOf(endpoint, request, serving)
  if (isRefusal(call)) return sendRefusal(reply, serving, call)
  if (endpoint.stream !== undefined) {
    const refused = endpoint.stream(call, reply)
    return refused === undefined ? undefined : sendRefusal(reply, serving, refused)
  }
  const answer = await endpoint.answer(call)
  if (call.group !== undefined) tellMoment(reply, call.group)
  if (isRefusal(answer)) return sendRefusal(reply, serving, isLackedHere(answer, endpoint, call) ? lacked : answer)
  const isPublic = endpoint.access === 'open' || call.group?.ledger.genesis.readPolicy === 'public'
  if (endpoint.crossOrigin === true && isPublic) reply.header('access-control-allow-origin', '*')
  return sendAnswer(reply, answer, isPublic, request.headers['if-none-match'])
}

/** A block or two lie between members at any time. */
const behindBlocks = 5

/** Reads are as of this height. A node that is behind the others serves them all the same, and says so. */
function tellMoment(reply: FastifyReply, group: GroupPlace): void {
  const { ledger } = group
  reply.header('chengxin-as-of', String(ledger.head().height))
  const isBehind =
    (ledger.consensus()?.behind ?? 0) >= behindBlocks || ledger.health().code === 'catching_up' || isLacking(group)
  if (isBehind) reply.header('chengxin-catching-up', 'true')
}

const lacked: Refused = { refused: 'catching_up', facts: {} }
const ofTheLog = ['/log/', '/blocks/', '/transactions/', '/receipts/'].map((part) => `${groupPath}${part}`)

/** Where a part of the log has not been fetched yet, nobody can say that something is not in it. */
function isLackedHere({ refused }: { readonly refused: string }, { path }: Endpoint, { group }: Call): boolean {
  return refused === 'not_found' && ofTheLog.some((part) => path.startsWith(part)) && isLacking(group)
}

function isLacking(group: GroupPlace | undefined): boolean {
  return group?.ledger.archive.lacking() !== undefined
}

function callOf(endpoint: Endpoint, request: FastifyRequest, serving: Serving): Call | Refused {
  const { groups, readers, now } = serving
  if (hasUnusable(request.query) || hasUnusable(request.params)) return { refused: 'request_malformed', facts: {} }
  const given = asTexts(request.params)
  const params: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(given)) params[name === '*' ? (endpoint.rest ?? name) : name] = value
  const headers = singleHeaders(request)
  const group = endpoint.path.startsWith(groupPath) ? groups.get(params['group'] ?? '') : undefined
  if (endpoint.path.startsWith(groupPath) && group === undefined) return { refused: 'group_not_found', facts: {} }
  const call = { group, params, query: asTexts(request.query), body: request.body, headers, address: request.ip }
  if (endpoint.access === 'open' || group === undefined || group.ledger.genesis.readPolicy === 'public') {
    return { ...call, reader: undefined }
  }
  const token = /^Bearer ([A-Za-z0-9._-]+)$/.exec(headers['authorization'] ?? '')?.[1]
  if (token === undefined) return { refused: 'read_token_missing', facts: {} }
  if (readers === undefined) return { refused: 'read_token_invalid', facts: {} }
  const reader = readerOf(token, group.ledger, readers, now())
  if (isRefusal(reader)) return { ...reader, facts: {} }
  return { ...call, reader: reader.did, readableForMs: reader.leftMs }
}

function singleHeaders({ headers }: FastifyRequest): Call['headers'] {
  const entries = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  return Object.fromEntries(entries) as Call['headers']
}

export function sendProblem(
  reply: FastifyReply,
  { catalogue }: Pick<Serving, 'catalogue'>,
  code: string,
  facts?: ProblemFacts,
): FastifyReply {
  return sendAnswer(reply, problemAnswer(catalogue, code, facts), false)
}

function sendRefusal(reply: FastifyReply, serving: Serving, refusal: { readonly refused: string }): FastifyReply {
  const facts = 'facts' in refusal ? (refusal as Refused).facts : {}
  return sendProblem(reply, serving, refusal.refused, facts)
}

export function sendAnswer(reply: FastifyReply, answer: Answer, isPublic: boolean, known?: string): FastifyReply {
  const { status, mediaType, body, caching, headers = {} } = answer
  reply.headers(headers).header('cache-control', cacheControl(caching, isPublic))
  if (caching === 'ask' && status === 200) {
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    reply.header('etag', tag)
    if (known?.split(',').some((one) => one.trim() === tag)) return reply.code(304).send()
  }
  // As bytes, so that nothing on the way adds to the media type or writes the body out anew.
  const payload =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return reply.code(status).type(mediaType).send(payload)
}

function fastifyPath({ path, rest }: Endpoint): string {
  return path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => (name === rest ? '*' : `:${name}`))
}

interface BodyBudget {
  /** Room for a request's body, or undefined while too much is on its way already. */
  reserve(request: FastifyRequest, limit: number): { release(): void } | undefined
}

/** Bodies on their way in take memory before anything can be judged: all together they get so much and no more. */
function createBodyBudget(limitBytes: number): BodyBudget {
  let reserved = 0
  return {
    reserve: (request, limit) => {
      const announced = Number(request.headers['content-length'] ?? limit)
      const bytes = Number.isFinite(announced) ? Math.min(announced, limit) : limit
      if (reserved > 0 && reserved + bytes > limitBytes) return undefined
      reserved += bytes
      return {
        release: () => {
          reserved -= bytes
        },
      }
    },
  }
}
