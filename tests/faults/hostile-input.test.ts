/** Bad transactions sent to a running node: each kind gets its own code and changes nothing. */
import { createHmac } from 'node:crypto'
import {
  action,
  buildTransaction,
  createNodeClient,
  identity,
  proveIdentityKey,
  type SampleActor,
  sampleActor,
  sampleActorNamed,
  signerFromPrivateJwk,
} from '@chengxin/client'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { canonicalize, type GroupId, type Json, limits } from '@chengxin/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'
import { type SignInput, signDer, signerOfKey, signHighS, spell } from './spelled-transaction.ts'

const data = temporaryData()
const silva = sampleActor('resident-silva')
const university = sampleActor('university')
const gone = sampleActorNamed('hostile-gone', 'member_identity_bureau', 'EdDSA')
const retired = { ...silva, privateJwk: generatePrivateJwk('EdDSA') }

let node: RunningNode
let group: GroupId

beforeAll(async () => {
  node = await startNode({ data: data.path })
  group = (await createNodeClient({ url: node.url }).findGroup()).groupId as GroupId
  await prepareKeys()
})

afterAll(async () => {
  await node?.stop()
  data.remove()
})

/** One identity that has been deactivated, and one key that has been retired. */
async function prepareKeys(): Promise<void> {
  const client = createNodeClient({ url: node.url }).group(group)
  const second = signerFromPrivateJwk(retired.privateJwk, { did: silva.did, keyId: 'key-2' })
  const steps = [
    [sampleActor('registrar'), identity.create, { did: gone.did, ...(await proveIdentityKey(group, gone.signer)) }],
    [gone, identity.deactivate, {}],
    [silva, identity.addKey, { keyId: 'key-2', ...(await proveIdentityKey(group, second, silva.did)) }],
    [silva, identity.retireKey, { keyId: 'key-2' }],
  ] as const
  for (const [actor, verb, args] of steps) {
    const { jws } = await buildTransaction({ group, actions: [action(verb as never, args as never)] }, actor.signer)
    const [outcome] = await client.submit([jws])
    expect(outcome?.status, outcome?.code).toBe('committed')
  }
}

type Members = { readonly [name: string]: Json }

/** The payload of a good transaction with other members put over it. It pays one point, so that its effect would show. */
function payload(change: Members = {}): Members {
  const pay = { type: 'points.transfer', args: { from: 'account_silva', to: 'account_chan', amount: '1' } }
  return { v: 1, group, actions: [pay], notAfter: Date.now() + 60_000, nonce: newNonce(), ...change }
}

let nonces = 0
function newNonce(): string {
  return `hostile-${String(nonces++).padStart(8, '0')}`
}

function payloadText(change: Members = {}): string {
  return canonicalize(payload(change))
}

function payWith(args: Members): Members {
  return payload({ actions: [{ type: 'points.transfer', args }] })
}

function headerText(actor: SampleActor, change: Members = {}): string {
  const alg = actor.jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256'
  return canonicalize({ alg, kid: `${actor.did}#key-1`, typ: 'chengxin-tx+jws', ...change })
}

interface Variation {
  readonly header?: string
  readonly payload?: string | Uint8Array
  readonly sign?: SignInput
  readonly by?: SampleActor
}

function transaction({
  by = silva,
  header = headerText(by),
  payload = payloadText(),
  sign = signerOfKey(by.privateJwk),
}: Variation = {}): string {
  return spell({ header, payload }, sign)
}

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly outcomes: readonly { readonly status: string; readonly code?: string; readonly leafIndex?: number }[]
}

async function send(body: string, mediaType = 'application/jose'): Promise<Answer> {
  const response = await fetch(`${node.url}/v1/groups/${group}/transactions`, {
    method: 'POST',
    headers: { 'content-type': mediaType },
    body,
  })
  const { code, outcomes = [] } = (await response.json()) as { code?: string; outcomes?: Answer['outcomes'] }
  return { status: response.status, code, outcomes }
}

/** What members agree on, which any effect would change. Height and time are not of it: a heartbeat moves them. */
async function head(): Promise<unknown> {
  const response = await fetch(`${node.url}/v1/groups/${group}`)
  const { agreedHash, size } = ((await response.json()) as { head: { agreedHash: string; size: number } }).head
  return { agreedHash, size }
}

