/**
 * A member that signs two things at once, and then is sent away while it proposes: its engine's evidence reaches everybody
 * and stays, the committee ends its membership, and the others go on without it, let it in no more, and lose nothing.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  type Action,
  action,
  buildTransaction,
  createNodeClient,
  governance,
  type SampleName,
  sampleActor,
} from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home } from '../running-node.ts'
import { askEngine, signTwice } from './double-signature.ts'
import { hasEngine } from './engine.ts'

const program = join(home, 'apps/cli/bin/chengxin.mjs')
const firstPort = 18_140
const urls = [0, 1, 2, 3].map((index) => `http://localhost:${firstPort + index}`)
const [first = '', , third = '', last = ''] = urls
const dishonest = 'member_housing_bureau'
const run = promisify(execFile)

interface GroupFacts {
  readonly height: number
  readonly head: { readonly size: number; readonly root: string; readonly agreedHash: string }
  readonly health: { readonly status: string }
  readonly consensus: {
    readonly proposer?: string
    readonly peers: number
    readonly formerPeers: number
    readonly cutOffs: number
    readonly state: string
    readonly validators: readonly { readonly member: string }[]
    readonly misbehaved: readonly { readonly member: string; readonly type: string; readonly height: number }[]
  }
}

describe.skipIf(!hasEngine)('a member that is not honest', () => {
  const data = hasEngine ? mkdtempSync(join(tmpdir(), 'chengxin-dishonest-')) : ''
  const folder = (member: string) => join(data, member.replace('member_', ''))
  const groupFolder = (member: string) => join(folder(member), 'groups/sample-city')
  let trial: ReturnType<typeof spawn>
  let group: string
  let sent = 0

  async function start(): Promise<void> {
    const args = ['consortium', 'up', '--members', '4', '--data', data, '--port', String(firstPort), '--json']
    trial = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<never>((_resolve, reject) => {
      trial.once('close', () => reject(new Error('The consortium has ended.')))
    })
    ended.catch(() => {})
    let told = ''
    const ready = new Promise<void>((resolve) => {
      trial.stdout?.on('data', (chunk: Buffer) => {
        told += chunk.toString('utf8')
        if (told.includes('"step":"ready"')) resolve()
      })
    })
    await Promise.race([ready, ended])
  }

  async function stop(): Promise<void> {
    if (trial === undefined || trial.exitCode !== null) return
    const gone = new Promise((resolve) => trial.once('close', resolve))
    trial.kill('SIGTERM')
    await gone
  }

  /** Engines that a member's is connected to. */
  const connected = async (member: string) => {
    const info = (await askEngine(socketOf(groupFolder(member), 'rpc.sock'), 'net_info', {})) as {
      readonly peers: readonly { readonly node_info: { readonly id: string } }[]
    }
    return info.peers.map(({ node_info: { id } }) => id)
  }
  const peerIdOf = (memberId: string) => {
    const genesis = JSON.parse(readFileSync(join(groupFolder(memberId), 'genesis.json'), 'utf8')) as {
      readonly members: readonly { readonly memberId: string; readonly peerId?: string }[]
    }
    const peerId = genesis.members.find((one) => one.memberId === memberId)?.peerId ?? ''
    return Buffer.from(peerId, 'base64url').toString('hex')
  }
  const heightOf = async (member: string) => {
    const { sync_info: sync } = (await askEngine(socketOf(groupFolder(member), 'rpc.sock'), 'status', {})) as {
      readonly sync_info: { readonly latest_block_height: string }
    }
    return Number(sync.latest_block_height)
  }

  const groupAt = async (url: string) => (await (await fetch(`${url}/v1/groups/${group}`)).json()) as GroupFacts

  async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const answer = await ask().catch(() => undefined)
      if (answer !== undefined) return answer
      await delay(200)
    }
  }

  /** Sends, and sees what became of it: by this the group is known to go on. */
  async function send(url: string, name: SampleName, ...actions: readonly Action[]): Promise<string> {
    const client = createNodeClient({ url }).group(group)
    const { jws } = await buildTransaction({ group: group as GroupId, actions }, sampleActor(name).signer)
    const [outcome] = await client.submit([jws])
    if (outcome?.status === 'pending') return until(async () => (await client.outcome(outcome.id ?? ''))?.status)
    return outcome && 'code' in outcome ? `${outcome.status} ${outcome.code}` : String(outcome?.status)
  }

  /** An entry that changes nothing: its rule refuses it. */
  const sendSomething = (url = first) =>
    send(
      url,
      'identity-bureau-admin',
      action(governance.approveChange, { proposalId: `proposal_none-${String(++sent).padStart(4, '0')}` }),
    )

  const propose = (change: object, proposalId: string) =>
    send(first, 'identity-bureau-admin', action(governance.proposeChange, { proposalId, change } as never))
  const approve = (name: SampleName, proposalId: string) =>
    send(third, name, action(governance.approveChange, { proposalId } as never))

  beforeAll(async () => {
    await start()
    group = (await createNodeClient({ url: first }).findGroup()).groupId
  })

  afterAll(async () => {
    await stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('who signs two things at once is proved to everybody, by evidence in a block', async () => {
    expect(await sendSomething()).toBe('refused proposal_not_found')
    const rpc = socketOf(groupFolder('member_identity_bureau'), 'rpc.sock')
    const height = await signTwice({ engineHome: join(groupFolder(dishonest), 'engine'), chainId: group, rpc })
    await sendSomething()
    for (const url of urls) {
      const misbehaved = await until(async () => {
        const { consensus } = await groupAt(url)
        return consensus.misbehaved.length > 0 ? consensus.misbehaved : undefined
      })
      expect(misbehaved).toMatchObject([{ member: dishonest, type: 'duplicate_vote', height }])
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(
        `chengxin_validators_misbehaved{group="${group}"} 1\n`,
      )
    }
    for (const member of ['member_identity_bureau', 'member_university', 'member_city_office', dishonest]) {
      const kept = readFileSync(join(groupFolder(member), 'misbehaviour.jsonl'), 'utf8')
        .trim()
        .split('\n')
      expect(kept.map((line) => JSON.parse(line) as object)).toMatchObject([{ member: dishonest, height }])
    }
    const { stdout } = await run(process.execPath, [program, 'status', '--json', '--url', third])
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      alarms: [{ alarm: 'validator_misbehaved', group, member: dishonest, type: 'duplicate_vote', height }],
    })
  })

  test('a false accusation is taken by no engine', async () => {
    const rpc = socketOf(groupFolder('member_identity_bureau'), 'rpc.sock')
    const engineHome = join(groupFolder(dishonest), 'engine')
    const forged = signTwice({ engineHome, chainId: `${group.slice(0, -1)}A`, rpc })
    await expect(forged).rejects.toThrow(/invalid signature|verifying/i)
    await sendSomething()
    expect((await groupAt(first)).consensus.misbehaved).toHaveLength(1)
  })

  test('receipts of the group carry its quorum in either envelope, and the command line says so offline', async () => {
    const client = createNodeClient({ url: first }).group(group)
    const { transactions } = (await client.get('/transactions?limit=1')) as { transactions: readonly { id: string }[] }
    const id = transactions[0]?.id as string
    const bundle = join(data, 'bundle.json')
    // It lies at the node where the keys of the sample committee are.
    await until(async () => {
      for (const url of urls) {
        const answer = await fetch(`${url}/v1/groups/${group}/trust-bundle`)
        if (!answer.ok) continue
        writeFileSync(bundle, await answer.text())
        return true
      }
      return undefined
    })
    const chengxin = async (...args: readonly string[]) => {
      const env = { ...process.env, CHENGXIN_HOME: join(data, 'home'), CHENGXIN_URL: first }
      const { stdout } = await run(process.execPath, [program, ...args, '--json'], { env })
      return JSON.parse(stdout) as { readonly [fact: string]: unknown }
    }
    for (const format of ['tlog-proof', 'cose']) {
      const file = join(data, `receipt.${format}`)
      await chengxin('log', 'receipt', id, '--format', format, '--out', file)
      const checked = await chengxin('audit', 'receipt', file, '--bundle', bundle, '--group', group)
      expect(checked).toMatchObject({ valid: true, format, transaction: id })
      expect(checked['cosignatures']).toBeGreaterThanOrEqual(3)
    }
  })

  test('a member is sent away while it proposes: the others go on, and count it no more', async () => {
    const proposalId = 'proposal_send-away'
    expect(await propose({ kind: 'removeMember', memberId: dishonest }, proposalId)).toBe('committed')
    // The last approval goes in right behind a block that it has proposed.
    await until(async () => {
      await sendSomething(third)
      return (await groupAt(third)).consensus.proposer === dishonest ? true : undefined
    })
    const { head } = await groupAt(first)
    expect(await approve('city-office-admin', proposalId)).toBe('committed')
    await until(async () => {
      expect(await sendSomething()).toBe('refused proposal_not_found')
      const { consensus } = await groupAt(first)
      return consensus.validators.every(({ member }) => member !== dishonest) ? true : undefined
    })
    for (const url of urls.slice(0, 3)) {
      await until(async () => ((await groupAt(url)).head.size > head.size + 1 ? true : undefined))
      const facts = await groupAt(url)
      expect(facts).toMatchObject({ health: { status: 'ok' }, members: 3 })
      expect(facts.consensus.validators).toHaveLength(3)
    }
  })

  test('its engine gets no further block: the others end its connections one after the other, and go on', async () => {
    const peerId = peerIdOf(dishonest)
    const others = ['member_identity_bureau', 'member_university', 'member_city_office']
    // While an engine is being started its member takes nothing; whoever sends turns to it again.
    const goOn = () => until(async () => ((await sendSomething()).startsWith('refused') ? true : undefined))
    for (const member of others) {
      await until(async () => {
        await goOn()
        return (await connected(member)).includes(peerId) ? undefined : true
      })
    }
    await until(async () => ((await connected(dishonest)).length === 0 ? true : undefined))
    const last = await heightOf(dishonest)
    for (let block = 0; block < 3; block++) await goOn()
    await until(async () => ((await heightOf('member_identity_bureau')) > last + 2 ? true : undefined))
    expect([await heightOf(dishonest), await connected(dishonest)]).toEqual([last, []])
    for (const url of urls.slice(0, 3)) {
      const facts = await until(async () => {
        const shown = await groupAt(url)
        return shown.consensus.peers === 2 && shown.health.status === 'ok' ? shown : undefined
      })
      expect(facts.consensus).toMatchObject({ formerPeers: 0, cutOffs: 1 })
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toContain(`chengxin_engine_cut_offs{group="${group}"} 1\n`)
      expect(metrics).toContain(`chengxin_engine_former_peers{group="${group}"} 0\n`)
    }
  })

  test('its certificate is revoked, and its engine is let in by nobody', async () => {
    const rows = (await (await fetch(`${first}/v1/groups/${group}/members`)).json()) as {
      readonly members: readonly { readonly memberId: string; readonly serial: string }[]
    }
    const serial = rows.members.find(({ memberId }) => memberId === dishonest)?.serial
    const proposalId = 'proposal_revoke-paper'
    expect(await propose({ kind: 'revokeCertificate', serial }, proposalId)).toBe('committed')
    expect(await approve('city-office-admin', proposalId)).toBe('committed')
    // All start again, as after a night: what is in the rows holds then as before.
    await stop()
    await startOthers()
    await until(async () => ((await connected('member_identity_bureau')).length >= 2 ? true : undefined))
    expect(await sendSomething()).toBe('refused proposal_not_found')
    for (const member of ['member_identity_bureau', 'member_university', 'member_city_office']) {
      expect(await connected(member)).not.toContain(peerIdOf(dishonest))
    }
    expect((await groupAt(last)).consensus).toMatchObject({ peers: 0 })
    const facts = await Promise.all(urls.slice(0, 3).map(groupAt))
    for (const { consensus } of facts) expect(consensus.misbehaved).toHaveLength(1)
  })

  /** The member that was sent away never becomes well, so nobody waits for it. */
  async function startOthers(): Promise<void> {
    const args = ['consortium', 'up', '--members', '4', '--data', data, '--port', String(firstPort), '--json']
    trial = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    for (const url of urls.slice(0, 3)) {
      await until(async () => ((await groupAt(url)).health.status === 'ok' ? true : undefined))
    }
    // It has its chance to connect: it asks again every five seconds at most, and says that it is up.
    await until(() => groupAt(last))
    await delay(12_000)
  }
})

/** Where a member's engine is asked; beside the machine's other temporary files where the path is too long for a socket. */
function socketOf(folder: string, name: string): string {
  const path = join(folder, name)
  if (existsSync(path)) return path
  const found = readdirSync(tmpdir()).filter(
    (one) => one.startsWith('chengxin-') && existsSync(join(tmpdir(), one, name)),
  )
  throw new Error(`There is no ${path}; elsewhere there are ${found.join(', ')}.`)
}
