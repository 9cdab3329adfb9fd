/**
 * `s`: the closed vocabulary of what may stand in a transaction, an event or a row. It has no floats and no free text,
 * so neither can reach a ledger. Every schema is JSON Schema (for clients and OpenAPI) and a decoder (for the node).
 *
 * The wire form is canonical JSON; `decode` checks it and turns decimal strings into `bigint`. The way back needs no
 * schema: `canonicalize` writes a `bigint` as its decimal string.
 */
import {
  type Did,
  fromBase64url,
  type Hash,
  isDid,
  isHash,
  type Json,
  limits,
  parseAmount,
  type TimeMs,
} from '@chengxin/kernel'

export type JsonSchema = { readonly [keyword: string]: Json }

/** Where a value departs from its schema: a JSON pointer and the kind of value that belongs there. */
export class Fault {
  readonly at: string
  readonly expected: string
  constructor(at: string, expected: string) {
    this.at = at
    this.expected = expected
  }
}

export interface Schema<T> {
  readonly json: JsonSchema
  /** The value in its working form, or the first fault. Unknown members of objects are faults. */
  decode(value: Json | undefined): T | Fault
  readonly optional?: boolean
}

export type Infer<S> = S extends Schema<infer T> ? T : never
export type Fields = { readonly [name: string]: Schema<unknown> }
type RequiredNames<F extends Fields> = { [N in keyof F]: undefined extends Infer<F[N]> ? never : N }[keyof F]
type OptionalNames<F extends Fields> = { [N in keyof F]: undefined extends Infer<F[N]> ? N : never }[keyof F]
export type InferFields<F extends Fields> = { readonly [N in RequiredNames<F>]: Infer<F[N]> } & {
  readonly [N in OptionalNames<F>]?: Exclude<Infer<F[N]>, undefined>
}

/** A public key as a closed JWK (RFC 7517, RFC 8037): the members shown and no others. */
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

function text<T extends string>(expected: string, json: JsonSchema, accepts: (value: string) => boolean): Schema<T> {
  return {
    json: { type: 'string', ...json },
    decode: (value) => (typeof value === 'string' && accepts(value) ? (value as T) : new Fault('', expected)),
  }
}

function matching<T extends string>(expected: string, pattern: RegExp, maxLength: number): Schema<T> {
  return text(
    expected,
    { pattern: pattern.source, maxLength },
    (value) => value.length <= maxLength && pattern.test(value),
  )
}

/** A name chosen by the client and used once: `<prefix>_` and 4 to 40 lower-case letters, digits or inner `_` and `-`. */
function id<P extends string>(prefix: P): Schema<`${P}_${string}`> {
  const start = `${prefix}_`
  return text(
    `id beginning with ${start}`,
    { pattern: `^${start}[0-9a-z][0-9a-z_-]{2,38}[0-9a-z]$`, maxLength: start.length + 40 },
    (value) => isName(value, start),
  )
}

/** The pattern of an id, read by hand: every payment names four accounts, each of which is checked where it passes. */
function isName(value: string, start: string): boolean {
  const chars = value.length - start.length
  if (chars < 4 || chars > 40 || !value.startsWith(start)) return false
  for (let index = start.length; index < value.length; index++) {
    const code = value.charCodeAt(index)
    const isAlphanumeric = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
    const isInner = (code === 0x5f || code === 0x2d) && index > start.length && index < value.length - 1
    if (!isAlphanumeric && !isInner) return false
  }
  return true
}

function did(): Schema<Did> {
  return text('did:weid', { pattern: '^did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}$' }, isDid)
}

function hash(): Schema<Hash> {
  return text('SHA-256 as base64url', { pattern: '^[A-Za-z0-9_-]{43}$' }, isHash)
}

/** Money or a count of value in the smallest unit, zero or more: a decimal string on the wire, `bigint` in a rule. */
function amount(): Schema<bigint> {
  const fault = new Fault('', 'amount as a decimal string from 0 to 2^63-1')
  return {
    json: { type: 'string', pattern: '^(0|[1-9][0-9]{0,18})$' },
    decode: (value) => {
      // In its working form, from a rule: what could not be read back must not be written either.
      if (typeof value === 'bigint') return value >= 0n && value <= limits.amount ? value : fault
      return typeof value === 'string' ? (parseAmount(value) ?? fault) : fault
    },
  }
}

