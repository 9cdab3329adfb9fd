import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryWriter } from 'cosmjs-types/binary'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { type Store, StoreFull } from '../../storage/face.ts'
import { openStore } from '../../storage/store.ts'
import { ann, bo, eve, move, type Person, payIn, signActions, startMs, tillGroup } from '../../testing/till-group.ts'
import { AbciDriver, type DrivenApplication, type DriverListener, type DriverOptions } from './driver.ts'
import { fitting } from './mempool-mirror.ts'
import type { AbciRequest, ProposedBlock } from './requests.ts'
import type { AbciResponse } from './responses.ts'
import { openDrivenTill } from './testing/driven-till.ts'
import { validatorUpdates } from './validators.ts'

const chain = { chainId: tillGroup, genesisTimeMs: startMs }
const queue = { transactions: 100, bytes: 1024 * 1024 }
const nowMs = startMs + 1_000
const opened: (() => void)[] = []

afterEach(() => {
  for (const close of opened.splice(0).reverse()) close()
})

function temporaryStore(directory = mkdtempSync(join(tmpdir(), 'chengxin-driver-'))): {
  store: Store
  directory: string
} {
  const store = openStore(directory, { createFresh: true })
  opened.push(() => {
    store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { store, directory }
}

interface Heard {
  readonly confirmed: number[]
  readonly full: number[]
  halt: string | undefined
  handshakes: number
}

function listenerInto(heard: Heard): DriverListener {
  return {
    onHandshake: () => heard.handshakes++,
    onConfirmed: ({ height }) => heard.confirmed.push(height),
    onMisbehaviour: () => {},
    onFull: () => heard.full.push(1),
    onRoom: () => heard.full.push(0),
    onHalt: (error) => {
      heard.halt = (error as Error).message
    },
  }
}

function drive(application: DrivenApplication, change: Partial<DriverOptions> = {}) {
  const heard: Heard = { confirmed: [], full: [], halt: undefined, handshakes: 0 }
  const driver = new AbciDriver({
    application,
    chain,
    queue,
    listener: listenerInto(heard),
    later: (step) => setImmediate(step),
    ...change,
  })
  return { driver, heard, ask: <Call extends AbciRequest['call']>(request: RequestOf<Call>) => ask(driver, request) }
}

type RequestOf<Call> = Extract<AbciRequest, { readonly call: Call }>
type ResponseOf<Call> = AbciResponse extends infer One
  ? One extends { readonly call: infer Calls }
    ? Call extends Calls
      ? One
      : never
    : never
  : never

/** The answer to a call that is answered at once, and by its name. */
function ask<Call extends AbciRequest['call']>(driver: AbciDriver, request: RequestOf<Call>): ResponseOf<Call> {
  const response = driver.handle(request)
  if (response instanceof Promise || response.call !== request.call) {
    throw new Error(`${request.call} was answered by ${JSON.stringify(response)}`)
  }
  return response as ResponseOf<Call>
}

function openDriver(change: Partial<DriverOptions> = {}) {
  const { store, directory } = temporaryStore()
  return {
    store,
    directory,
    ...drive(
      openDrivenTill(store, () => nowMs),
      change,
    ),
  }
}

const initChain: RequestOf<'initChain'> = {
  call: 'initChain',
  timeMs: startMs,
  chainId: tillGroup,
  validators: [],
  initialHeight: 1,
}

function blockOf(height: number, transactions: readonly string[], timeMs = nowMs + height): ProposedBlock {
  const lastCommit = { round: 0, votes: [] }
  return { height, timeMs, transactions, proposer: '', hash: new Uint8Array(32), lastCommit, misbehaviour: [] }
}

const finalize = (height: number, transactions: readonly string[], timeMs?: number): RequestOf<'finalizeBlock'> => ({
  call: 'finalizeBlock',
  ...blockOf(height, transactions, timeMs),
})
const checkTx = (transaction: string): RequestOf<'checkTx'> => ({ call: 'checkTx', transaction, kind: 'new' })
const info: RequestOf<'info'> = { call: 'info', version: '', abciVersion: '' }
const commit: RequestOf<'commit'> = { call: 'commit' }
const pay = (person: Person = ann) => signActions(person, [payIn(1n)])
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('calls', () => {
  test('founding may be repeated, and says the same', () => {
    const { ask } = openDriver()
    expect(ask(info)).toMatchObject({ height: 0, appHash: new Uint8Array(0) })
    const first = ask(initChain)
    expect(first.appHash).toHaveLength(32)
    expect(ask(info)).toMatchObject({ height: 0, appHash: first.appHash })
    expect(ask(initChain)).toEqual(first)
  })

  test('a block has exactly one result for each of its transactions, of whatever kind', () => {
    const { ask } = openDriver()
    ask(initChain)
    const good = pay()
    const block = [good, 'noise', '', 'ÿþ\u0000', good, signActions(ann, [move(bo.did, 10n)])]
    const { results, appHash } = ask(finalize(1, block))
    expect(results.map(({ log }) => log)).toEqual([
      '',
      'envelope_malformed',
      'envelope_malformed',
      'envelope_malformed',
      'nonce_reused',
      'till_not_found',
    ])
    expect(results.map(({ code }) => code)).toEqual([0, 1, 1, 1, 1, 1])
    expect(appHash).toHaveLength(32)
  })

  test('nothing persists before the commit, and finalizing again says the same', () => {
    const { ask, store } = openDriver()
    ask(initChain)
    const block = finalize(1, [pay(), pay(bo)])
    const first = ask(block)
    expect(store.head()?.height).toBe(0)
    expect(ask(info)).toMatchObject({ height: 0 })
    expect(ask(block)).toEqual(first)
    ask(commit)
    expect(store.head()?.height).toBe(1)
    expect(ask(info)).toMatchObject({ height: 1, appHash: Buffer.from(first.appHash) })
  })

  test('another block may be finalized instead of one that was not committed', () => {
    const [left, right] = [openDriver(), openDriver()]
    const [kept, dropped] = [pay(), pay(bo)]
    for (const { ask } of [left, right]) ask(initChain)
    left.ask(finalize(1, [dropped]))
    expect(left.ask(finalize(1, [kept]))).toEqual(right.ask(finalize(1, [kept])))
  })

  test('a member that restarts between finalizing and committing repeats the block and agrees', () => {
    const { ask, store } = openDriver()
    ask(initChain)
    const block = finalize(1, [pay()])
    const { appHash } = ask(block)
    const again = drive(openDrivenTill(store, () => nowMs))
    expect(again.ask(info)).toMatchObject({ height: 0 })
    again.ask(initChain)
    expect(hex(again.ask(block).appHash)).toBe(hex(appHash))
    again.ask(commit)
    expect(hex(again.ask(info).appHash)).toBe(hex(appHash))
  })

  test('an idle block leaves the agreed hash as it is', () => {
    const { ask } = openDriver()
    const { appHash } = ask(initChain)
    for (const height of [1, 2, 3]) {
      expect(hex(ask(finalize(height, [])).appHash)).toBe(hex(appHash))
      ask(commit)
    }
  })

  test('a block is confirmed by the next, one that changes nothing by itself', () => {
    const { ask, heard } = openDriver()
    ask(info)
    ask(initChain)
    ask(finalize(1, []))
    expect(heard.confirmed).toEqual([])
    ask(commit)
    expect(heard.confirmed).toEqual([1])
    ask(finalize(2, [pay()]))
    ask(commit)
    expect(heard.confirmed).toEqual([1])
    ask(finalize(3, []))
    expect(heard.confirmed).toEqual([1, 2])
    ask(commit)
    expect(heard.confirmed).toEqual([1, 2, 3])
  })

  test.each<[string, Partial<RequestOf<'initChain'>>]>([
    ['another chain', { chainId: 'another' }],
    ['another time of founding', { timeMs: startMs + 1 }],
    ['a chain that goes on from another', { initialHeight: 7 }],
  ])('an engine whose genesis is of %s halts this member', (_case, change) => {
    const { driver, heard } = openDriver()
    expect(driver.handle({ ...initChain, ...change })).toMatchObject({ call: 'exception' })
    expect(heard.halt).toContain('genesis')
    expect(driver.handle(info)).toMatchObject({ call: 'exception' })
  })

  test.each<[string, readonly RequestOf<'finalizeBlock' | 'commit'>[]]>([
    ['a block out of turn', [finalize(2, [])]],
    ['a commit of nothing', [commit]],
    ['a rule that throws', [finalize(1, [signActions(ann, [{ type: 'shop.misbehave', args: { how: 'throw' } }])])]],
  ])('%s halts this member, and nothing is thrown', (_case, requests) => {
    const { driver, heard, ask, store } = openDriver()
    ask(initChain)
    for (const request of requests) expect(driver.handle(request)).toMatchObject({ call: 'exception' })
    expect(heard.halt).toBeDefined()
    expect(driver.handle(commit)).toMatchObject({ call: 'exception' })
    expect(store.head()?.height).toBe(0)
  })

  test('calls of a mempool that the application would keep say which setting is wrong', () => {
    const { driver, heard } = openDriver()
    expect(driver.handle({ call: 'insertTx' })).toMatchObject({ error: expect.stringContaining('mempool.type') })
    expect(heard.halt).toBeUndefined()
  })

  test('peers are admitted by the filter, and nothing else is served', () => {
    const peers = {
      admitsAddress: (address: string) => address === '10.0.0.1:26656',
      admitsId: (id: string) => id === 'ab',
    }
    const { ask } = openDriver({ peers })
    const codeOf = (path: string) => ask({ call: 'query', path }).code
    expect(['/p2p/filter/addr/10.0.0.1:26656', '/p2p/filter/id/ab'].map(codeOf)).toEqual([0, 0])
    expect(['/p2p/filter/addr/10.0.0.2:1', '/p2p/filter/id/cd', '/store', ''].map(codeOf)).toEqual([1, 1, 1, 1])
    const everyone = openDriver()
    expect(everyone.ask({ call: 'query', path: '/p2p/filter/id/cd' }).code).toBe(0)
  })
})

describe('waiting and proposing', () => {
  const prepare = (transactions: readonly string[], maxBytes = 1_000_000, timeMs = nowMs) => ({
    call: 'prepareProposal' as const,
    maxBytes,
    ...blockOf(1, transactions, timeMs),
  })

  function founded(change: Partial<DriverOptions> = {}) {
    const all = openDriver(change)
    all.ask(initChain)
    return all
  }

  test('codes of admission come back as they are', () => {
    const { ask } = founded()
    expect(ask(checkTx(pay()))).toMatchObject({ code: 0 })
    expect(ask(checkTx('noise'))).toMatchObject({ code: 1, log: 'envelope_malformed' })
    expect(ask(checkTx(signActions(ann, [{ type: 'till.payIn', args: {} }])))).toMatchObject({
      log: 'args_malformed',
      info: '/actions/0/args/amount',
    })
  })

  test('a proposal holds what waits and is accepted by others', () => {
    const { ask } = founded()
    const other = founded()
    const waiting = [pay(), pay(bo), pay(eve)]
    for (const transaction of waiting) ask(checkTx(transaction))
    const { transactions } = ask(prepare(waiting))
    expect(transactions).toEqual(waiting)
    expect(other.ask({ call: 'processProposal', ...blockOf(1, transactions) }).status).toBe('accept')
    const late = { call: 'processProposal' as const, ...blockOf(1, transactions, startMs + 3_600_000) }
    expect(other.ask(late).status).toBe('reject')
  })

  test('what the block’s time does not admit stays waiting', () => {
    const { ask } = founded()
    const far = signActions(ann, [payIn(1n)], { notAfter: nowMs + 590_000 })
    ask(checkTx(far))
    expect(ask(prepare([far], 1_000_000, startMs - 60_000)).transactions).toEqual([])
    expect(ask(prepare([far])).transactions).toEqual([far])
  })

  test('what was logged waits no longer, nor what expired or was found invalid', () => {
    const { ask, driver } = founded()
    const soon = signActions(bo, [payIn(1n)], { notAfter: nowMs + 1 })
    const [logged, known] = [pay(), pay(eve)]
    for (const transaction of [logged, soon, known]) ask(checkTx(transaction))
    expect(driver.waiting).toBe(3)
    ask(finalize(1, [logged]))
    ask(commit)
    expect(driver.waiting).toBe(1)
    ask(finalize(2, [known]))
    ask({ call: 'checkTx', transaction: known, kind: 'recheck' })
    ask(commit)
    expect(driver.waiting).toBe(0)
    expect(ask(checkTx(known))).toMatchObject({ log: 'known' })
  })

  test('the same transaction under another signature waits once', () => {
    const { ask, driver } = founded()
    const actions = [payIn(1n)]
    const nonce = 'the-same-nonce'
    // An ES256 signature is drawn anew each time.
    const [one, other] = [signActions(bo, actions, { nonce }), signActions(bo, actions, { nonce })]
    expect(one).not.toBe(other)
    expect(ask(checkTx(one)).code).toBe(0)
    expect(ask(checkTx(other))).toMatchObject({ code: 1, log: 'already_waiting' })
    expect(ask(checkTx(one)).code).toBe(0)
    expect(driver.waiting).toBe(1)
  })

  test('a flood by one sponsor leaves room for another, in the queue and in the block', () => {
    const { ask } = founded({ queue: { transactions: 40, bytes: 1024 * 1024 } })
    const flood = Array.from({ length: 60 }, () => pay(ann))
    const logs = flood.map((transaction) => ask(checkTx(transaction)).log)
    expect(logs.slice(0, 35)).toEqual(Array(35).fill(''))
    expect(new Set(logs.slice(35))).toEqual(new Set(['sponsor_quota']))
    const others = pay(eve)
    expect(ask(checkTx(others)).code).toBe(0)
    // The engine offers first come first served, and has not even got to the other.
    const room = flood.slice(0, 4).reduce((sum, { length }) => sum + length + 4, 0)
    expect(ask(prepare(flood.slice(0, 4), room)).transactions).toContain(others)
  })

  test('what fits is what the engine’s own count admits, and as much of it as there is', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 40 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 400_000 }), (lengths, maxBytes) => {
        const transactions = lengths.map((length) => 'x'.repeat(length))
        const written = (list: readonly string[]) => {
          const writer = BinaryWriter.create()
          for (const one of list) writer.uint32(10).bytes(Buffer.from(one))
          return writer.finish().length
        }
        const fit = fitting(transactions, maxBytes)
        expect(transactions.slice(0, fit.length)).toEqual(fit)
        expect(written(fit)).toBeLessThanOrEqual(maxBytes)
        if (fit.length < transactions.length) {
          expect(written(transactions.slice(0, fit.length + 1))).toBeGreaterThan(maxBytes)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a full disk', () => {
  /** The store as it is, but for commits: the next so many find no room. */
  function fullFor(store: Store, times: { left: number }): Store {
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'commit' && times.left-- > 0) {
          return () => {
            throw new StoreFull('no room')
          }
        }
        const member = Reflect.get(target, name, target) as unknown
        return typeof member === 'function' ? (member.bind(target) as unknown) : member
      },
    })
  }

  test('holds the engine back until there is room, and nothing is lost', async () => {
    const { store } = temporaryStore()
    const times = { left: 0 }
    const { ask, driver, heard } = drive(openDrivenTill(fullFor(store, times), () => nowMs))
    ask(initChain)
    const { appHash } = ask(finalize(1, [pay()]))
    times.left = 3
    const answer = driver.handle(commit)
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toEqual({ call: 'commit' })
    expect(heard.full).toEqual([1, 1, 1, 0])
    expect(hex(store.head()?.agreedHash as Uint8Array)).toBe(hex(appHash))
  })

  test('an engine that is replaced meanwhile finds the block uncommitted and repeats it', async () => {
    const { store } = temporaryStore()
    const times = { left: 0 }
    const { ask, driver, heard } = drive(openDrivenTill(fullFor(store, times), () => nowMs))
    ask(initChain)
    const block = finalize(1, [pay()])
    ask(block)
    times.left = 1
    const answer = driver.handle(commit)
    expect(ask(info)).toMatchObject({ height: 0 })
    ask(block)
    ask(commit)
    expect(await answer).toMatchObject({ call: 'exception' })
    expect(heard.halt).toBeUndefined()
    expect(store.head()?.height).toBe(1)
  })
})

