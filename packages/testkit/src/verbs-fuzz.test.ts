/**
 * Every verb under arguments that fit its schema and mean nothing, in whatever state they find: a rule may refuse them or
 * agree, but one that throws would stop every member at the same leaf. Arguments are made from the verbs' own JSON Schema:
 * few names, so that they meet; amounts, counts and times at their ends and around now. The same history over a small and
 * over a large cache of rows must come to the same agreed hash.
 */
import { algorithmOf, joinJws, jwsSigningInput, transactionHeaderText } from '@chengxin/crypto'
import { originSchema } from '@chengxin/domains/governance/schema'
import { ruleset } from '@chengxin/domains/ruleset'
import { canonicalize, isRefusal, type Json, type JsonObject, type TimeMs, toUtf8 } from '@chengxin/kernel'
import { openEnvelope, openedOf } from '@chengxin/ledger/admission/envelope'
import { Executor } from '@chengxin/ledger/execution/executor'
import { groupIdOf } from '@chengxin/ledger/execution/genesis'
import { indexRuleset, type RulesIndex } from '@chengxin/ledger/execution/rules-index'
import { admissionRefusals, type SigningKey } from '@chengxin/module-kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Actor,
  actor,
  bureau,
  certificateOf,
  cityGenesis,
  cityHost,
  cityStartMs,
  dayMs,
  office,
  provenKey,
  registrar,
  university,
} from './rules-city.ts'
import { CrashStore, emptyDisk } from './simulation/crash-store.ts'

