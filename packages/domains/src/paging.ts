/** Lists in pages: a limit, and a cursor that the page before handed out. */
import type { JsonSchema, RouteRequest } from '@chengxin/module-kit'
import { type AnswerShape, listOf, type SqlRow } from './answers.ts'

const maxLimit = 200
const usualLimit = 50

export const limitParameter = {
  schema: { type: 'integer', minimum: 1, maximum: maxLimit, default: usualLimit } as JsonSchema,
  about: `How many at most (${usualLimit}, at most ${maxLimit}).`,
}

/** Newest first: `before` is the `next` of the page before. */
export const newestFirst = {
  limit: limitParameter,
  before: {
    schema: { type: 'string', pattern: '^-?[0-9]{1,16}$' } as JsonSchema,
    about: 'The `next` of the page before.',
  },
}

export function pageSchema(name: string, item: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { [name]: listOf(item), next: { type: 'string' } },
    required: [name],
    additionalProperties: false,
  }
}

/** The rows asked for; what is no number counts as not given. */
export function limitOf({ query }: RouteRequest): number {
  const asked = Number(query['limit'] ?? usualLimit)
  return Number.isSafeInteger(asked) && asked >= 1 ? Math.min(asked, maxLimit) : usualLimit
}

/** The sequence number to stay below; above all when there is no cursor. */
export function beforeOf({ query }: RouteRequest): bigint {
  const text = query['before'] ?? ''
  return /^-?[0-9]{1,16}$/.test(text) ? BigInt(text) : 2n ** 62n
}

/**
 * One page of a list that is newest first. `from` is what stands after FROM, with the table aliased `t` that has the
 * column `seq`; `$1` is the cursor, `$2` the limit, and `conditions` may use the parameters after these.
 */
export async function newestPage(
  request: RouteRequest,
  name: string,
  shape: AnswerShape,
  from: string,
  conditions: readonly string[] = [],
  parameters: readonly (string | null)[] = [],
): Promise<{ readonly [member: string]: unknown }> {
  const limit = limitOf(request)
  const where = ['t.seq < $1', ...conditions].join(' AND ')
  const statement = `SELECT ${shape.columns('t')}, t.seq FROM ${from} WHERE ${where} ORDER BY t.seq DESC LIMIT $2`
  // One row more than asked tells whether there is a next page.
  const rows = await request.sql.query(statement, [beforeOf(request), limit + 1, ...parameters])
  return toPage(rows, name, shape, limit)
}

function toPage(rows: readonly SqlRow[], name: string, shape: AnswerShape, limit: number) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const hasNext = rows.length > limit && last !== undefined
  return { [name]: page.map((row) => shape.read(row)), ...(hasNext && { next: String(last['seq']) }) }
}
