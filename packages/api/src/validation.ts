/** Requests against their definition, by the JSON Schemas that /openapi.json shows. */
import type { JsonSchema } from '@chengxin/module-kit'
import type { FastifyRequest, FastifySchema } from 'fastify'
import type { Endpoint, EndpointBody } from './endpoint.ts'

/** The definition as Fastify compiles it (ajv). Query values arrive as text and are coerced to be checked. */
export function fastifySchemaOf(endpoint: Endpoint): FastifySchema {
  const { params = {}, query = {}, body, rest } = endpoint
  return {
    params: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(params).map(([name, schema]) => [name === rest ? '*' : name, schema]),
      ),
    },
    querystring: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(query).map(([name, { schema }]) => [name, withoutDefault(schema)])),
      additionalProperties: false,
    },
    ...(body === undefined || body.raw === true ? {} : { body: { content: checkedBodies(body) } }),
  }
}

/** What keeps a body from being checked at all: Fastify checks those that are there and of a type that the definition names. */
export function bodyFault(endpoint: Endpoint, { body, mediaType }: FastifyRequest): string | undefined {
  if (endpoint.body === undefined || endpoint.body.raw === true) return undefined
  if (body === undefined) return 'request_malformed'
  return Object.hasOwn(endpoint.body.content, mediaType ?? '') ? undefined : 'media_type_not_supported'
}

function checkedBodies({ content }: EndpointBody) {
  return Object.fromEntries(Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema }]))
}

/** Where a parameter is absent, the answer decides what that means; the schema's default only documents it. */
function withoutDefault(schema: JsonSchema): JsonSchema {
  const { default: _default, ...rest } = schema
  return rest
}

/** Text again, after the check has coerced what it checked. */
export function asTexts(values: unknown): { readonly [name: string]: string | undefined } {
  const entries = Object.entries((values ?? {}) as { readonly [name: string]: string | number | boolean | undefined })
  return Object.fromEntries(entries.map(([name, value]) => [name, value === undefined ? undefined : String(value)]))
}

/**
 * What no schema finds: a number too long for a double, which is coerced to infinity and then held to no limit, and U+0000, which
 * no text in SQL can have.
 */
export function hasUnusable(values: unknown): boolean {
  return Object.values(values ?? {}).some((value) =>
    typeof value === 'number' ? !Number.isFinite(value) : typeof value === 'string' && value.includes('\0'),
  )
}