/** Who acts. */
const people: readonly Actor[] = [bureau, university, office, registrar, ...['ann', 'bo', 'p256:cai'].map(actor)]
const roles = ['registrar', 'identity_bureau', 'counter_officer', 'issuer_authority', 'points_operator'] as const
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
  [originSchema.json['pattern'] as string]: ['other.example/groups/a', 'other.example'],
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
function argumentsOf(schema: JsonObject, name = ''): fc.Arbitrary<Json> {
  const { type, oneOf, properties, pattern, enum: words } = schema as { readonly [keyword: string]: never }
  if (oneOf) return choiceOf(oneOf as readonly JsonObject[])
  if (words) return fc.constantFrom(...(words as readonly string[]))
  if (name === 'certificate') return fc.constantFrom(...certificates)
  if (properties) return objectOf(schema)
  if (type === 'array') {
    const { items, minItems, maxItems } = schema as unknown as ListSchema
    return fc.array(argumentsOf(items, name), {
      minLength: minItems,
      maxLength: Math.max(minItems, Math.min(maxItems, 4)),
    })
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
function signProofs(args: JsonObject, signer: Actor, group: string): JsonObject {
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
    if (duty === undefined) return [name, value]
    const memberId = change['memberId'] as string
    return [name, proven(value as JsonObject, `chengxin-member-key-v1\n${group}\n${memberId}\n${duty}`)]
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

const genesis = { ...cityGenesis(), stateRootEvery: 16 }
const group = groupIdOf(genesis)
const indexes = new Map<string, RulesIndex>()
/** The committee may activate what it likes; here every name stands for the same rules. */
const rulesOf = (hash: string) => {
  const known = indexes.get(hash) ?? indexRuleset(ruleset, hash)
  indexes.set(hash, known)
  return known
}
const rules = rulesOf(genesis.ruleset.hash)
const signed = [...rules.verbs.values()].map(({ verb }) => verb.transaction).filter(({ door }) => door === 'signed')
const codes = new Set([
  'ok',
  ...Object.keys(admissionRefusals),
  ...ruleset.domains.flatMap(({ refusals }) => Object.keys(refusals)),
])

interface Act {
  readonly signer: Actor
  readonly actions: readonly { readonly type: string; readonly args: JsonObject; readonly for?: string }[]
  readonly afterMs: number
}

/** As admission opens it; the signature is never looked at. */
function openedFrom({ did, key }: Actor, keyId: string, payload: object) {
  const header = transactionHeaderText(algorithmOf(key), did, keyId)
  const input = jwsSigningInput(header, toUtf8(canonicalize(payload)))
  const envelope = openEnvelope(joinJws(input, new Uint8Array(64).fill(1)), group)
  if (isRefusal(envelope)) throw new Error(`The envelope is refused: ${envelope.refused}.`)
  return openedOf(envelope)
}

function openMember(cachedRows: number) {
  const store = new CrashStore(emptyDisk(), { dieAt: undefined, full: 0 })
  const executor = new Executor({
    genesis,
    store,
    host: cityHost,
    rulesOf,
    cachedRows,
    // The key found in state is the one that the transaction is taken to be signed with.
    refuseSignature: () => undefined,
  })
  const founding = executor.genesis()
  store.commit(founding)
  executor.settle(founding)
  let count = 0
  let timeMs = cityStartMs
  return {
    agreedHash: () => executor.head?.agreedHash,
    /** One block of these, each a transaction; their codes. */
    block(acts: readonly Act[]): readonly string[] {
      timeMs += Math.max(1, ...acts.map(({ afterMs }) => afterMs))
      executor.begin((executor.head?.height ?? 0) + 1, timeMs)
      const answers = acts.map(({ signer, actions }, position) => {
        count++
        const payload = { v: 1, group, actions, notAfter: timeMs + 60_000, nonce: `nonce-of-${count}` }
        return executor.execute(openedFrom(signer, liveKeyOf(signer), payload), position).code
      })
      const made = executor.finish()
      store.commit(made)
      executor.settle(made)
      return answers
    },
  }

  function liveKeyOf({ did }: Actor): string {
    const isLive = (keyId: string) => {
      const key: SigningKey | { refused: string } = executor.identity.activeKey(did, keyId, timeMs as TimeMs)
      return !isRefusal(key)
    }
    return ['key-1', 'key-2', 'key-3'].find(isLive) ?? 'key-1'
  }
}

/** Everybody in the group, roles for two of them and something of each kind: from here random acts come far. */
function settledCity(): readonly Act[] {
  const act = (signer: Actor, type: string, args: object): Act => {
    return { signer, actions: [{ type, args: signProofs(args as JsonObject, signer, group) }], afterMs: 1 }
  }
  const grants = roles.flatMap((role) =>
    [registrar, ann].flatMap(({ did }, nth) => {
      const change = { kind: 'grantRole', role, did, member: 'member_bureau' }
      const proposalId = `proposal_${role}-${nth}`
      return [
        act(bureau, 'governance.proposeChange', { proposalId, change }),
        act(university, 'governance.approveChange', { proposalId }),
      ]
    }),
  )
  const arrivals = people
    .slice(4)
    .map((person) => act(registrar, 'identity.create', { did: person.did, ...provenKey(person) }))
  const [programId, typeId, accountId, holdId] = ['program_aaaa', 'type_aaaa', 'account_aaaa', 'hold_aaaa']
  const openChange = { kind: 'grantRole', role: 'registrar', did: bo.did, member: 'member_university' }
  return [
    ...grants,
    ...arrivals,
    ...people.slice(4).map(({ did }) => act(registrar, 'identity.confirm', { did, commitment: 'A'.repeat(43) })),
    act(ann, 'points.createProgram', { programId, unit: 'STAR', issuingAccountId: 'account_issuing' }),
    act(ann, 'points.openAccount', { accountId, programId }),
    act(bo, 'points.openAccount', { accountId: 'account_bbbb', programId }),
    act(ann, 'points.issue', { programId, to: accountId, amount: '1000' }),
    act(ann, 'credentials.defineType', { typeId, schemaHash: 'A'.repeat(43), displayHash: 'A'.repeat(43) }),
    act(ann, 'credentials.authoriseIssuer', { issuer: ann.did, typeId }),
    act(ann, 'points.hold', {
      holdId,
      from: accountId,
      to: 'account_bbbb',
      amount: '10',
      expiresAtMs: cityStartMs + dayMs,
    }),
    act(bureau, 'governance.proposeChange', { proposalId: 'proposal_aaaa', change: openChange }),
    act(bo, 'identity.setRecovery', { guardians: [ann.did, bureau.did], threshold: 2, delayMs: 3_600_000 }),
    act(ann, 'identity.requestRecovery', { did: bo.did, keyId: 'key-2', ...provenKey(registrar) }),
  ]
}

/** What ends a city soon is tried less often, or nothing else would be. */
const weights: { readonly [type: string]: number } = {
  'identity.deactivate': 1,
  'identity.retireKey': 4,
  'points.freezeAccount': 3,
  'governance.proposeChange': 24,
  'governance.approveChange': 24,
}
const action = fc.oneof(
  ...signed.map(({ type, args }) => {
    const drawn = fc.record({ args: argumentsOf(args.json), lot: fc.nat(19) })
    return { weight: weights[type] ?? 12, arbitrary: drawn.map((each) => ({ type, ...each })) }
  }),
)
const [, , , , ann, bo] = people as readonly [Actor, Actor, Actor, Actor, Actor, Actor]
/** Most often those who may do something. */
const someone = fc.oneof(
  { weight: 6, arbitrary: fc.constant(ann) },
  { weight: 3, arbitrary: fc.constantFrom(bureau, university, bo) },
  { weight: 3, arbitrary: fc.constantFrom(...people) },
)
const act = fc
  .record({
    signer: someone,
    principal: someone,
    drawn: fc.oneof(
      { weight: 4, arbitrary: fc.tuple(action) },
      { weight: 1, arbitrary: fc.array(action, { minLength: 2, maxLength: 4 }) },
    ),
    afterMs: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 3, arbitrary: fc.constantFrom(60_000, 7_200_000, 40 * dayMs) },
    ),
  })
  .map(({ signer, principal, drawn, afterMs }): Act => {
    const actions = drawn.map(({ type, args, lot }) => ({
      type,
      args: lot > 0 ? signProofs(args as JsonObject, signer, group) : (args as JsonObject),
      ...(lot === 19 && { for: principal.did }),
    }))
    return { signer, actions, afterMs }
  })
const block = fc.array(act, { minLength: 1, maxLength: 8, size: 'max' })
const history = fc.array(block, { minLength: 20, maxLength: 40, size: 'max' })

test('no rule throws, whatever fits its schema, and caches of rows change nothing', () => {
  const accepted = new Map<string, number>()
  fc.assert(
    fc.property(history, (blocks) => {
      const [small, large] = [openMember(2), openMember(100_000)]
      const first = settledCity()
      expect(small.block(first).filter((code) => code !== 'ok')).toEqual([])
      large.block(first)
      for (const block of blocks) {
        const answers = small.block(block)
        expect(large.block(block)).toEqual(answers)
        for (const [at, code] of answers.entries()) {
          expect(codes).toContain(code)
          if (code !== 'ok') continue
          for (const { type } of block[at]?.actions ?? []) accepted.set(type, (accepted.get(type) ?? 0) + 1)
        }
      }
      expect(large.agreedHash()).toBe(small.agreedHash())
    }),
    {
      numRuns: Number(process.env['CHENGXIN_FUZZ_RUNS'] ?? 100),
      seed: Number(process.env['CHENGXIN_FUZZ_SEED'] ?? 1),
      endOnFailure: true,
    },
  )
  // Where nearly all is refused, nothing has been tried.
  expect(signed.filter(({ type }) => !accepted.has(type)).length).toBeLessThan(signed.length / 6)
}, 120_000)
