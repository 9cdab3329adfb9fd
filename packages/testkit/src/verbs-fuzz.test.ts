/**
 * Every verb under arguments that fit its schema and mean nothing, in whatever state they find: a rule may refuse them or
 * agree, but one that throws would stop every member at the same leaf. The same history over a small and over a large
 * cache of rows must come to the same agreed hash.
 */
import { algorithmOf, joinJws, jwsSigningInput, transactionHeaderText } from '@chengxin/crypto'
import { ruleset } from '@chengxin/domains/ruleset'
import { canonicalize, isRefusal, type JsonObject, type TimeMs, toUtf8 } from '@chengxin/kernel'
import { openEnvelope, openedOf } from '@chengxin/ledger/admission/envelope'
import { Executor } from '@chengxin/ledger/execution/executor'
import { groupIdOf } from '@chengxin/ledger/execution/genesis'
import { indexRuleset, type RulesIndex } from '@chengxin/ledger/execution/rules-index'
import { admissionRefusals, type SigningKey } from '@chengxin/module-kit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Actor, bureau, cityGenesis, cityHost, cityStartMs, dayMs, provenKey, university } from './rules-city.ts'
import { CrashStore, emptyDisk } from './simulation/crash-store.ts'
import { argumentsOf, people, roles, signProofs } from './verb-arguments.ts'

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
const [, , , registrar, ann, bo] = people as readonly [Actor, Actor, Actor, Actor, Actor, Actor]
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
      numRuns: Number(process.env['CHENGXIN_FUZZ_RUNS'] ?? 30),
      seed: Number(process.env['CHENGXIN_FUZZ_SEED'] ?? 1),
      endOnFailure: true,
    },
  )
  // Where nearly all is refused, nothing has been tried.
  expect(signed.filter(({ type }) => !accepted.has(type)).length).toBeLessThan(signed.length / 6)
}, 120_000)
