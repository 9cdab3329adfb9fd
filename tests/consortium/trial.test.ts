/**
 * `consortium up` as somebody tries it: a city of four members, the demonstration of certificates with bureau, issuer and
 * verifier at three different ones, a node that is killed, and a second start that goes on where the first ended.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Action,
  action,
  buildTransaction,
  createNodeClient,
  governance,
  type SampleName,
  sampleActor,
} from '@chengxin/client'
import { sha256 } from '@chengxin/crypto/node'
import { type GroupId, type Hash, toBase64url, toUtf8 } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home } from '../running-node.ts'
import { hasEngine } from './engine.ts'

const program = join(home, 'apps/cli/bin/chengxin.mjs')
const firstPort = 18_420
const urls = [0, 1, 2, 3].map((index) => `http://localhost:${firstPort + index}`)

interface Step {
  readonly step: string
  readonly ok: boolean
  readonly [fact: string]: unknown
}

/** A program of ours that tells a step a line. */
class Telling {
  readonly #child: ChildProcess
  readonly steps: Step[] = []
  #rest = ''
  #errors = ''
  readonly ended: Promise<number | null>

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('utf8')).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.steps.push(JSON.parse(line) as Step)
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('utf8')
    })
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
  }

  async told(name: string, count = 1): Promise<readonly Step[]> {
    for (;;) {
      const told = this.steps.filter(({ step }) => step === name)
      if (told.length >= count) return told
      if (this.#child.exitCode !== null) throw new Error(`It ended: ${this.#errors} ${JSON.stringify(this.steps)}`)
      await delay(50)
    }
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.ended
  }
}

interface Group {
  readonly height: number
  readonly head: { readonly size: number }
  readonly health: { readonly status: string }
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await delay(200)
  }
}

async function groupAt(url: string): Promise<Group> {
  const { groups } = (await (await fetch(`${url}/v1/groups`)).json()) as { readonly groups: readonly { id: string }[] }
  return (await (await fetch(`${url}/v1/groups/${groups[0]?.id}`)).json()) as Group
}

/** Waits until all members show the same height, and answers what each shows. */
async function agreed(): Promise<readonly object[]> {
  for (;;) {
    const groups = await Promise.all(urls.map(groupAt))
    if (groups.every(({ height }) => height === groups[0]?.height)) return groups.map(({ head }) => head)
    await delay(100)
  }
}

test('without CometBFT it says what is missing and how to get it', () => {
  const data = mkdtempSync(join(tmpdir(), 'chengxin-none-'))
  const { status, stderr } = spawnSync(process.execPath, [program, 'consortium', 'up', '--data', data], {
    encoding: 'utf8',
    env: { ...process.env, CHENGXIN_COMETBFT: join(data, 'nowhere') },
  })
  expect(status).toBe(1)
  expect(stderr).toContain('CometBFT is not installed')
  expect(stderr).toContain('go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25')
  expect(stderr).toContain('CHENGXIN_COMETBFT')
  expect(existsSync(join(data, 'consortium.json'))).toBe(false)
  rmSync(data, { recursive: true })
})

