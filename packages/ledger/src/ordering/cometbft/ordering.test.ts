/** The ordering by CometBFT, beside a lone engine that calls as CometBFT does: the conformance of every ordering, then what is its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Request, Response } from 'cosmjs-types/tendermint/abci/types'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeTillDisk, type TillDisk } from '../../testing/till-application.ts'
import { ann, bo, eve, payIn, signActions, startMs, tillGroup } from '../../testing/till-group.ts'
import { orderingConformance, type SubmittedResult } from '../conformance.ts'
import type { DrivenApplication } from './driver.ts'
import { type EngineClient, EngineUnreachable } from './engine-client.ts'
import { CometOrdering } from './ordering.ts'
import type { AbciCodec } from './testing/abci-peer.ts'
import { LoneEngine } from './testing/lone-engine.ts'

type Resolve = (result: SubmittedResult) => void

const codec: AbciCodec = {
  encode: (request) => Request.encode(Request.fromPartial(request as never)).finish(),
  decode: (response) => Response.decode(response),
}

let directory: string
let disk: TillDisk
const closing: (() => Promise<void>)[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chengxin-ordering-'))
  disk = makeTillDisk()
})

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  disk.remove()
  rmSync(directory, { recursive: true, force: true })
})

/** The engine is replaced in the tests, and its clients with it. */
class Clients implements EngineClient {
  engine: LoneEngine
  constructor(engine: LoneEngine) {
    this.engine = engine
  }
  broadcast = (transaction: string) => this.engine.broadcast(transaction)
  status = () => this.engine.status()
  header = () => this.engine.header()
  peers = () => this.engine.peers()
  ask = () => this.engine.ask()
  close = () => this.engine.close()
}

async function drive(application: DrivenApplication, clock: () => number, pendingClock = clock) {
  const path = join(directory, 'abci.sock')
  const makeEngine = () => new LoneEngine({ path, codec, chainId: tillGroup, genesisTimeMs: startMs, clock })
  const clients = new Clients(makeEngine())
  const told: string[] = []
  const ordering = new CometOrdering<Resolve>({
    application,
    chain: { chainId: tillGroup, genesisTimeMs: startMs },
    clock: pendingClock,
    queue: { transactions: 100, bytes: 1_000_000 },
    address: { path },
    client: clients,
    // What takes parts of a second beside a real engine takes a turn here.
    later: (step) => void setTimeout(step, 1),
    observer: {
      onBlock: ({ height, transactions }) => {
        told.push(`block ${height}`)
        for (const { tickets, result } of transactions) for (const resolve of tickets) resolve(result)
      },
      onRejected: (tickets, code) => {
        for (const resolve of tickets) resolve({ code })
      },
      onPending: (tickets, id) => {
        told.push(`pending ${id.length}`)
        for (const resolve of tickets) resolve({ code: 'pending' })
      },
      onMisbehaviour: () => {},
      onEngineFault: () => {},
      onFull: () => told.push('full'),
      onRoom: () => told.push('room'),
      onHalt: () => told.push('halt'),
    },
  })
  ordering.start()
  await ordering.listen()
  closing.push(() => ordering.close())
  const submitOne = (transaction: string) =>
    new Promise<SubmittedResult>((resolve) => {
      const answer = ordering.submit(transaction, resolve)
      if (answer.code !== 'ok') resolve(answer)
    })
  return {
    ordering,
    clients,
    told,
    submitOne,
    submit: (transactions: readonly string[]) => Promise.all(transactions.map(submitOne)),
    /** Starts an engine, in the place of the one before. */
    startEngine: async () => {
      clients.engine.close()
      clients.engine = makeEngine()
      await clients.engine.start()
      while (!ordering.isReady) await new Promise((resolve) => setTimeout(resolve, 1))
    },
  }
}

function makeGate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