/** An amount above zero. */
function positiveAmount(): Schema<bigint> {
  const any = amount()
  return {
    json: { type: 'string', pattern: '^[1-9][0-9]{0,18}$' },
    decode: (value) => {
      const decoded = any.decode(value)
      return decoded === 0n ? new Fault('', 'amount above zero') : decoded
    },
  }
}

/** A whole number between bounds, both included. Bounds are part of the rule: a count without a limit is a way in. */
function integer(min: number, max: number): Schema<number> {
  return {
    json: { type: 'integer', minimum: min, maximum: max },
    decode: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
        ? value
        : new Fault('', `integer from ${min} to ${max}`),
  }
}

function timeMs(): Schema<TimeMs> {
  return integer(0, 253_402_300_799_999) as Schema<TimeMs>
}

function flag(): Schema<boolean> {
  return {
    json: { type: 'boolean' },
    decode: (value) => (typeof value === 'boolean' ? value : new Fault('', 'true or false')),
  }
}

/** One of the listed words. */
function code<const W extends readonly string[]>(...words: W): Schema<W[number]> {
  return text(`one of ${words.join(', ')}`, { enum: [...words] }, (value) => words.includes(value))
}

/** A currency or unit of value: ISO 4217 for money (`MOP`, `CNY`), up to twelve capitals and digits for points. */
function currency(): Schema<string> {
  return matching('currency', /^[A-Z][A-Z0-9]{2,11}$/, 12)
}

/** A registered internet name in lower-case ASCII (RFC 1123): public by nature, so allowed where a body names itself. */
function domainName(): Schema<string> {
  return matching('domain name', /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 253)
}

/** A key's name inside its DID document. */
function keyId(): Schema<string> {
  return matching('key id', /^key-[0-9a-z]{1,32}$/, 36)
}

/** A short machine word chosen by the one who defines it (a role, a type, a reason): lower snake case, no spaces. */
function word(): Schema<string> {
  return matching('word in lower snake case', /^[a-z][a-z0-9_]{1,47}$/, 48)
}

/** A semantic version without labels, such as `1.4.0`. */
function version(): Schema<string> {
  return matching('version', /^(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}$/, 20)
}

/** What a delegation may cover: one transaction type, or all of a domain as `points.*`. */
function scope(): Schema<string> {
  return matching('transaction type or <domain>.*', /^[a-z][a-z0-9-]{1,31}\.(?:\*|[a-z][A-Za-z0-9]{1,47})$/, 80)
}

/** Bytes as base64url, with a limit. For certificates, signatures and ciphertext, never for text. */
function bytes(maxBytes: number): Schema<string> {
  const maxLength = Math.ceil((maxBytes * 4) / 3)
  return text(
    `at most ${maxBytes} bytes as base64url`,
    { pattern: '^[A-Za-z0-9_-]*$', maxLength },
    (value) => value.length <= maxLength && fromBase64url(value) !== undefined,
  )
}

function publicJwk(): Schema<PublicJwk> {
  const coordinate = matching<string>('32 bytes as base64url', /^[A-Za-z0-9_-]{43}$/, 43)
  const okp = object({ crv: code('Ed25519'), kty: code('OKP'), x: coordinate })
  const ec = object({ crv: code('P-256'), kty: code('EC'), x: coordinate, y: coordinate })
  return {
    json: { oneOf: [okp.json, ec.json] },
    decode: (value) => {
      const kty = isObject(value) ? value['kty'] : undefined
      if (kty === 'OKP') return okp.decode(value)
      if (kty === 'EC') return ec.decode(value)
      return new Fault('', 'Ed25519 or P-256 public JWK')
    },
  }
}

