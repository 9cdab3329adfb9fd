/** More than a node can take: it says so and when to come back, goes on reading, keeps its memory, and loses nothing. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { action, buildTransaction, createNodeClient, type GroupClient, points, sampleActor } from '@chengxin/client'
import type { GroupId } from '@chengxin/kernel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningNode, startNode, temporaryData } from '../running-node.ts'

const data = temporaryData()
let node: RunningNode
let group: GroupClient

beforeAll(async () => {
  node = await startNode({ data: data.path })
  group = await createNodeClient({ url: node.url }).findGroup()
})

afterAll(async () => {
  await node?.stop()
  data.remove()
})

async function transfers(count: number): Promise<readonly string[]> {
  const { signer } = sampleActor('resident-chan')
  const pay = action(points.transfer, { from: 'account_chan', to: 'account_leong', amount: 1n })
  const request = { group: group.groupId as GroupId, actions: [pay] }
  return (await Promise.all(Array.from({ length: count }, () => buildTransaction(request, signer)))).map(
    ({ jws }) => jws,
  )
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly outcomes: number
}

async function post(transactions: readonly string[]): Promise<Answer> {
  const response = await fetch(`${group.url}/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ transactions }),
  })
  const { outcomes = [] } = (await response.json()) as { outcomes?: readonly unknown[] }
  return { status: response.status, retryAfter: response.headers.get('retry-after'), outcomes: outcomes.length }
}

/** Resident memory of the node, in MiB, where the system tells it. */
function residentMiB(): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${node.process.pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) / 1024
  } catch {
    return undefined
  }
}

/** What is looked at while something else goes on. */
async function during<T>(
  work: Promise<T>,
): Promise<{ readonly done: T; readonly peakMiB: number; readonly reads: readonly number[] }> {
  let isOver = false
  let peakMiB = 0
  const reads: number[] = []
  const look = (async () => {
    while (!isOver) {
      peakMiB = Math.max(peakMiB, residentMiB() ?? 0)
      reads.push((await fetch(`${node.url}/v1/groups`)).status)
      await delay(50)
    }
  })()
  const done = await work.finally(() => {
    isOver = true
  })
  await look
  return { done, peakMiB, reads }
}

const sizeOf = async () => ((await group.get('')) as { size: number }).size

test('a flood of transactions: some are told to come back and when, none is lost, none happens twice', async () => {
  const before = await sizeOf()
  const all = await transfers(2560)
  const requests = Array.from({ length: all.length / 256 }, (_, at) => all.slice(at * 256, (at + 1) * 256))
  // Each request fifteen times at once: more is under way than the node lets in, and most are repetitions.
  const flood = Promise.all(
    Array.from({ length: 15 }, () => requests)
      .flat()
      .map(post),
  )
  const { done: answers, reads } = await during(flood)
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
  const taken = answers.filter(({ status }) => status === 200)
  expect(taken.length + refused.length).toBe(answers.length)
  for (const { outcomes } of taken) expect(outcomes).toBe(256)
  expect(new Set(reads)).toEqual(new Set([200]))

  const outcomes = await group.submit(all)
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['committed', 'refused']))
  expect(new Set(outcomes.map((outcome) => (outcome as { leafIndex: number }).leafIndex)).size).toBe(all.length)
  expect((await sizeOf()) - before).toBe(all.length)
})

test('a flood of bytes that mean nothing takes no more memory than is set aside for it', async () => {
  const calmMiB = residentMiB() ?? 0
  const rubbish = Array.from({ length: 250 }, (_, at) => String(at % 10).repeat(60_000))
  const {
    done: answers,
    peakMiB,
    reads,
  } = await during(Promise.all(Array.from({ length: 40 }, () => postOrReset(rubbish))))
  expect(answers).toContain(429)
  expect(answers.filter((status) => ![200, 429, 'reset'].includes(status))).toEqual([])
  expect(new Set(reads)).toEqual(new Set([200]))
  // All of it together would be 600 MB as bytes and as much again as text.
  expect(peakMiB - calmMiB).toBeLessThan(600)
})

/** A node that does not want a body closes the connection while we still write it, and we may miss what it said. */
async function postOrReset(transactions: readonly string[]): Promise<number | 'reset'> {
  return post(transactions).then(
    ({ status }) => status,
    () => 'reset' as const,
  )
}

test('readers of the live stream that take nothing hold nobody up', async () => {
  const slow = await Promise.all(Array.from({ length: 20 }, openStreamAndSleep))
  const all = await transfers(1000)
  const outcomes = await group.submit(all)
  expect(outcomes.filter(({ status }) => status === 'committed' || status === 'refused')).toHaveLength(all.length)
  for (const socket of slow) socket.destroy()
  expect((await fetch(`${node.url}/health`)).status).toBe(200)
})

async function openStreamAndSleep(): Promise<Socket> {
  const socket = connect(node.port, 'localhost')
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(`GET /v1/groups/${group.groupId}/events HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await new Promise((resolve) => socket.once('readable', resolve))
  return socket
}
