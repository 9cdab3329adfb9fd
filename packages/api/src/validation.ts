/** Requests against their definition, by the JSON Schemas that /openapi.json shows. */
import type { JsonSchema } from '@chengxin/module-kit'
import type { FastifySchema } from 'fastify'
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

export function hasInfinity(values: unknown): boolean {
  return Object.values(values ?? {}).some((value) => typeof value === 'number' && !Number.isFinite(value))
}
