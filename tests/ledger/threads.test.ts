/** A ledger over its real threads, with rules in their realm: order, bounds, restarts, and threads that fail. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { groupIdOf } from '../../packages/ledger/src/execution/genesis.ts'
import {
  bundleHash,
  type Health,
  type Ledger,
  type Outcome,
  openLedger,
  type ThreadedLedgerOptions,
} from '../../packages/ledger/src/index.ts'
import { tillKeys } from '../../packages/ledger/src/testing/open-till.ts'
import {
  ann,
  bo,
  eve,
  move,
  type Person,
  payIn,
  signActions,
  stranger,
  type TestAction,
  tillGenesis,
} from '../../packages/ledger/src/testing/till-group.ts'
import { type BuiltLedger, buildLedger } from './built-ledger.ts'

let built: BuiltLedger
let directory: string
let ledger: Ledger
let stopped: Health[]
const foundedMs = Date.now() - 1_000

beforeAll(async () => {
  built = await buildLedger()
})
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-threads-'))
  stopped = []
  ledger = await open()
})
afterEach(async () => {
  await ledger.close()
  rmSync(directory, { recursive: true, force: true })
})
afterAll(() => rmSync(new URL('../dist/ledger', import.meta.url), { recursive: true, force: true }))

function genesis() {
  const ruleset = { version: '1.0.0-test', hash: bundleHash(built.tillBundle) as never }
  return { ...tillGenesis, createdAtMs: foundedMs as never, ruleset }
}

function open(change: Partial<ThreadedLedgerOptions> = {}): Promise<Ledger> {
  return openLedger({
    directory,
    genesis: genesis(),
    keys: tillKeys,
    rulesetBundle: built.tillBundle,
    admissionThreads: 2,
    workerUrl: built.workerUrl,
    onStopped: (health) => stopped.push(health),
    ...change,
  })
}

function sign(person: Person, ...actions: TestAction[]): string {
  return signActions(person, actions, { group: groupIdOf(genesis()), notAfter: Date.now() + 300_000 })
}

const statusOf = (outcome: Outcome) => ('code' in outcome ? `${outcome.status} ${outcome.code}` : outcome.status)
const amountOf = ({ did }: Person) => (ledger.row('till/tills', did) as { amount: string } | undefined)?.amount

test('what one caller sends is executed in the order it was sent, over all threads', async () => {
  const sent = [sign(ann, payIn(1n)), sign(bo, payIn(1n)), sign(ann, move(bo.did, 1n))]
  // All there is goes to and fro: of any two that change places one would be refused.
  for (let turn = 0; turn < 300; turn++) sent.push(sign(bo, move(ann.did, 2n)), sign(ann, move(bo.did, 2n)))
  const outcomes = await ledger.submit(sent)
  expect(new Set(outcomes.map(statusOf))).toEqual(new Set(['committed']))
  expect(outcomes.map((outcome) => ('leafIndex' in outcome ? outcome.leafIndex : -1))).toEqual(sent.map((_, at) => at))
  expect([amountOf(ann), amountOf(bo)]).toEqual(['0', '2'])
  const report = execFileSync(process.execPath, [built.program('replay-program'), directory], { encoding: 'utf8' })
  expect(JSON.parse(report)).toMatchObject({ equal: true, agreedHash: ledger.head().agreedHash })
})

test('every submission is answered, whatever it is, by whichever thread knows', async () => {
  const first = sign(ann, payIn(5n))
  const outcomes = await ledger.submit([
    first,
    first,
    'nonsense',
    sign(stranger, payIn(1n)),
    sign(ann, { type: 'till.rob', args: {} }),
    sign(bo, move(ann.did, 7n)),
  ])
  expect(outcomes.map(statusOf)).toEqual([
    'committed',
    'committed',
    'rejected envelope_malformed',
    'rejected key_unknown',
    'rejected unknown_action',
    'refused till_too_low',
  ])
  expect(outcomes[4]).toMatchObject({ at: '/actions/0/type' })
  const [again] = await ledger.submit([first])
  expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(outcomes[0])))
  expect(ledger.stats()).toMatchObject({
    queued: 0,
    committed: 1,
    refused: 1,
    rejected: { envelope_malformed: 1, key_unknown: 1, unknown_action: 1 },
  })
})

test('a key that was retired a moment ago is refused, whatever a thread remembers of it', async () => {
  for (let round = 0; round < 8; round++) await ledger.submit([sign(eve, payIn(1n))])
  await ledger.submit([sign(eve, { type: 'people.retireKey', args: {} })])
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => ledger.submit([sign(eve, payIn(1n))])))
  expect(new Set(outcomes.flat().map(statusOf))).toEqual(new Set(['rejected key_retired']))
  expect(amountOf(eve)).toBe('8')
})

test('more than fits is told to come back, and all else is answered', async () => {
  await ledger.close()
  ledger = await open({ queue: { transactions: 64, bytes: 1_000_000 } })
  const outcomes = (
    await Promise.all(
      Array.from({ length: 8 }, () => ledger.submit(Array.from({ length: 40 }, () => sign(ann, payIn(1n))))),
    )
  ).flat()
  const full = outcomes.filter(
    (outcome) => 'code' in outcome && (outcome.code === 'queue_full' || outcome.code === 'sponsor_quota'),
  )
  const committed = outcomes.filter(({ status }) => status === 'committed')
  expect(full.length).toBeGreaterThan(0)
  expect(committed.length).toBeGreaterThan(0)
  expect(full.length + committed.length).toBe(outcomes.length)
  expect(full.every((outcome) => 'retryAfterMs' in outcome && (outcome.retryAfterMs ?? 0) > 0)).toBe(true)
  expect(amountOf(ann)).toBe(String(committed.length))
  expect((await ledger.submit([sign(ann, payIn(1n))])).map(statusOf)).toEqual(['committed'])
})

test('state roots are agreed on while threads settle, and a second start goes on from them', async () => {
  for (let block = 0; block < 30; block++)
    await ledger.submit([sign(ann, payIn(1n)), sign(bo, payIn(1n)), sign(ann, move(bo.did, 1n))])
  const head = ledger.head()
  expect(head.stateRoot?.size).toBeGreaterThan(64)
  const proof = ledger.stateProof('till/tills', ann.did)
  expect(proof).toMatchObject({ size: head.stateRoot?.size, root: head.stateRoot?.root, key: `till/tills/${ann.did}` })
  await ledger.close()
  ledger = await open()
  expect(ledger.head()).toEqual(head)
  expect((await ledger.submit([sign(bo, move(ann.did, 5n))])).map(statusOf)).toEqual(['committed'])
})

test('a rule that throws stops the ledger, which goes on reading and comes back as it was', async () => {
  await ledger.submit([sign(ann, payIn(5n))])
  const head = ledger.head()
  const outcomes = await ledger.submit([
    sign(bo, payIn(1n)),
    sign(ann, { type: 'shop.misbehave', args: { how: 'overflow' } }),
  ])
  expect(outcomes.map(statusOf)).toEqual(['rejected node_stopped', 'rejected node_stopped'])
  expect(stopped).toMatchObject([{ status: 'stopped', code: 'rule_failed' }])
  expect(ledger.health()).toMatchObject({ status: 'stopped', code: 'rule_failed' })
  expect((await ledger.submit([sign(bo, payIn(1n))])).map(statusOf)).toEqual(['rejected node_stopped'])
  expect(ledger.head()).toEqual(head)
  expect(amountOf(ann)).toBe('5')
  expect(ledger.checkpoint()).toContain('\n1\n')
  await ledger.close()
  ledger = await open()
  expect(ledger.head()).toEqual(head)
  expect((await ledger.submit([sign(bo, payIn(1n))])).map(statusOf)).toEqual(['committed'])
})

test('rules that are not installed, or are not what they were, keep the ledger from opening and are named', async () => {
  await ledger.submit([sign(ann, payIn(5n))])
  await ledger.close()
  const [bundle] = readdirSync(join(directory, 'rulesets'))
  unlinkSync(join(directory, 'rulesets', bundle as string))
  await expect(open({ rulesetBundle: 'globalThis.chengxinRuleset = {}' })).rejects.toThrow(bundleHash(built.tillBundle))
  ledger = await open()
  expect(amountOf(ann)).toBe('5')
})