describe('validators', () => {
  const sets = fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 1, max: 9 })))
    .map((entries) => new Map<string, number>(entries))

  test('updates lead from one set to the next, name no key twice and remove nobody unknown', () => {
    fc.assert(
      fc.property(sets, sets, (before, after) => {
        const updates = validatorUpdates(before, after)
        const reached = new Map(before)
        for (const { key, power } of updates) {
          if (power > 0) reached.set(key, power)
          else expect(reached.delete(key)).toBe(true)
        }
        expect(new Set(updates.map(({ key }) => key)).size).toBe(updates.length)
        expect(reached).toEqual(after.size === 0 ? before : after)
      }),
    )
  })

  test('the engine is told of changes when they happen, also when it asks twice', () => {
    const { store } = temporaryStore()
    const application = openDrivenTill(store, () => nowMs)
    const keyOf = (name: string) => Buffer.alloc(32, name).toString('base64url')
    // As rules will: who validates follows from what has been executed so far.
    let executed: readonly string[] = []
    const following = new Proxy(application, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target) as unknown
        if (name !== 'finalizeBlock') return typeof member === 'function' ? (member.bind(target) as unknown) : member
        return (request: ProposedBlock) => {
          executed = request.transactions
          return target.finalizeBlock(request)
        }
      },
    })
    const validators = () =>
      new Map([[keyOf('first'), 1], ...(executed.length > 0 ? ([[keyOf('second'), 2]] as const) : [])])
    const { ask } = drive(following, { validators })
    expect(ask(initChain).validators).toEqual([{ key: keyOf('first'), power: 1 }])
    const block = finalize(1, [pay()])
    for (let turn = 0; turn < 2; turn++) {
      expect(ask(block).validatorUpdates).toEqual([{ key: keyOf('second'), power: 2 }])
    }
    // An engine that comes back before the first block was committed founds once more, and on nothing of that block.
    expect(ask(initChain).validators).toEqual([{ key: keyOf('first'), power: 1 }])
    expect(ask(block).validatorUpdates).toEqual([{ key: keyOf('second'), power: 2 }])
    ask(commit)
    expect(ask(finalize(2, [])).validatorUpdates).toEqual([{ key: keyOf('second'), power: 0 }])
  })
})

