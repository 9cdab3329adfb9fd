/**
 * A CPT's JSON Schema (draft 4) as far as credentials are held to it: objects with typed members, lists, choices, lengths,
 * bounds and patterns. A schema with other words is not taken, because a rule that is not checked would look as if it were.
 */
import type { Json, JsonObject } from '@chengxin/kernel'
import { isObject } from './pojo.ts'

const words: ReadonlySet<string> = new Set([
  ...['$schema', 'title', 'description', 'type', 'properties', 'required', 'enum', 'items', 'additionalProperties'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'pattern', 'cptType', 'weId', 'format', 'default'],
])
const types: ReadonlySet<string> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'])

/** Whether every word of the schema is one that is checked here, or one that says nothing to check. */
export function isKnownSchema(schema: Json | undefined, depth = 0): schema is JsonObject {
  if (!isObject(schema) || depth > 8 || !Object.keys(schema).every((word) => words.has(word))) return false
  const { type, properties, required, items, additionalProperties, pattern } = schema
  const areTypes = (Array.isArray(type) ? type : type === undefined ? [] : [type]).every((each) =>
    types.has(each as string),
  )
  const areNames =
    required === undefined || (Array.isArray(required) && required.every((name) => typeof name === 'string'))
  if (!areTypes || !areNames || !isPattern(pattern)) return false
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean') return false
  if (items !== undefined && !isKnownSchema(items, depth + 1)) return false
  if (properties === undefined) return true
  return isObject(properties) && Object.values(properties).every((each) => isKnownSchema(each, depth + 1))
}

/** Patterns that a text cannot hold up for long: no repetition of what repeats. */
function isPattern(pattern: Json | undefined): boolean {
  if (pattern === undefined) return true
  if (typeof pattern !== 'string' || pattern.length > 200 || /[+*}]\)?[+*{]|\([^)]*[+*{][^)]*\)[+*{]/.test(pattern))
    return false
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** Whether a value is as the schema says. */
export function isOfSchema(value: Json, schema: JsonObject): boolean {
  const { type, enum: choices, properties, required, items, additionalProperties } = schema
  if (type !== undefined && !(Array.isArray(type) ? type : [type]).some((each) => isOfType(value, each as string)))
    return false
  if (Array.isArray(choices) && !choices.some((choice) => choice === value)) return false
  if (typeof value === 'string' && !isTextOf(value, schema)) return false
  if (typeof value === 'number' && !isWithin(value, schema)) return false
  if (Array.isArray(value)) return !isObject(items) || value.every((each: Json) => isOfSchema(each, items))
  if (!isObject(value)) return true
  const known = isObject(properties) ? properties : {}
  const areThere = !Array.isArray(required) || required.every((name) => Object.hasOwn(value, name as string))
  const areExpected = additionalProperties !== false || Object.keys(value).every((name) => Object.hasOwn(known, name))
  const areGood = Object.entries(known).every(
    ([name, each]) => !Object.hasOwn(value, name) || isOfSchema(value[name] as Json, each as JsonObject),
  )
  return areThere && areExpected && areGood
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function isTextOf(text: string, { minLength, maxLength, pattern }: JsonObject): boolean {
  const { length } = [...text]
  if (typeof minLength === 'number' && length < minLength) return false
  if (typeof maxLength === 'number' && length > maxLength) return false
  return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(text)
}

function isWithin(number: number, { minimum, maximum }: JsonObject): boolean {
  if (typeof minimum === 'number' && number < minimum) return false
  return typeof maximum !== 'number' || number <= maximum
}
