/** The interface as OpenAPI 3.1, made from the definitions that the server itself runs on. */
import { payloadSchema, type TransactionDefinition } from '@chengxin/module-kit'
import type { AnswerDefinition, Endpoint } from './endpoint.ts'
import { groupPath } from './endpoint.ts'
import { problemSchema } from './problem.ts'
import type { RefusalCatalogue } from './refusals.ts'
import { outcome } from './schemas.ts'

export interface OpenApiParts {
  readonly endpoints: readonly Endpoint[]
  readonly transactions: readonly TransactionDefinition[]
  readonly catalogue: RefusalCatalogue
  readonly publicUrl: string
  readonly version: string
}

/** Codes that any address of a kind may answer with. */
export function commonRefusals({ path, access, params, query, body }: Endpoint): readonly string[] {
  const inGroup = path.startsWith(groupPath)
  return [
    'too_many_requests',
    ...((params ?? query ?? body) ? ['request_malformed'] : []),
    ...(body ? ['body_too_large', 'media_type_not_supported', 'too_many_submissions'] : []),
    ...(inGroup ? ['group_not_found'] : []),
    ...(inGroup && access === 'policy' ? ['read_token_missing', 'read_token_invalid', 'read_not_allowed'] : []),
  ]
}

export function createOpenApi(parts: OpenApiParts) {
  const { endpoints, transactions, catalogue, publicUrl, version } = parts
  const signed = transactions.filter(({ door }) => door === 'signed')
  const paths: Record<string, Record<string, unknown>> = {}
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operationOf(endpoint, catalogue),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chengxin 城信',
      version,
      summary: 'A node of Chengxin: shared ledgers of a city, with proofs that anyone can check alone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: {
        Problem: problemSchema,
        Outcome: outcome,
        Payload: {
          ...payloadSchema.json,
          description: 'The payload of a transaction’s JWS, in RFC 8785 canonical form.',
        },
        ...Object.fromEntries(
          signed.map(({ type, args }) => [type, { ...args.json, title: type, description: `Arguments of ${type}.` }]),
        ),
      },
      securitySchemes: {
        readToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'chengxin-read+jws',
          description: 'For groups that show themselves to members only: a JWS by the reader’s key over `{aud, exp}`.',
        },
      },
    },
    'x-refusals': Object.fromEntries(
      Object.entries(catalogue.all).map(([code, [kind, sentence]]) => [
        code,
        { kind, status: catalogue.statusOf(code), sentence },
      ]),
    ),
  }
}

function operationOf(endpoint: Endpoint, catalogue: RefusalCatalogue) {
  const { id, tag, summary, about, body, access } = endpoint
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(about === undefined ? {} : { description: about }),
    ...(access === 'policy' ? { security: [{}, { readToken: [] }] } : {}),
    parameters: parametersOf(endpoint),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body.content) } }),
    responses: responsesOf(endpoint, catalogue),
  }
}

function parametersOf({ path, params = {}, query = {}, rest }: Endpoint) {
  const inPath = [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: params[name] ?? { type: 'string' },
    ...(name === rest ? { description: 'The rest of the path; slashes stand as they are.' } : {}),
  }))
  const inQuery = Object.entries(query).map(([name, { schema, about }]) => ({
    name,
    in: 'query',
    description: about,
    schema,
  }))
  return [...inPath, ...inQuery]
}

function responsesOf(endpoint: Endpoint, catalogue: RefusalCatalogue) {
  const responses: Record<string, { description: string; content: ReturnType<typeof contentOf> }> = {}
  for (const [status, { about, content }] of Object.entries(endpoint.answers)) {
    responses[status] = { description: about, content: contentOf(content) }
  }
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  for (const code of new Set([...commonRefusals(endpoint), ...endpoint.refusals])) {
    const status = String(catalogue.statusOf(code))
    const known = responses[status]
    const line = `\`${code}\`: ${catalogue.sentenceOf(code) ?? ''}`
    responses[status] =
      known === undefined
        ? { description: line, content: problem }
        : { description: `${known.description}\n${line}`, content: { ...known.content, ...problem } }
  }
  return {
    ...responses,
    default: { description: 'A refusal of the ledger, or an error of the node.', content: problem },
  }
}

function contentOf(content: AnswerDefinition['content']) {
  return Object.fromEntries(Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema }]))
}