describe('snapshots', () => {
  test('are offered, loaded and taken as the application says', () => {
    const { store } = temporaryStore()
    const offer = {
      height: 8,
      chunks: 2,
      hash: Buffer.alloc(32, 7).toString('base64url'),
      metadata: Buffer.from('about'),
    }
    const application = new Proxy(
      openDrivenTill(store, () => nowMs),
      {
        get: (target, name) => {
          if (name === 'listSnapshots') return () => [offer]
          if (name === 'loadSnapshotChunk')
            return (_offer: unknown, index: number) => (index < 2 ? Buffer.from([index]) : undefined)
          if (name === 'offerSnapshot')
            return (_offer: unknown, agreed: string) => (agreed === offer.hash ? 'accept' : 'reject')
          if (name === 'applySnapshotChunk') return (index: number) => ['accept', 'retry', 'reject'][index]
          const member = Reflect.get(target, name, target) as unknown
          return typeof member === 'function' ? (member.bind(target) as unknown) : member
        },
      },
    )
    const { ask } = drive(application)
    const { snapshots } = ask({ call: 'listSnapshots' })
    const [snapshot] = snapshots
    if (snapshot === undefined) throw new Error('A snapshot was offered.')
    expect(snapshot).toMatchObject({ height: 8, format: 1, chunks: 2 })
    const load = (chunk: number, format = 1) => ask({ call: 'loadSnapshotChunk', height: 8, format, chunk }).chunk
    expect([load(1), load(2), load(1, 2)].map(hex)).toEqual(['01', '', ''])
    const offered = (appHash: Uint8Array, format = 1) =>
      ask({ call: 'offerSnapshot', snapshot: { ...snapshot, format }, appHash }).result
    expect([offered(snapshot.hash), offered(Buffer.alloc(32)), offered(snapshot.hash, 9)]).toEqual([
      'accept',
      'reject',
      'reject_format',
    ])
    const apply = (index: number) => ask({ call: 'applySnapshotChunk', index, chunk: Buffer.alloc(1), sender: 'abc' })
    expect(apply(0)).toMatchObject({ result: 'accept', refetch: [], rejectSenders: [] })
    expect(apply(1)).toMatchObject({ result: 'retry', refetch: [1], rejectSenders: ['abc'] })
    expect(apply(2)).toMatchObject({ result: 'reject_snapshot' })
  })

  test('without any, there are none', () => {
    const { ask } = openDriver()
    expect(ask({ call: 'listSnapshots' }).snapshots).toEqual([])
    expect(ask({ call: 'loadSnapshotChunk', height: 1, format: 1, chunk: 0 }).chunk).toHaveLength(0)
  })
})