const sized = (bytes: number): string => {
  const atOnce = transaction({ payload: payloadText({ padding: '' }) }).length
  // Base64url makes four characters of three bytes, so the length is reached from below and filled at the end.
  const padding = 'x'.repeat(Math.floor(((bytes - atOnce) * 3) / 4))
  const jws = transaction({ payload: payloadText({ padding }) })
  return jws + 'A'.repeat(bytes - jws.length)
}
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepText = (depth: number) => payloadText({ padding: 'deep' }).replace('"deep"', nested(depth))
const hs256 = (secret: Uint8Array): SignInput => {
  return (input) => createHmac('sha256', secret).update(input).digest()
}
const publicBytes = (actor: SampleActor) => Buffer.from(actor.jwk.x, 'base64url')

/** In the order in which a node checks: what was sent, the status and the code it must get. */
const refused: readonly [string, () => string, number, string][] = [
  ['one byte over the limit', () => sized(limits.transactionBytes + 1), 400, 'envelope_too_large'],
  ['as large as allowed', () => sized(limits.transactionBytes), 400, 'payload_malformed'],
  ['nothing but a dot', () => '.', 400, 'envelope_malformed'],
  ['two parts', () => transaction().split('.').slice(0, 2).join('.'), 400, 'envelope_malformed'],
  ['four parts', () => `${transaction()}.e30`, 400, 'envelope_malformed'],
  ['padding', () => `${transaction()}==`, 400, 'envelope_malformed'],
  ['a line break', () => transaction().replace('.', '.\n'), 400, 'envelope_malformed'],
  ['the alphabet of plain base64', () => transaction().replace(/.$/, '+'), 400, 'envelope_malformed'],
  ['bits beyond the last byte', () => respelled(transaction()), 400, 'envelope_malformed'],
  [
    'a payload that is not UTF-8',
    () => transaction({ payload: Buffer.from([0x7b, 0xff, 0x7d]) }),
    400,
    'envelope_malformed',
  ],
  [
    'a surrogate in UTF-8',
    () =>
      transaction({ payload: Buffer.from(payloadText({ nonce: '\u0001' }).replace('\\u0001', 'é')).map(asSurrogate) }),
    400,
    'envelope_malformed',
  ],
  ['a header that is no JSON', () => transaction({ header: 'alg: EdDSA' }), 400, 'header_malformed'],
  [
    'a header with a space',
    () => transaction({ header: headerText(silva).replace(':', ': ') }),
    400,
    'header_malformed',
  ],
  ['a header in another order', () => transaction({ header: reversed(headerText(silva)) }), 400, 'header_malformed'],
  [
    'a key in the header',
    () => transaction({ header: headerText(silva, { jwk: { ...silva.jwk } }) }),
    400,
    'header_malformed',
  ],
  [
    'crit in the header',
    () => transaction({ header: headerText(silva, { crit: ['b64'], b64: false }) }),
    400,
    'header_malformed',
  ],
  ['another typ', () => transaction({ header: headerText(silva, { typ: 'JWT' }) }), 400, 'type_not_allowed'],
  [
    'alg none',
    () => transaction({ header: headerText(silva, { alg: 'none' }), sign: () => new Uint8Array() }),
    400,
    'algorithm_not_allowed',
  ],
  ['alg nOnE', () => transaction({ header: headerText(silva, { alg: 'nOnE' }) }), 400, 'algorithm_not_allowed'],
  [
    'HS256 with the public key as its secret',
    () => transaction({ header: headerText(silva, { alg: 'HS256' }), sign: hs256(publicBytes(silva)) }),
    400,
    'algorithm_not_allowed',
  ],
  [
    'a kid without a key',
    () => transaction({ header: headerText(silva, { kid: silva.did }) }),
    400,
    'key_id_malformed',
  ],
  [
    'a kid of another method',
    () => transaction({ header: headerText(silva, { kid: 'did:key:z6Mk#key-1' }) }),
    400,
    'key_id_malformed',
  ],
  ['deep nesting', () => transaction({ payload: deepText(limits.payloadDepth + 1) }), 400, 'json_too_deep'],
  ['twenty thousand brackets', () => transaction({ payload: nested(17_000) }), 400, 'json_too_deep'],
  ['no JSON', () => transaction({ payload: payloadText().slice(0, -1) }), 400, 'json_malformed'],
  [
    'a number beyond 2^53',
    () => transaction({ payload: withText('"v":1', '"v":9007199254740993') }),
    400,
    'json_number_not_allowed',
  ],
  ['−0', () => transaction({ payload: withText('"v":1', '"v":-0') }), 400, 'json_number_not_allowed'],
  ['a fraction', () => transaction({ payload: withText('"v":1', '"v":1.5') }), 400, 'json_number_not_allowed'],
  ['a space', () => transaction({ payload: withText('"v":1', '"v": 1') }), 400, 'json_not_canonical'],
  ['1 as 1.0', () => transaction({ payload: withText('"v":1', '"v":1.0') }), 400, 'json_not_canonical'],
  ['members in another order', () => transaction({ payload: reversed(payloadText()) }), 400, 'json_not_canonical'],
  ['a member twice', () => transaction({ payload: withText('"v":1', '"v":1,"v":1') }), 400, 'json_not_canonical'],
  ['a letter as an escape', () => transaction({ payload: withText('"v"', '"\\u0076"') }), 400, 'json_not_canonical'],
  [
    'a lone surrogate as an escape',
    () => transaction({ payload: withText('account_silva', '\\ud800') }),
    400,
    'json_not_canonical',
  ],
  ['an unknown member', () => transaction({ payload: payloadText({ memo: 'x' }) }), 400, 'payload_malformed'],
  [
    'a missing member',
    () => transaction({ payload: payloadText().replace(/,"nonce":"[^"]*"/, '') }),
    400,
    'payload_malformed',
  ],
  ['no actions', () => transaction({ payload: payloadText({ actions: [] }) }), 400, 'payload_malformed'],
  ['a list for a payload', () => transaction({ payload: '[]' }), 400, 'payload_malformed'],
  [
    'a nonce of seven characters',
    () => transaction({ payload: payloadText({ nonce: 'a234567' }) }),
    400,
    'payload_malformed',
  ],
  ['another group', () => transaction({ payload: payloadText({ group: `${'A'.repeat(42)}E` }) }), 400, 'wrong_group'],
  ['a time that has passed', () => transaction({ payload: payloadText({ notAfter: Date.now() - 1 }) }), 409, 'expired'],
  [
    'a time too far ahead',
    () => transaction({ payload: payloadText({ notAfter: Date.now() + limits.notAfterAheadMs + 60_000 }) }),
    400,
    'not_after_too_far',
  ],
  ['a DID that nobody knows', () => transaction({ by: stranger }), 401, 'key_unknown'],
  [
    'a key that the DID never had',
    () => transaction({ header: headerText(silva, { kid: `${silva.did}#key-9` }) }),
    401,
    'key_unknown',
  ],
  [
    'a retired key',
    () => transaction({ by: retired, header: headerText(silva, { kid: `${silva.did}#key-2` }) }),
    401,
    'key_retired',
  ],
  ['a deactivated identity', () => transaction({ by: gone }), 401, 'identity_deactivated'],
  [
    'the key of somebody else',
    () => transaction({ sign: signerOfKey(sampleActor('resident-chan').privateJwk) }),
    401,
    'signature_invalid',
  ],
  [
    'another alg than the key’s',
    () => transaction({ header: headerText(silva, { alg: 'ES256' }) }),
    401,
    'signature_invalid',
  ],
  ['no signature', () => transaction({ sign: () => new Uint8Array() }), 401, 'signature_invalid'],
  ['a signature of zeros', () => transaction({ sign: () => new Uint8Array(64) }), 401, 'signature_invalid'],
  [
    'a signature with a high s',
    () => transaction({ by: university, sign: signHighS(university.privateJwk) }),
    401,
    'signature_invalid',
  ],
  [
    'a signature in DER',
    () => transaction({ by: university, sign: signDer(university.privateJwk) }),
    401,
    'signature_invalid',
  ],
  [
    'a passkey’s alg over a plain signature',
    () => transaction({ header: headerText(silva, { alg: 'WebAuthn-ES256' }) }),
    401,
    'signature_invalid',
  ],
  [
    'an unknown action',
    () => transaction({ payload: payloadText({ actions: [{ type: 'points.steal', args: {} }] }) }),
    400,
    'unknown_action',
  ],
  [
    'an action that only rules may call',
    () => transaction({ payload: payloadText({ actions: [{ type: 'accounts.transfer', args: {} }] }) }),
    400,
    'unknown_action',
  ],
  [
    'the name of something every object has',
    () => transaction({ payload: payloadText({ actions: [{ type: 'constructor', args: {} }] }) }),
    400,
    'unknown_action',
  ],
  [
    'a further argument',
    () => transaction({ payload: canonicalize(payWith({ ...pays, memo: 'x' })) }),
    400,
    'args_malformed',
  ],
  [
    'an amount as a number',
    () => transaction({ payload: canonicalize(payWith({ ...pays, amount: 1 })) }),
    400,
    'args_malformed',
  ],
  [
    'an amount below zero',
    () => transaction({ payload: canonicalize(payWith({ ...pays, amount: '-1' })) }),
    400,
    'args_malformed',
  ],
  [
    'an amount beyond 64 bits',
    () => transaction({ payload: canonicalize(payWith({ ...pays, amount: '9223372036854775808' })) }),
    400,
    'args_malformed',
  ],
]

const pays = { from: 'account_silva', to: 'account_chan', amount: '1' }
const stranger = sampleActorNamed('hostile-stranger', 'member_identity_bureau', 'EdDSA')

function withText(text: string, other: string): string {
  const good = payloadText()
  if (!good.includes(text)) throw new Error(`A payload has no ${text} to change.`)
  return good.replace(text, other)
}

/** The members of an object from last to first: the same value to most parsers. */
function reversed(text: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse()))
}

