/**
 * A node that is killed at random moments under load: what it acknowledged is there, at its place, once; its hash equals a
 * replay's; and it starts again by itself. `CHENGXIN_KILLS=100` runs the long form.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { action, buildTransaction, createNodeClient, points, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, expect, test, vi } from 'vitest'
import { freePort } from '../../apps/node/src/bench/free-port.ts'
import { home, type RunningNode, startNode, temporaryData } from '../running-node.ts'

const kills = Number(process.env['CHENGXIN_KILLS'] ?? 8)
// The long form takes as long as it takes.
vi.setConfig({ testTimeout: kills * 30_000 + 120_000 })
const data = temporaryData()
let node: RunningNode | undefined

afterAll(async () => {
  await node?.kill()
  data.remove()
})

const payer = sampleActor('resident-chan')
const payee = sampleActor('resident-leong')
const programId = 'program_kill-test'
const from = 'account_kill-from'
const to = 'account_kill-to'

interface Acknowledged {
  readonly leafIndex: number
  readonly status: string
}

test(`${kills} kills under load lose nothing that was acknowledged`, async () => {
  const port = await freePort()
  node = await startNode({ data: data.path, port })
  const group = (await createNodeClient({ url: node.url }).findGroup()).groupId as GroupId
  await openAccounts(node.url, group)
  const paidBefore = transfersInLog()

  const acknowledged = new Map<string, Acknowledged>()
  let seed = 20_260_626
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  for (let round = 0; round < kills; round++) {
    const stop = new AbortController()
    const load = Promise.all(Array.from({ length: 4 }, () => pay(group, port, acknowledged, stop.signal)))
    await delay(150 + random() * 1200)
    await node.kill()
    stop.abort()
    await load
    node = await startNode({ data: data.path, port })
    await expectAllPresent(node.url, group, acknowledged)
  }
  expect(acknowledged.size).toBeGreaterThan(kills)

  const balance = await settledBalance(node.url, group)
  await node.stop()
  node = undefined
  const replayed = JSON.parse(lastLine(runNode(['replay', '--json']))) as { equal: boolean; size: number }
  expect(replayed.equal).toBe(true)
  // Each acknowledged transfer moved one point, and each transfer in the log did so once.
  const paid = [...acknowledged.values()].filter(({ status }) => status === 'committed').length
  expect(balance).toBeGreaterThanOrEqual(BigInt(paid))
  expect(balance).toBe(BigInt(transfersInLog() - paidBefore))
})

async function openAccounts(url: string, group: GroupId): Promise<void> {
  const client = createNodeClient({ url }).group(group)
  const operator = sampleActor('points-operator')
  const steps = [
    [operator, [action(points.createProgram, { programId, unit: 'KILL', issuingAccountId: 'account_kill-issuing' })]],
    [payer, [action(points.openAccount, { accountId: from, programId })]],
    [payee, [action(points.openAccount, { accountId: to, programId })]],
    [operator, [action(points.issue, { programId, to: from, amount: 1_000_000n })]],
  ] as const
  for (const [actor, actions] of steps) {
    const { jws } = await buildTransaction({ group, actions: [...actions] }, actor.signer)
    const [outcome] = await client.submit([jws])
    expect(outcome?.status, outcome?.code).toBe('committed')
  }
}

/** Sends small batches until told to stop or the node is gone, and notes what came back. */
async function pay(
  group: GroupId,
  port: number,
  acknowledged: Map<string, Acknowledged>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const built = await Promise.all(
      Array.from({ length: 10 }, () =>
        buildTransaction({ group, actions: [action(points.transfer, { from, to, amount: 1n })] }, payer.signer),
      ),
    )
    try {
      const response = await fetch(`http://localhost:${port}/v1/groups/${group}/transactions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ transactions: built.map(({ jws }) => jws) }),
        signal: stop,
      })
      const { outcomes } = (await response.json()) as {
        outcomes?: readonly { id: string; status: string; leafIndex?: number }[]
      }
      for (const { id, status, leafIndex } of outcomes ?? []) {
        if (leafIndex !== undefined) acknowledged.set(id, { leafIndex, status })
      }
    } catch {
      // The node is gone, as it should be in this test; what it had not answered was not acknowledged.
      return
    }
  }
}

async function expectAllPresent(url: string, group: GroupId, acknowledged: Map<string, Acknowledged>): Promise<void> {
  const client = createNodeClient({ url }).group(group)
  const sample = [...acknowledged].slice(-200)
  for (const [id, { leafIndex, status }] of sample) {
    const outcome = (await client.outcome(id)) as { status: string; leafIndex: number } | undefined
    expect(outcome, `transaction ${id} was acknowledged and is gone`).toMatchObject({ status, leafIndex })
  }
}

async function settledBalance(url: string, group: GroupId): Promise<bigint> {
  const client = createNodeClient({ url }).group(group)
  const { height } = (await client.get('')) as { height: number }
  await client.readModelReached(height)
  const { balance } = (await client.get(`/points/accounts/${to}`)) as { balance: string }
  return BigInt(balance)
}

/** Counts the transfers in the log itself, by the replay's own reading of it. */
function transfersInLog(): number {
  const report = JSON.parse(lastLine(runNode(['replay', '--json', '--count', 'accounts.transferred']))) as {
    counted: number
  }
  return report.counted
}

function runNode(args: readonly string[]): string {
  return execFileSync(process.execPath, [join(home, 'apps/node/dist/main.js'), ...args], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, CHENGXIN_DATA: data.path },
  })
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