describe('parcels', () => {
  const recheck = (transaction: string): RequestOf<'checkTx'> => ({ call: 'checkTx', transaction, kind: 'recheck' })
  const proposal = (transactions: readonly string[]) => ({ ...blockOf(1, transactions), maxBytes: 1024 * 1024 })

  test('are kept while one of their transactions waits, and refused when all are logged', () => {
    const { ask } = openDriver()
    ask(initChain)
    const [ours, theirs] = [pay(), pay(bo)]
    const parcel = `${ours}\n${theirs}`
    expect(ask(checkTx(parcel))).toMatchObject({ code: 0 })
    ask(finalize(1, [ours]))
    ask(commit)
    expect(ask(recheck(parcel))).toMatchObject({ code: 0 })
    ask(finalize(2, [theirs]))
    ask(commit)
    expect(ask(recheck(parcel))).toMatchObject({ code: 1 })
    expect(ask(checkTx(parcel))).toMatchObject({ code: 1 })
  })

  test('are unpacked into a proposal, those included that never came by here', () => {
    const { ask } = openDriver()
    ask(initChain)
    const [ours, theirs] = [pay(), pay(bo)]
    ask(checkTx(`${ours}\n${theirs}`))
    const call = 'prepareProposal'
    expect(ask({ call, ...proposal([`${ours}\n${theirs}`]) }).transactions).toEqual([ours, theirs])
    // An entry that was judged by nobody here brings nothing that was not judged.
    expect(ask({ call, ...proposal([`${theirs}\n${pay(eve)}`]) }).transactions).toEqual([ours, theirs])
  })

  test('have no place in a block: a proposal is rejected, and a decided one gives no leaf', () => {
    const { ask } = openDriver()
    ask(initChain)
    const parcel = `${pay()}\n${pay(bo)}`
    expect(ask({ call: 'processProposal', ...blockOf(1, [parcel]) })).toMatchObject({ status: 'reject' })
    expect(ask(finalize(1, [parcel])).results.map(({ log }) => log)).toEqual(['envelope_malformed'])
  })

  test('that are damaged, or good for nothing, are refused, and each transaction is told why', () => {
    const told: string[] = []
    const heard: Heard = { confirmed: [], full: [], halt: undefined, handshakes: 0 }
    const listener = { ...listenerInto(heard), onRefused: (_text: string, code: string) => told.push(code) }
    const { ask } = openDriver({ listener })
    ask(initChain)
    expect(ask(checkTx('\n'))).toMatchObject({ code: 1, log: 'parcel_malformed' })
    expect(ask(checkTx(`${pay()}\n`))).toMatchObject({ code: 1, log: 'parcel_malformed' })
    expect(ask(checkTx('noise\nmore noise'))).toMatchObject({ code: 1, log: 'parcel_settled' })
    expect(told).toEqual(['envelope_malformed', 'envelope_malformed'])
    const good = pay()
    expect(ask(checkTx(`${good}\nnoise`))).toMatchObject({ code: 0 })
    expect(told).toHaveLength(3)
    expect(ask({ call: 'prepareProposal', ...proposal([]) }).transactions).toEqual([good])
  })
})