describe.skipIf(!hasEngine)('a trial consortium', () => {
  const data = hasEngine ? mkdtempSync(join(tmpdir(), 'chengxin-trial-')) : ''
  const up = () => new Telling(['consortium', 'up', '--members', '4', '--data', data, '--port', String(firstPort)])
  let trial: Telling

  /** The process of a member's node. */
  const pidOf = (member: string) =>
    (JSON.parse(readFileSync(join(data, member, 'node.lock'), 'utf8')) as { readonly pid: number }).pid

  beforeAll(async () => {
    trial = up()
    await trial.told('ready')
  })

  afterAll(async () => {
    await trial?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('four members found one city and show the same of it', async () => {
    expect(trial.steps.map(({ step, ok }) => `${step} ${ok}`)).toEqual([
      'engine true',
      'founded true',
      ...Array.from({ length: 4 }, () => 'member true'),
      'ready true',
    ])
    const [first, ...others] = await agreed()
    for (const other of others) expect(other).toEqual(first)
    const last = await groupAt(urls[3] as string)
    expect(last).toMatchObject({ health: { status: 'ok' }, consensus: { state: 'ready', misbehaved: [] } })
    const { groups } = (await (await fetch(`${urls[3]}/health`)).json()) as { readonly groups: readonly object[] }
    expect(groups).toMatchObject([{ consensus: { engine: expect.stringMatching(/^CometBFT 0\./), state: 'ready' } }])
  })

  test('each member’s node opens the desks of its own offices', async () => {
    const desks = await Promise.all(
      urls.map(async (url) => {
        const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: object }
        const names = Object.keys(paths).flatMap((path) => /^\/v1\/desks\/([a-z-]+)\//.exec(path)?.[1] ?? [])
        return ['bureau', 'issuer', 'agent'].filter((name) => names.includes(name))
      }),
    )
    expect(desks).toEqual([['bureau'], ['issuer'], ['issuer', 'agent'], []])
  })

  test('certificates: bureau, issuer and verifier at three members', async () => {
    const [bureau, issuer, verifier] = urls as [string, string, string]
    const demo = new Telling([
      ...['demo', 'certificates', '--csv', join(home, 'samples/graduates.csv'), '--out', join(data, 'demo')],
      ...['--bureau-url', bureau, '--url', issuer, '--verifier-url', verifier],
    ])
    expect(await demo.ended).toBe(0)
    expect(demo.steps.every(({ ok }) => ok)).toBe(true)
    expect(demo.steps.at(-1)).toMatchObject({ step: 'summary', anchored: 1200, revoked: 1, forged: 'refused' })
    const [first, ...others] = await agreed()
    for (const other of others) expect(other).toEqual(first)
  })

  test('a node that is killed is started again and comes back to where the others are', async () => {
    const before = trial.steps.length
    process.kill(pidOf('university'), 'SIGKILL')
    await trial.told('ended')
    expect(trial.steps[before]).toMatchObject({ step: 'ended', ok: false, member: 'member_university' })
    for (;;) {
      const answer = await fetch(`${urls[1]}/health`).catch(() => undefined)
      await answer?.arrayBuffer()
      if (answer?.status === 200) break
      await delay(200)
    }
    const [first, ...others] = await agreed()
    for (const other of others) expect(other).toEqual(first)
  })

  test('rules of which one member has another line stop that member alone, which says why', async () => {
    const [bureauNode, , , lastNode] = urls as [string, string, string, string]
    const group = await createNodeClient({ url: bureauNode }).findGroup()
    const rules = (member: string) => join(data, member, 'groups/sample-city/rulesets')
    const installed = readdirSync(rules('university')).find((name) => name.endsWith('.js')) as string
    const bundle = `${readFileSync(join(rules('university'), installed), 'utf8')}\n// The same rules in another text.\n`
    const hash = toBase64url(sha256(toUtf8(bundle))) as Hash
    // A rolling upgrade: installed at every member first, activated later. One member has a line that the others do not.
    for (const member of ['identity_bureau', 'university', 'city_office']) {
      writeFileSync(join(rules(member), `${hash}.js`), bundle)
    }
    const last = join(rules('housing_bureau'), `${hash}.js`)
    writeFileSync(last, `${bundle}// One line more.\n`)
    const { head } = await groupAt(bureauNode)
    const change = { kind: 'activateRuleset', hash, version: '0.1.1', fromLeaf: head.size + 2 } as const
    const proposalId = 'proposal_other-rules'
    const send = async (name: SampleName, wanted: Action) => {
      const request = { group: group.groupId as GroupId, actions: [wanted] }
      const { jws } = await buildTransaction(request, sampleActor(name).signer)
      return group.submit([jws])
    }
    const passed = [
      ...(await send('identity-bureau-admin', action(governance.proposeChange, { proposalId, change }))),
      ...(await send('city-office-admin', action(governance.approveChange, { proposalId }))),
    ]
    expect(passed).toMatchObject([{ status: 'committed' }, { status: 'committed' }])
    // The first transaction under the new rules, whatever it says.
    const after = await send('identity-bureau-admin', action(governance.approveChange, { proposalId }))
    expect(after).toMatchObject([{ status: 'refused' }])
    for (const url of urls.slice(0, 3)) {
      await createNodeClient({ url })
        .group(group.groupId)
        .readModelReached(after[0]?.height as number)
      expect(await groupAt(url)).toMatchObject({ health: { status: 'ok' }, head: { ruleset: { hash } } })
    }
    const stopped = async () => {
      const { health } = await groupAt(lastNode)
      return health.status === 'stopped' ? health : undefined
    }
    const health = await until(stopped)
    expect(health).toMatchObject({ code: 'ruleset_missing', sentence: expect.stringContaining(hash) })
    // With the right bundle it comes back to where the others are.
    writeFileSync(last, bundle)
    process.kill(pidOf('housing_bureau'), 'SIGTERM')
    await until(async () =>
      (await groupAt(lastNode).catch(() => undefined))?.health.status === 'ok' ? true : undefined,
    )
    const [first, ...others] = await agreed()
    for (const other of others) expect(other).toEqual(first)
  })

  test('it stops in order and goes on where it ended', async () => {
    const [before] = (await agreed()) as [{ readonly size: number; readonly root: string }]
    expect(await trial.stop()).toBe(0)
    expect(trial.steps.at(-1)).toEqual({ step: 'stopped', ok: true })
    trial = up()
    await trial.told('ready')
    expect(trial.steps.map(({ step }) => step)).toContain('continued')
    for (const head of await agreed()) expect(head).toMatchObject({ size: before.size, root: before.root })
  })
})