function list<T>(item: Schema<T>, maxItems: number, minItems = 0): Schema<readonly T[]> {
  return {
    json: { type: 'array', items: item.json, minItems, maxItems },
    decode: (value) => {
      if (!Array.isArray(value) || value.length > maxItems || value.length < minItems) {
        return new Fault('', `list of ${minItems} to ${maxItems}`)
      }
      const decoded: T[] = []
      for (let index = 0; index < value.length; index++) {
        const member = item.decode(value[index] as Json)
        if (member instanceof Fault) return new Fault(`/${index}${member.at}`, member.expected)
        decoded.push(member)
      }
      return decoded
    },
  }
}

function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    json: schema.json,
    optional: true,
    decode: (value) => (value === undefined ? undefined : schema.decode(value)),
  }
}

function object<const F extends Fields>(fields: F): Schema<InferFields<F>> {
  const entries = Object.entries(fields)
  const required = entries.filter(([, schema]) => schema.optional !== true).map(([name]) => name)
  const members = entries.map(
    ([name, schema]): Member => ({
      name,
      schema,
      isOptional: schema.optional === true,
      isInherited: name in Object.prototype,
    }),
  )
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, schema]) => [name, schema.json])),
      required,
      additionalProperties: false,
    },
    decode: (value) => {
      if (!isObject(value)) return new Fault('', 'object')
      const decoded: Record<string, unknown> = {}
      let present = 0
      for (let index = 0; index < members.length; index++) {
        const { name, schema, isOptional, isInherited } = members[index] as Member
        const raw = isInherited && !Object.hasOwn(value, name) ? undefined : value[name]
        if (raw !== undefined) present++
        else if (isOptional) continue
        const member = schema.decode(raw)
        if (member instanceof Fault) return new Fault(`/${name}${member.at}`, member.expected)
        if (member !== undefined) decoded[name] = member
      }
      const unknown = Object.keys(value).length === present ? undefined : unknownMember(value, fields)
      return unknown ?? (decoded as InferFields<F>)
    },
  }
}

interface Member {
  readonly name: string
  readonly schema: Schema<unknown>
  readonly isOptional: boolean
  /** Whether every object has something of this name that is not its own. */
  readonly isInherited: boolean
}

/** The first member that the fields do not have; one that is undefined has no stored form and is as good as absent. */
function unknownMember(value: { readonly [name: string]: Json }, fields: Fields): Fault | undefined {
  const name = Object.keys(value).find(
    (candidate) => value[candidate] !== undefined && !Object.hasOwn(fields, candidate),
  )
  return name === undefined ? undefined : new Fault(`/${name}`, 'no such member')
}

/** One of several objects, told apart by the word in one member. */
function choice<const V extends { readonly [word: string]: Fields }, const K extends string>(
  member: K,
  variants: V,
): Schema<{ [W in keyof V & string]: { readonly [key in K]: W } & InferFields<V[W]> }[keyof V & string]> {
  const schemas = new Map(
    Object.entries(variants).map(([word, fields]) => [word, object({ [member]: code(word), ...fields })]),
  )
  return {
    json: { oneOf: [...schemas.values()].map((schema) => schema.json) },
    decode: (value) => {
      const named = isObject(value) ? value[member] : undefined
      const schema = typeof named === 'string' ? schemas.get(named) : undefined
      if (schema === undefined) return new Fault(`/${member}`, `one of ${[...schemas.keys()].join(', ')}`)
      return schema.decode(value) as never
    },
  }
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const s = {
  id,
  did,
  hash,
  amount,
  positiveAmount,
  integer,
  timeMs,
  flag,
  code,
  currency,
  domainName,
  keyId,
  word,
  version,
  scope,
  bytes,
  publicJwk,
  list,
  optional,
  object,
  choice,
}

/** A used-once number of a signer: base64url text, 22 characters carry 128 random bits. */
export const nonceSchema: Schema<string> = text(
  'nonce of 8 to 32 base64url characters',
  { pattern: `^[A-Za-z0-9_-]{${limits.nonceChars.min},${limits.nonceChars.max}}$` },
  (value) => /^[A-Za-z0-9_-]{8,32}$/.test(value),
)
