/**
 * SQL rows as JSON answers. One definition of an answer's members says which columns to select, how each value is read,
 * and what its JSON Schema is, so that the three cannot disagree. Members that are null in SQL are absent.
 */
import type { JsonSchema, SqlValue } from '@chengxin/module-kit'

interface Member {
  readonly column: string
  readonly schema: JsonSchema
  read(value: SqlValue): unknown
  readonly optional: boolean
}

export type SqlRow = { readonly [column: string]: SqlValue }

export interface AnswerShape {
  /** The columns for a SELECT, of the table alias given. */
  columns(alias: string): string
  readonly schema: JsonSchema
  read(row: SqlRow): { readonly [member: string]: unknown }
}

export function text(column: string, schema: JsonSchema = {}): Member {
  return { column, schema: { type: 'string', ...schema }, read: String, optional: false }
}

/** A number that stays below 2^53: times, versions, positions. */
export function integer(column: string): Member {
  return { column, schema: { type: 'integer' }, read: Number, optional: false }
}

/** Money or points: a decimal string in JSON. */
export function amount(column: string): Member {
  return { column, schema: { type: 'string', pattern: '^-?[0-9]+$' }, read: String, optional: false }
}

export function flag(column: string): Member {
  return { column, schema: { type: 'boolean' }, read: (value) => value === true, optional: false }
}

export function json(column: string, schema: JsonSchema): Member {
  return { column, schema, read: (value) => JSON.parse(String(value)) as unknown, optional: false }
}

export function optional(member: Member): Member {
  return { ...member, optional: true }
}

export function answerShape(members: { readonly [name: string]: Member }): AnswerShape {
  const entries = Object.entries(members)
  return {
    columns: (alias) => entries.map(([, { column }]) => `${alias}.${column}`).join(', '),
    schema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { schema }]) => [name, schema])),
      required: entries.filter(([, member]) => !member.optional).map(([name]) => name),
      additionalProperties: false,
    },
    read(row) {
      const answer: Record<string, unknown> = {}
      for (const [name, { column, read }] of entries) {
        const value = row[column]
        if (value !== undefined && value !== null) answer[name] = read(value)
      }
      return answer
    },
  }
}

/** The same shape with further members that a route adds itself. */
export function withMembers(shape: AnswerShape, members: { readonly [name: string]: JsonSchema }): JsonSchema {
  const { properties, required, ...rest } = shape.schema as {
    readonly properties: { readonly [name: string]: JsonSchema }
    readonly required: readonly string[]
    readonly [keyword: string]: unknown
  }
  const schema = {
    ...rest,
    properties: { ...properties, ...members },
    required: [...required, ...Object.keys(members)],
  }
  return schema
}

export function listOf(schema: JsonSchema): JsonSchema {
  return { type: 'array', items: schema }
}

export const stringList: JsonSchema = { type: 'array', items: { type: 'string' } }
/** A public key as JWK; its exact members are in the transaction schemas. */
export const jwkSchema: JsonSchema = { type: 'object', required: ['kty', 'crv', 'x'] }