describe('conformance', () => {
  for (const { name, run } of orderingConformance(async (application) => {
    const { ordering, submit, clients, startEngine } = await drive(application, () => startMs + 1_000)
    await startEngine()
    return {
      submit: async (transactions) => {
        const results = await submit(transactions)
        // The log knows the outcome of a known transaction; the face looks it up, so this small driver does as well.
        return results.map((result) => (result.code === 'known' ? { code: 'ok', leafIndex: 0 } : result))
      },
      rest: () => clients.engine.rest(),
      stop: () => ordering.close(),
    }
  })) {
    test(name, run)
  }
})

describe('the ordering by CometBFT', () => {
  const clock = () => disk.nowMs
  const pay = () => signActions(ann, [payIn(1n)])

  test('takes nothing while the engine is away, and takes it when it is there', async () => {
    const { ordering, submitOne, startEngine, clients } = await drive(disk.open().application, clock)
    expect(await submitOne(pay())).toEqual({ code: 'catching_up' })
    await startEngine()
    expect(await submitOne(pay())).toMatchObject({ code: 'ok', leafIndex: 0 })
    await clients.engine.rest()
    clients.engine.close()
    while (ordering.isReady) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(await submitOne(pay())).toEqual({ code: 'catching_up' })
  })

  test('tells an outcome when its block is confirmed and not before', async () => {
    const opened = disk.open()
    const { submitOne, startEngine, told, clients } = await drive(opened.application, clock)
    await startEngine()
    const heights: (number | undefined)[] = []
    await submitOne(pay()).then(() => heights.push(opened.store.head()?.height))
    await clients.engine.rest()
    expect(heights).toEqual([1])
    expect(opened.store.head()?.height).toBe(2)
    expect(told).toEqual(['block 1', 'block 2'])
  })

  test('makes whoever asks again wait for the confirmation too', async () => {
    const opened = disk.open()
    const { ordering, submitOne, startEngine, clients } = await drive(opened.application, clock)
    await startEngine()
    const [bothAreThere, confirm] = [makeGate(), makeGate()]
    clients.engine.beforeBlock = (height) => (height < 2 ? bothAreThere : confirm).passed
    const [ours, theirs] = [pay(), signActions(bo, [payIn(1n)])]
    let answered = 0
    const count = (result: SubmittedResult) => {
      answered++
      return result
    }
    const first = submitOne(ours).then(count)
    // As if another member had sent it.
    await clients.engine.broadcast(theirs)
    bothAreThere.open()
    while (opened.store.head()?.height !== 1) await new Promise((resolve) => setTimeout(resolve, 1))
    const again = [ours, theirs].map((transaction) => submitOne(transaction).then(count))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([answered, ordering.queued]).toEqual([0, 2])
    confirm.open()
    const results = await Promise.all([first, ...again])
    expect(results.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok'])
    expect(results[1]).toEqual(results[0])
    await clients.engine.rest()
    expect(await submitOne(ours)).toMatchObject({ code: 'known' })
  })

  test('hands a new engine what the one before had not put into a block', async () => {
    const { submit, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    const lost = clients.engine
    // This engine takes transactions and makes no blocks of them.
    lost.broadcast = async () => ({ code: 'ok' })
    const results = submit([pay(), signActions(bo, [payIn(1n)])])
    await startEngine()
    for (const { code } of await results) expect(code).toBe('ok')
  })

  test('the same transaction handed in twice is one, with one result for both', async () => {
    const { submit, startEngine } = await drive(disk.open().application, clock)
    await startEngine()
    const actions = [payIn(1n)]
    const nonce = 'twice-the-same'
    const twice = [signActions(bo, actions, { nonce }), signActions(bo, actions, { nonce })]
    const [one, other] = await submit(twice)
    expect(one).toMatchObject({ code: 'ok', leafIndex: 0 })
    expect(other).toEqual(one)
  })

  test('what expired while it waited is answered when a block shows that it is too late', async () => {
    const { submitOne, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    const broadcast = clients.engine.broadcast.bind(clients.engine)
    clients.engine.broadcast = async () => ({ code: 'ok' })
    const late = submitOne(signActions(eve, [payIn(1n)], { notAfter: disk.nowMs + 5 }))
    clients.engine.broadcast = broadcast
    disk.nowMs += 10
    expect((await submitOne(pay())).code).toBe('ok')
    expect(await late).toEqual({ code: 'expired' })
  })

  test('when no block comes for long, those who wait are told that it is pending', async () => {
    let waitedMs = 0
    const { submitOne, startEngine, clients, told } = await drive(
      disk.open().application,
      clock,
      () => startMs + waitedMs,
    )
    await startEngine()
    clients.engine.broadcast = async () => ({ code: 'ok' })
    const waiting = submitOne(pay())
    waitedMs = 60_000
    expect(await waiting).toEqual({ code: 'pending' })
    expect(told).toEqual(['pending 43'])
  })

  test('a share that is used up is answered by the engine’s verdict', async () => {
    const { submit, startEngine } = await drive(disk.open().application, clock)
    await startEngine()
    const codes = (await submit(Array.from({ length: 120 }, pay))).map(({ code }) => code)
    expect(new Set(codes)).toEqual(new Set(['ok', 'sponsor_quota']))
    expect(codes.slice(0, 80)).toEqual(Array(80).fill('ok'))
  })

  test('many go to the engine in few parcels, and each has its own outcome', async () => {
    const { submit, submitOne, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    const entries: string[] = []
    const broadcast = clients.engine.broadcast.bind(clients.engine)
    clients.engine.broadcast = (entry) => {
      entries.push(entry)
      return broadcast(entry)
    }
    const transactions = Array.from({ length: 60 }, () => signActions(ann, [payIn(1n)]))
    const results = await submit([...transactions, signActions(eve, [payIn(1n)])])
    expect(new Set(results.map(({ code }) => code))).toEqual(new Set(['ok']))
    expect(new Set(results.map(({ leafIndex }) => leafIndex)).size).toBe(61)
    // Eve's sponsor is another.
    expect(entries).toHaveLength(2)
    await clients.engine.rest()
    expect((await submitOne(transactions[7] ?? '')).code).toBe('known')
  })

  test('what is new among much that came by another way goes alone', async () => {
    const { submit, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    const gate = makeGate()
    clients.engine.beforeBlock = () => gate.passed
    const theirs = Array.from({ length: 5 }, pay)
    // As if another member had sent them, in a parcel of its own.
    await clients.engine.broadcast(theirs.join('\n'))
    const entries: string[] = []
    const broadcast = clients.engine.broadcast.bind(clients.engine)
    clients.engine.broadcast = (entry) => {
      entries.push(entry)
      return broadcast(entry)
    }
    const mine = pay()
    const results = submit([...theirs, mine])
    while (entries.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    gate.open()
    expect(new Set((await results).map(({ code }) => code))).toEqual(new Set(['ok']))
    expect(entries).toEqual([[...theirs, mine].join('\n'), mine])
  })

  test('whether a parcel has arrived is unknown: its transactions are handed in again, each alone', async () => {
    const { submit, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    const broadcast = clients.engine.broadcast.bind(clients.engine)
    const entries: string[] = []
    clients.engine.broadcast = async (entry) => {
      entries.push(entry)
      const answer = await broadcast(entry)
      if (entries.length === 1) throw new EngineUnreachable('Its answer was lost.')
      return answer
    }
    const gate = makeGate()
    clients.engine.beforeBlock = () => gate.passed
    const results = submit([pay(), pay()])
    while (entries.length < 3) await new Promise((resolve) => setTimeout(resolve, 1))
    gate.open()
    expect((await results).map(({ code, leafIndex }) => [code, leafIndex])).toEqual([
      ['ok', 0],
      ['ok', 1],
    ])
  })

  test('after it was stopped nothing is taken and nobody is left waiting', async () => {
    const { ordering, submitOne, startEngine, clients } = await drive(disk.open().application, clock)
    await startEngine()
    clients.engine.broadcast = async () => ({ code: 'ok' })
    const waiting = submitOne(pay())
    ordering.stop()
    expect(await waiting).toEqual({ code: 'node_stopped' })
    expect(await submitOne(pay())).toEqual({ code: 'node_stopped' })
  })
})
