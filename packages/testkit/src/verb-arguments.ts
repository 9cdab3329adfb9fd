/**
 * Arguments that fit a verb's schema, as fast-check arbitraries made from its JSON Schema. Few names, so that they meet;
 * amounts, counts and times at their ends and around now. `signProofs` then makes honest what a key must say of itself.
 */
import type { Json, JsonObject } from '@chengxin/kernel'
import fc from 'fast-check'
import {
  type Actor,
  actor,
  bureau,
  certificateOf,
  cityStartMs,
  dayMs,
  office,
  registrar,
  university,
} from './rules-city.ts'

/** Who acts. */
export const people: readonly Actor[] = [bureau, university, office, registrar, ...['ann', 'bo', 'p256:cai'].map(actor)]
export const roles = ['registrar', 'identity_bureau', 'issuer_authority', 'points_operator'] as const
const strangers = ['spare one', 'spare two', 'p256:spare'].map(actor)
const memberKeys = ['new log', 'new cosigner', 'new validator', 'university log'].map(actor)
const keyOwners = [...people, ...strangers, ...memberKeys]
const brokenKey = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const

const names = ['aaaa', 'aaaa', 'bbbb', 'bbbb', 'cccc']
const namesOf: { readonly [prefix: string]: readonly string[] } = {
  member: ['bureau', 'university', 'office', ...names],
}

/** What a text of this pattern may be; a pattern that is not here is asked of fast-check. */
const texts: { readonly [pattern: string]: readonly string[] } = {
  '^did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}$': [...people, ...people.slice(4), ...people.slice(4, 6), ...strangers].map(
    ({ did }) => did,
  ),
  '^[A-Za-z0-9_-]{43}$': ['A', 'B', 'C'].map((letter) => `${letter.repeat(42)}A`),
  '^(0|[1-9][0-9]{0,18})$': ['0', '1', '9223372036854775807'],
  '^[1-9][0-9]{0,18}$': ['1', '2', '100', '9223372036854775806', '9223372036854775807'],
  '^[A-Z][A-Z0-9]{2,11}$': ['MOP', 'STAR'],
  '^key-[0-9a-z]{1,32}$': ['key-1', 'key-2', 'key-3'],
  '^[a-z][a-z0-9_]{1,47}$': [...roles, 'constructor', '__'.padStart(3, 'a')],
  '^[A-Za-z0-9_-]*$': ['', 'AAAA', 'A'.repeat(86)],
  '^[0-9a-f]{1,64}$': ['01', 'f'.repeat(64)],
  '^[a-z][a-z0-9-]{1,31}\\.(?:\\*|[a-z][A-Za-z0-9]{1,47})$': [
    'points.*',
    'points.transfer',
    'identity.*',
    'credentials.*',
  ],
}

const certificates = ['member_aaaa', 'member_bbbb', 'member_university'].flatMap((member) => [
  certificateOf(member),
  certificateOf(member, { keyName: `${member} again` }),
  certificateOf(member, { byStranger: true }),
  certificateOf(member, { notAfterMs: cityStartMs + dayMs }),
  certificateOf(member).slice(0, 400),
])

/** Any value of a schema; `name` is that of the member it stands under. */
export function argumentsOf(schema: JsonObject, name = ''): fc.Arbitrary<Json> {
  const { type, oneOf, properties, pattern, enum: words } = schema as { readonly [keyword: string]: never }
  if (oneOf) return choiceOf(oneOf as readonly JsonObject[])
  if (words) return fc.constantFrom(...(words as readonly string[]))
  if (name === 'certificate') return fc.constantFrom(...certificates)
  if (properties) return objectOf(schema)
  if (type === 'array') {
    const { items, minItems, maxItems } = schema as unknown as ListSchema
    return fc.array(argumentsOf(items, name), { minLength: minItems, maxLength: Math.min(maxItems, 4) })
  }
  if (type === 'integer') return integerOf(schema as { readonly minimum: number; readonly maximum: number })
  if (type === 'boolean') return fc.boolean()
  if (pattern === undefined) throw new Error(`No arguments are made for ${JSON.stringify(schema)}.`)
  const [, prefix] = /^\^([a-z]+)_\[/.exec(pattern) ?? []
  if (prefix) return fc.constantFrom(...(namesOf[prefix] ?? names).map((each) => `${prefix}_${each}`))
  const known = texts[pattern]
  if (known) return fc.constantFrom(...known)
  const { maxLength = 100 } = schema as { readonly maxLength?: number }
  return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength)
}

interface ListSchema {
  readonly items: JsonObject
  readonly minItems: number
  readonly maxItems: number
}

function choiceOf(schemas: readonly JsonObject[]): fc.Arbitrary<Json> {
  const isKey = schemas.some(({ properties }) => Object.hasOwn(properties as JsonObject, 'kty'))
  if (isKey) return fc.constantFrom<Json[]>(...keyOwners.map(({ key }) => key as unknown as Json), brokenKey)
  return fc.oneof(...schemas.map((schema) => argumentsOf(schema)))
}

function objectOf(schema: JsonObject): fc.Arbitrary<Json> {
  const { properties, required } = schema as unknown as {
    readonly properties: { readonly [name: string]: JsonObject }
    readonly required: readonly string[]
  }
  const members = Object.entries(properties).map(([name, member]) => [name, argumentsOf(member, name)] as const)
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required] })
}

function integerOf({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): fc.Arbitrary<number> {
  const around = [0, 60_000, dayMs, 100 * dayMs, 300 * dayMs, 1000 * dayMs].map((ms) => cityStartMs + ms)
  const all = [1, 2, 3, minimum, maximum, 7_200_000, ...around].filter((each) => each >= minimum && each <= maximum)
  return fc.constantFrom(...all)
}

/** The same arguments, each proof made by its key, where anybody here has it, over what the rules ask for. */
export function signProofs(args: JsonObject, signer: Actor, group: string): JsonObject {
  const identity = (args['did'] as string | undefined) ?? signer.did
  const founder = keyOwners.find(({ did }) => did === args['did'])
  const change = args['change'] as JsonObject | undefined
  if (change === undefined)
    return proven(
      args['keyId'] === undefined && founder ? { ...args, ...keyIn(args, founder) } : args,
      `chengxin-identity-v1\n${group}\n${identity}`,
    )
  const duties = Object.entries(change).map(([name, value]) => {
    const duty = /^(log|cosigner|validator)Key$/.exec(name)?.[1]
    const statement = `chengxin-member-key-v1\n${group}\n${change['memberId']}\n${duty}`
    return [name, duty === undefined ? value : proven(value as JsonObject, statement)]
  })
  return { ...args, change: Object.fromEntries(duties) }
}

/** What founds a DID is its own key. */
function keyIn(args: JsonObject, { key }: Actor): JsonObject {
  return Object.hasOwn(args, 'key') ? { key: key as unknown as Json } : {}
}

function proven(value: JsonObject, statement: string): JsonObject {
  const { key, webauthn: _webauthn, ...rest } = value
  const owner = keyOwners.find(
    (each) => (each.key as unknown as Json) === key || each.key.x === (key as JsonObject)?.['x'],
  )
  return owner && Object.hasOwn(value, 'proof') ? { ...rest, key: key as Json, proof: owner.sign(statement) } : value
}
