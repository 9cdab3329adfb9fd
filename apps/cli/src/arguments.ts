/** Arguments of transactions as they are typed: JSON on the command line, in a file, or on standard input. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type JsonSchema, signableVerbs } from '@chengxin/client'
import { CliFault } from './fault.ts'

/** The text of `@FILE`, of `-` (standard input), or itself. */
export async function typedText(value: string): Promise<string> {
  if (value === '-') return text(process.stdin)
  return value.startsWith('@') ? readFile(value.slice(1), 'utf8') : value
}

export async function typedJson(option: string, value: string): Promise<unknown> {
  const typed = await typedText(value)
  try {
    return JSON.parse(typed) as unknown
  } catch (error) {
    throw new CliFault(`${option} is not JSON (${(error as Error).message}).`, 2)
  }
}

/** The verb of a type, or a fault that names what comes near. */
export function verbNamed(type: string) {
  const verb = signableVerbs.get(type)
  if (verb !== undefined) return verb
  const [domain] = type.split('.')
  const near = [...signableVerbs.keys()].filter((known) => known.startsWith(`${domain}.`) || known.endsWith(`.${type}`))
  const hint = near.length > 0 ? `there are ${near.join(', ')}` : 'chengxin tx types lists them'
  throw new CliFault(`There is no transaction ${type}; ${hint}.`, 2)
}

export interface ArgumentLine {
  readonly name: string
  readonly required: boolean
  readonly value: string
}

/** What a verb asks for, a line a member, nested ones by their path. */
export function argumentLines(schema: JsonSchema, path = ''): readonly ArgumentLine[] {
  const properties = (schema['properties'] ?? {}) as { readonly [name: string]: JsonSchema }
  const required = new Set((schema['required'] ?? []) as readonly string[])
  return Object.entries(properties).flatMap(([name, member]) => [
    { name: `${path}${name}`, required: required.has(name), value: describe(member) },
    ...argumentLines(member, `${path}${name}.`),
  ])
}

interface Keywords {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly items?: JsonSchema
}

function describe(schema: JsonSchema): string {
  const variants = schema['oneOf'] as readonly JsonSchema[] | undefined
  if (variants !== undefined) return `one of ${variants.map(variantName).join(', ')}`
  const words = schema['enum'] as readonly string[] | undefined
  if (words !== undefined) return words.join(' | ')
  const { type, minimum, maximum, pattern, items } = schema as Keywords
  if (type === 'array' && items !== undefined) return `list of ${describe(items)}`
  if (type === 'integer') return `whole number ${minimum ?? ''} to ${maximum ?? ''}`
  return pattern === undefined ? (type ?? 'anything') : `text ${pattern}`
}

/** A variant is known by the member that has one word alone. */
function variantName(schema: JsonSchema): string {
  const members = Object.values((schema['properties'] ?? {}) as { readonly [name: string]: JsonSchema })
  const words = members.map((member) => (member['enum'] ?? []) as readonly string[])
  return words.find((list) => list.length === 1)?.[0] ?? 'object'
}
