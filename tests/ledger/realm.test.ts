/** What rules can and cannot reach, and that nothing of a machine's surroundings shows in what they agree on. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupIdOf } from '../../packages/ledger/src/execution/genesis.ts'
import { bundleHash, type Ledger, openLedger } from '../../packages/ledger/src/index.ts'
import { tillKeys } from '../../packages/ledger/src/testing/open-till.ts'
import { ann, bo, move, payIn, signActions, tillGenesis } from '../../packages/ledger/src/testing/till-group.ts'
import { type BuiltLedger, buildLedger } from './built-ledger.ts'

let built: BuiltLedger
let directory: string
let ledger: Ledger | undefined

beforeAll(async () => {
  built = await buildLedger()
  directory = mkdtempSync(join(tmpdir(), 'chengxin-realm-'))
})
afterAll(async () => {
  await ledger?.close()
  rmSync(directory, { recursive: true, force: true })
})

function inRealm(...expressions: string[]): string[] {
  return JSON.parse(
    execFileSync(process.execPath, [built.program('realm-program'), ...expressions], { encoding: 'utf8' }),
  )
}

test('clock, chance, locale, I/O, threads, garbage and stacks are not there', () => {
  const names = [
    'Date',
    'Intl',
    'setTimeout',
    'setImmediate',
    'queueMicrotask',
    'process',
    'fetch',
    'require',
    'module',
    'Buffer',
    'console',
    'performance',
    'crypto',
    'WeakRef',
    'FinalizationRegistry',
    'SharedArrayBuffer',
    'Atomics',
    'WebAssembly',
    'structuredClone',
    'gc',
    'Promise',
    'TextDecoder',
    'eval',
    'Function',
    'Compartment',
    'lockdown',
    'harden',
    'escape',
    'parseFloat',
    'global',
  ]
  const found = inRealm(...names.map((name) => `typeof globalThis.${name}`))
  expect(Object.fromEntries(names.map((name, index) => [name, found[index]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 'undefined'])),
  )
})

test('what is left cannot lead back to them', () => {
  const ways: [string, RegExp][] = [
    ['Math.random', /^undefined$/],
    ['Math.exp', /^undefined$/],
    ['Error("x").stack', /^$/],
    ['(() => { try { null.x } catch (error) { return `[${error.stack}]` } })()', /^\[\]$/],
    ['(function () {}).constructor("return process")()', /^throws/],
    ['(() => {}).constructor.constructor("return process")()', /^throws/],
    ['(async () => {}).constructor("return process")()', /^throws/],
    ['[].constructor.constructor("return this")()', /^throws/],
    ['"a".localeCompare("b", "sv")', /^-1$/],
    ['(1234567.891).toLocaleString("de-DE")', /^1234567.891$/],
    ['Object.prototype.polluted = 1', /^throws/],
    ['Array.prototype.push = () => 0', /^throws/],
    ['globalThis.kept = 1', /^throws/],
    ['Math.floor = () => 7', /^throws/],
  ]
  const found = inRealm(...ways.map(([way]) => way))
  for (const [index, [way, answer]] of ways.entries())
    expect(`${way}: ${found[index]}`).toMatch(new RegExp(`: ${answer.source.slice(1)}`))
})

test('what rules need is there', () => {
  const needs = [
    '2n ** 64n',
    'JSON.stringify({ a: [1] })',
    '[..."é😀"].length',
    'Math.floor(7 / 2)',
    'new Map([[1, 2]]).get(1)',
    'Number.isSafeInteger(2 ** 53)',
  ]
  expect(inRealm(...needs)).toEqual(['18446744073709551616', '{"a":[1]}', '2', '3', '2', 'false'])
})

test('a log is the same log whatever the time zone, language, compiler and stack of who replays it', async () => {
  const now = Date.now()
  const genesis = {
    ...tillGenesis,
    createdAtMs: (now - 1_000) as never,
    ruleset: { version: '1', hash: bundleHash(built.tillBundle) as never },
  }
  const group = groupIdOf(genesis)
  ledger = await openLedger({
    directory,
    genesis,
    keys: tillKeys,
    rulesetBundle: built.tillBundle,
    admissionThreads: 1,
    workerUrl: built.workerUrl,
  })
  const change = { group, notAfter: now + 300_000 }
  for (let block = 0; block < 6; block++) {
    await ledger.submit([
      signActions(ann, [payIn(9n, 'rent'), move(ann.did, 2n)], change),
      signActions(bo, [payIn(4n)], change),
      signActions(ann, [move(bo.did, 1_000n)], change),
      signActions(bo, [{ type: 'shop.buy', args: { from: ann.did, price: '1' } }], change),
    ])
  }
  const { agreedHash, size, height } = ledger.head()
  await ledger.close()
  ledger = undefined

  const surroundings: [Record<string, string>, string[]][] = [
    [{ TZ: 'UTC', LANG: 'C' }, []],
    [{ TZ: 'Pacific/Kiritimati', LANG: 'ar_EG.UTF-8', LC_ALL: 'ar_EG.UTF-8' }, ['--jitless']],
    [{ TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }, ['--no-opt', '--stack-size=500']],
    [
      { TZ: 'Asia/Macau', LANG: 'zh_MO.UTF-8', LC_ALL: 'zh_MO.UTF-8' },
      ['--always-turbofan', '--max-semi-space-size=1'],
    ],
  ]
  for (const [environment, flags] of surroundings) {
    const report = execFileSync(process.execPath, [...flags, built.program('replay-program'), directory], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    })
    expect(JSON.parse(report)).toMatchObject({ equal: true, agreedHash, size, height })
  }
})