/** The same bytes with another last character: base64url of 64 bytes leaves four bits without a meaning. */
function respelled(jws: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const other = `${jws.slice(0, -1)}${alphabet[alphabet.indexOf(jws.at(-1) as string) ^ 1]}`
  expect(Buffer.from(other.split('.')[2] as string, 'base64url')).toEqual(
    Buffer.from(jws.split('.')[2] as string, 'base64url'),
  )
  return other
}

/** Turns the two bytes of é into two of the three that would spell half of a pair. */
function asSurrogate(byte: number): number {
  return byte === 0xc3 ? 0xed : byte === 0xa9 ? 0xa0 : byte
}

test('each bad transaction is refused with its own code', async () => {
  const before = await head()
  const answers: unknown[] = []
  for (const [name, make] of refused) {
    const { status, code, outcomes } = await send(make())
    answers.push([name, status, code])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected'])
  }
  expect(answers).toEqual(refused.map(([name, , status, code]) => [name, status, code]))
  expect(await head()).toEqual(before)
})

test('many bad ones in one request get one outcome each, and the good one among them happens', async () => {
  const made = refused.map(([, make, , code]) => [make(), code] as const)
  const good = transaction()
  const transactions = [...made.map(([jws]) => jws), good]
  const { status, outcomes } = await send(JSON.stringify({ transactions }), 'application/json')
  expect(status).toBe(200)
  expect(outcomes.map(({ code }) => code ?? 'ok')).toEqual([...made.map(([, code]) => code), 'ok'])
  expect(outcomes.at(-1)).toMatchObject({ status: 'committed' })
})

