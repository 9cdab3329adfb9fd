/** A whole ledger whose members order together, beside a lone engine: what is shown, and when. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TransactionId } from '@chengxin/kernel'
import { Request, Response } from 'cosmjs-types/tendermint/abci/types'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashText } from '../execution/leaf.ts'
import type { BroadcastAnswer, EngineClient } from '../ordering/cometbft/engine-client.ts'
import type { AbciCodec } from '../ordering/cometbft/testing/abci-peer.ts'
import { LoneEngine } from '../ordering/cometbft/testing/lone-engine.ts'
import { type OpenedTill, openTill } from '../testing/open-till.ts'
import { ann, bo, move, payIn, signActions, startMs, tillGroup } from '../testing/till-group.ts'

const codec: AbciCodec = {
  encode: (request) => Request.encode(Request.fromPartial(request as never)).finish(),
  decode: (response) => Response.decode(response),
}

let sockets: string
let engine: LoneEngine
let till: OpenedTill

/** The engine that is there now. */
const client: EngineClient = {
  broadcast: (transaction): Promise<BroadcastAnswer> => engine.broadcast(transaction),
  status: () => engine.status(),
  header: () => engine.header(),
  peers: () => engine.peers(),
  ask: () => engine.ask(),
  close: () => engine.close(),
}

function makeEngine(): LoneEngine {
  const path = join(sockets, 'abci.sock')
  return new LoneEngine({ path, codec, chainId: tillGroup, genesisTimeMs: startMs, clock: () => startMs + 1_000 })
}

async function startEngine(): Promise<void> {
  engine = makeEngine()
  await engine.start()
  while (till.ledger.health().status !== 'ok') await new Promise((resolve) => setTimeout(resolve, 5))
}

beforeEach(async () => {
  sockets = mkdtempSync(join(tmpdir(), 'chengxin-consensus-'))
  engine = makeEngine()
  const consensus = {
    abci: { path: join(sockets, 'abci.sock') },
    rpc: { socketPath: join(sockets, 'none.sock') },
    peers: [],
    engine: 'a lone engine',
  }
  till = await openTill({ consensus, engineClient: client })
})

afterEach(async () => {
  await till.remove()
  rmSync(sockets, { recursive: true, force: true })
})

function idOf(jws: string): TransactionId {
  return hashText(jws.slice(0, jws.lastIndexOf('.'))) as string as TransactionId
}

const isThere = async () => {}

/** Lets the engine make its blocks up to one, and resolves when it is about to make that. */
function heldBefore(height: number): { readonly reached: Promise<void>; goOn(): void } {
  let goOn = () => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const reached = new Promise<void>((resolve) => {
    engine.beforeBlock = async (next) => {
      if (next !== height) return
      resolve()
      await gate
    }
  })
  return { reached, goOn: () => goOn() }
}

test('takes transactions once an engine is there, and says until then that it cannot', async () => {
  expect(till.ledger.health()).toMatchObject({ status: 'read_only', code: 'catching_up' })
  expect(till.ledger.consensus()).toMatchObject({ engine: 'a lone engine', state: 'away', validators: [] })
  const early = await till.ledger.submit([signActions(ann, [payIn(1n)])])
  expect(early).toMatchObject([{ status: 'rejected', code: 'catching_up', retryAfterMs: 1_000 }])
  await startEngine()
  const outcomes = await till.ledger.submit([
    signActions(ann, [payIn(100n)]),
    'nonsense',
    signActions(bo, [move(ann.did, 1n)]),
  ])
  expect(outcomes).toMatchObject([
    { status: 'committed', height: 1, leafIndex: 0 },
    { status: 'rejected', code: 'envelope_malformed' },
    { status: 'refused', code: 'till_too_low' },
  ])
  await engine.rest()
  expect(till.ledger.consensus()).toMatchObject({ state: 'ready', confirmedHeight: till.ledger.head().height })
})

