/**
 * JSON in canonical form (RFC 8785, JCS): one spelling for each value, so that signers and hashes agree.
 *
 * Two uses, two strengths. `canonicalize` follows the RFC for every JSON value. `parseCanonical` is for what enters a
 * ledger: it accepts only text that is already canonical and, beyond the RFC, only integers within ±(2^53−1) — larger
 * ones and all money are decimal strings.
 */
import { isCanonicalText } from './canonical-scan.ts'
import { isRefusal, type Refusal, refuse } from './result.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

const plainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/**
 * The canonical text of a JSON value. `bigint` is written as a decimal string, `undefined` members are left out.
 * Throws where JSON has no spelling: NaN, infinities, lone surrogates, functions.
 */
export function canonicalize(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`JSON has no spelling for ${value}.`)
      return Object.is(value, -0) ? '0' : String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return `"${value}"`
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? canonicalList(value) : canonicalObject(value as Record<string, unknown>)
    default:
      throw new Error(`JSON has no spelling for a ${typeof value}.`)
  }
}

function canonicalList(values: readonly unknown[]): string {
  let text = '['
  for (let index = 0; index < values.length; index++) text += (index === 0 ? '' : ',') + canonicalize(values[index])
  return `${text}]`
}

function canonicalObject(value: Record<string, unknown>): string {
  const names = Object.keys(value)
  sortNames(names)
  let text = '{'
  let separator = ''
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string
    const member = value[name]
    if (member === undefined) continue
    text += `${separator}${quote(name)}:${canonicalize(member)}`
    separator = ','
  }
  return `${text}}`
}

/**
 * Sorts by UTF-16 code units (RFC 8785 section 3.2.3). Objects have few names, mostly in order already, so each one is
 * moved to its place; a library sort of so few costs several times as much.
 */
function sortNames(names: string[]): void {
  if (names.length > 32) {
    names.sort()
    return
  }
  for (let index = 1; index < names.length; index++) {
    const name = names[index] as string
    let place = index
    while (place > 0 && (names[place - 1] as string) > name) {
      names[place] = names[place - 1] as string
      place--
    }
    if (place !== index) names[place] = name
  }
}

function quote(text: string): string {
  if (plainText.test(text)) return `"${text}"`
  if (hasLoneSurrogate(text)) throw new Error('A lone surrogate cannot be written as JSON.')
  return JSON.stringify(text)
}

export function hasLoneSurrogate(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0xd800 || code >= 0xe000) continue
    const next = text.charCodeAt(index + 1)
    if (code >= 0xdc00 || !(next >= 0xdc00 && next < 0xe000)) return true
    index++
  }
  return false
}

export interface CanonicalLimits {
  /** Nesting of arrays and objects; a scalar has depth 0. */
  readonly depth: number
}

/**
 * The value of a text that is canonical already. Refusals, in the order they are checked:
 * `json_malformed`, `json_too_deep`, `json_number_not_allowed` (a float, −0, or beyond 2^53−1), `json_not_canonical`
 * (white space, order, duplicate names, escapes that need not be, lone surrogates). An object that would itself read as a
 * refusal, `{"refused":"…"}`, is `json_not_canonical` too: else its author could put any code into our mouth.
 */
export function parseCanonical(text: string, limits: CanonicalLimits): Json | Refusal {
  if (!isCanonicalText(text, limits.depth)) return refuse(whyNotCanonical(text, limits))
  const value = JSON.parse(text) as Json
  return isRefusal(value) ? refuse('json_not_canonical') : value
}

function whyNotCanonical(text: string, limits: CanonicalLimits): string {
  // Depth is counted on the text first, so that hostile nesting never reaches a recursive parser.
  if (exceedsDepth(text, limits.depth)) return 'json_too_deep'
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return 'json_malformed'
  }
  return hasOnlyAgreedNumbers(value) ? 'json_not_canonical' : 'json_number_not_allowed'
}

function exceedsDepth(text: string, limit: number): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c) index++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

function hasOnlyAgreedNumbers(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (!hasOnlyAgreedNumbers(member as Json)) return false
  }
  return true
}