test('a replay gets the first outcome; the same nonce with other content does not enter', async () => {
  const nonce = newNonce()
  const first = transaction({ payload: payloadText({ nonce }) })
  const outcome = (await send(first)).outcomes[0]
  expect(outcome).toMatchObject({ status: 'committed' })
  const before = await head()
  expect((await send(first)).outcomes).toEqual([outcome])
  const atOnce = await Promise.all(Array.from({ length: 20 }, () => send(first)))
  for (const { outcomes } of atOnce) expect(outcomes).toEqual([outcome])
  const other = transaction({
    payload: payloadText({ nonce, actions: [{ type: 'points.transfer', args: { ...pays, amount: '2' } }] }),
  })
  expect(await send(other)).toMatchObject({ status: 409, code: 'nonce_reused' })
  expect(await head()).toEqual(before)
})

describe('mutations of a good transaction', () => {
  const place = fc.nat()
  /** What can be done to a text without its key: its signature holds no more, or its spelling does not. */
  const change = fc.oneof(
    fc.tuple(place, fc.nat(254)).map(
      ([at, by]) =>
        (text: string) =>
          changeChar(text, at, by + 1),
    ),
    place.map((at) => (text: string) => text.slice(0, at % text.length) + text.slice((at % text.length) + 1)),
    fc.tuple(place, fc.constantFrom('.', '=', 'A', '\n', ' ', '\0', 'é', '%')).map(
      ([at, what]) =>
        (text: string) =>
          text.slice(0, at % text.length) + what + text.slice(at % text.length),
    ),
    place.map((at) => (text: string) => text.slice(0, at % text.length)),
    fc.shuffledSubarray([0, 1, 2], { minLength: 1 }).map((order) => (text: string) => {
      const parts = text.split('.')
      return order.map((part) => parts[part]).join('.')
    }),
    fc.constant((text: string) => text.toLowerCase()),
    fc.tuple(fc.nat(2), fc.string({ maxLength: 20 })).map(([part, added]) => (text: string) => {
      const parts = text.split('.')
      parts[part] = Buffer.from(`${Buffer.from(parts[part] ?? '', 'base64url').toString()}${added}`).toString(
        'base64url',
      )
      return parts.join('.')
    }),
  )

  test('without its key: never in the log', async () => {
    const good = transaction()
    const before = await head()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 40, maxLength: 40 }),
        async (all) => {
          const transactions = all
            .map((changes) => changes.reduce((text, apply) => (text === '' ? text : apply(text)), good))
            .filter((text) => text !== good)
          const { status, outcomes } = await send(JSON.stringify({ transactions }), 'application/json')
          expect(status).toBe(200)
          expect(new Set(outcomes.map((outcome) => outcome.status))).toEqual(new Set(['rejected']))
        },
      ),
      { numRuns: 25 },
    )
    expect(await head()).toEqual(before)
    // It was good all along.
    expect((await send(good)).outcomes).toMatchObject([{ status: 'committed' }])
  })

  /** What its own signer can write: other JSON in the place of any value of the payload. */
  const rewritten = fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 3 }), fc.boolean()).map(([at, value, spaced]) => () => {
    const paths = pathsOf(payload())
    const text = JSON.stringify(withValue(payload(), paths[at % paths.length] ?? [], value as Json))
    return spaced ? text.replaceAll(',', ', ') : text
  })

  test('with its key: refused with a code, or as good as any other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rewritten, { minLength: 40, maxLength: 40 }), async (all) => {
        const transactions = all.map((make) => transaction({ payload: make() }))
        const { status, outcomes } = await send(JSON.stringify({ transactions }), 'application/json')
        expect(status).toBe(200)
        for (const outcome of outcomes) {
          if (outcome.status === 'committed') continue
          expect(['rejected', 'refused']).toContain(outcome.status)
          expect(outcome.code).toMatch(/^[a-z][a-z0-9_]+$/)
        }
      }),
      { numRuns: 25 },
    )
    expect((await fetch(`${node.url}/health`)).status).toBe(200)
  })

  function changeChar(text: string, at: number, by: number): string {
    const index = at % text.length
    return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ by) + text.slice(index + 1)
  }

  function pathsOf(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
    if (typeof value !== 'object' || value === null) return [path]
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
    const below = [...keys].flatMap((key) => pathsOf((value as Members)[key] as Json, [...path, key]))
    return [path, ...below]
  }

  function withValue(target: Json, [key, ...rest]: readonly (string | number)[], value: Json): Json {
    if (key === undefined) return value
    const inner = withValue((target as Members)[key] as Json, rest, value)
    if (Array.isArray(target)) return target.map((item: Json, index) => (index === key ? inner : item))
    return { ...(target as Members), [key]: inner }
  }
})