test('a block that nobody has confirmed is shown to nobody', async () => {
  await startEngine()
  const first = await till.ledger.submit([signActions(ann, [payIn(5n)])])
  expect(first).toMatchObject([{ status: 'committed', height: 1 }])
  await engine.rest()
  const { head } = { head: till.ledger.head() }
  const { reached, goOn } = heldBefore(head.height + 2)
  const jws = signActions(ann, [payIn(7n)])
  let answered: unknown
  const submitted = till.ledger.submit([jws]).then((outcomes) => {
    answered = outcomes
  })
  const heard: number[] = []
  till.ledger.onCommit(({ height }) => heard.push(height))
  await reached
  const shown = { size: till.ledger.head().size, note: till.ledger.checkpoint() }
  // The block is on disk here, and its result is not signed by anybody yet.
  expect(till.ledger.consensus()?.height).toBeLessThanOrEqual(head.height + 1)
  expect(till.ledger.head()).toEqual(head)
  expect(answered).toBeUndefined()
  expect(till.ledger.outcome(idOf(jws))).toEqual({ status: 'pending', id: idOf(jws) })
  expect(till.ledger.receipt(idOf(jws), shown)).toBeUndefined()
  expect(till.ledger.row('till/tills', ann.did)).toMatchObject({ amount: '5' })
  expect(till.ledger.leaf(head.size)).toBeUndefined()
  expect(till.ledger.block(head.height + 1)).toBeUndefined()
  expect(till.ledger.tile(`tile/0/000.p/${head.size}`)).toHaveLength(32 * head.size)
  expect(till.ledger.tile(`tile/0/000.p/${head.size + 1}`)).toBeUndefined()
  expect(till.ledger.tile(`tile/entries/000.p/${head.size + 1}`)).toBeUndefined()
  expect(till.ledger.checkpoint().split('\n')[1]).toBe(String(head.size))
  expect(heard).toEqual([])
  // Whoever sends it again waits with the others.
  const again = till.ledger.submit([jws])
  goOn()
  await submitted
  expect(answered).toMatchObject([{ status: 'committed', height: head.height + 1 }])
  expect(await again).toEqual(answered)
  expect(till.ledger.row('till/tills', ann.did)).toMatchObject({ amount: '12' })
  expect(till.ledger.tile(`tile/0/000.p/${head.size + 1}`)).toHaveLength(32 * (head.size + 1))
  expect(heard[0]).toBe(head.height + 1)
})

test('a member that ended before it knew that its newest block was confirmed shows it when it knows', async () => {
  await startEngine()
  const { reached } = heldBefore(2)
  const [paid, refused] = [signActions(ann, [payIn(7n)]), signActions(bo, [move(ann.did, 1n)])]
  const left = till.ledger.submit([paid, refused])
  await reached
  engine.close()
  till = await till.reopen()
  expect(await left).toMatchObject([{ code: 'node_stopped' }, { code: 'node_stopped' }])
  expect(till.ledger.head()).toMatchObject({ height: 0, size: 0 })
  expect(till.ledger.outcome(idOf(paid))).toMatchObject({ status: 'pending' })
  await startEngine()
  engine.beforeBlock = isThere
  const asked = till.ledger.submit([paid, refused])
  expect(await till.ledger.submit([signActions(bo, [payIn(1n)])])).toMatchObject([{ status: 'committed', height: 2 }])
  const outcomes = await asked
  expect(outcomes).toMatchObject([
    { status: 'committed', height: 1, position: 0, leafIndex: 0, events: [{ type: 'till.paidIn' }] },
    { status: 'refused', height: 1, position: 1, leafIndex: 1 },
  ])
  const [first, second] = till.ledger.block(1)?.transactions ?? []
  expect(first).toMatchObject({ code: 'ok', signer: ann.did, types: ['till.payIn'] })
  expect(second).toMatchObject({ code: 'till_too_low', signer: bo.did, types: ['till.move'] })
  till = await till.reopen()
  expect(till.ledger.outcome(idOf(paid))).toEqual(outcomes[0])
})

test('an engine that ends is said to be away, and its successor is handed what had no outcome', async () => {
  await startEngine()
  const { reached } = heldBefore(1)
  const waiting = till.ledger.submit([signActions(ann, [payIn(3n)])])
  await reached
  engine.close()
  while (till.ledger.health().status === 'ok') await new Promise((resolve) => setTimeout(resolve, 5))
  expect(till.ledger.health()).toMatchObject({ status: 'read_only', code: 'catching_up' })
  await startEngine()
  expect(await waiting).toMatchObject([{ status: 'committed', height: 1 }])
})
