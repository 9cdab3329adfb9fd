/**
 * The program that storage.test.ts kills: commits made-up blocks that follow from their height alone, tells each on its
 * output once it is committed, and checks on its start that everything it told before is there. Its second argument says
 * who settles, `here` or `elsewhere`, or what else to do: `fill` the disk, compare the state `roots`.
 */
import * as fs from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type BlockToStore, type Store, StoreFull, type StoreReader } from '../../packages/ledger/src/storage/face.ts'
import { openStateSettler, openStore } from '../../packages/ledger/src/storage/store.ts'
import { openStoreReader } from '../../packages/ledger/src/storage/store-reader.ts'
import { createBlockMaker } from '../../packages/ledger/src/storage/test-blocks.ts'

const boundaryEvery = 5

/** Pseudo-random, by height and purpose: the same in every life of the program. */
function chance(height: number, purpose: number, below: number): number {
  let value = Math.imul(height + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3ce1)
  return ((value ^ (value >>> 13)) >>> 0) % below
}

function planOf(height: number) {
  const writes = Array.from({ length: chance(height, 0, 60) }, (_, index) => {
    const key = `points/accounts/account_${chance(height, 100 + index, 400)}`
    return { key, value: chance(height, 200 + index, 10) === 0 ? undefined : `{"height":${height},"index":${index}}` }
  })
  const last = new Map(writes.map((write) => [write.key, write]))
  const leaves = chance(height, 1, 8) === 0 ? 0 : chance(height, 2, 120)
  const isBoundary = height % boundaryEvery === boundaryEvery - 1 && leaves > 0
  return { leaves, writes: [...last.values()], ...(isBoundary && { boundary: true as const }) }
}

function tell(text: string): void {
  fs.writeSync(1, `${text}\n`)
}

/** Everything that was ever told must follow from the heights; whatever is there must be that and nothing else. */
function expectHistory(store: Store, blocks: readonly BlockToStore[]): void {
  const rows = new Map(blocks.flatMap(({ writes }) => writes.map(({ key, value }) => [key, value] as const)))
  for (const [key, value] of rows) if (store.row(key) !== value) fail(`row ${key} is ${store.row(key)}, not ${value}`)
  for (const [index, leaf] of blocks.flatMap(({ leaves }) => leaves).entries()) {
    if (store.leafIndexOf(leaf.transactionId) !== index) fail(`leaf ${index} is not found by its transaction`)
    if (index % 13 === 0 && store.usedNonce(leaf.nonceKey)?.leafIndex !== index) fail(`nonce of leaf ${index}`)
    if (Buffer.compare(store.leaf(index)?.leaf ?? Buffer.alloc(0), leaf.leaf) !== 0) fail(`leaf ${index} differs`)
  }
}

function fail(sentence: string): never {
  tell(`wrong ${sentence}`)
  process.exit(1)
}

function run(directory: string, settle: string, acknowledged: number): void {
  const store = openStore(directory, { createFresh: true, isSettledElsewhere: settle === 'elsewhere' })
  const make = createBlockMaker()
  const height = store.head()?.height ?? -1
  if (height < acknowledged) fail(`height ${height} is below the acknowledged ${acknowledged}`)
  const blocks = Array.from({ length: height + 1 }, (_, at) => make(planOf(at)))
  const head = JSON.stringify(store.head(), hexBytes)
  const expected = JSON.stringify(blocks.at(-1)?.head, hexBytes)
  if (head !== expected) fail(`the head is ${head}, not ${expected}`)
  expectHistory(store, blocks)
  tell(`ready ${height}`)
  const settler = settle === 'elsewhere' ? startThread({ task: 'settle', directory }) : undefined
  if (settle === 'elsewhere') {
    startThread({ task: 'read', directory, commits: store.commits })
    startThread({ task: 'read', directory })
  }
  const next = (at: number): void => {
    store.commit(make(planOf(at)))
    tell(`committed ${at}`)
    settler?.postMessage('settle')
    if (!settler && chance(at, 3, 4) === 0) store.settle()
    setImmediate(next, at + 1)
  }
  next(height + 1)
}

/** Commits until the disk is full, reads everything, and goes on once it is told that there is room again. */
async function fill(directory: string): Promise<void> {
  const store = openStore(directory, { createFresh: true })
  const make = createBlockMaker()
  const blocks = Array.from({ length: (store.head()?.height ?? -1) + 1 }, (_, at) => make(planOf(at)))
  expectHistory(store, blocks)
  let next = make(planOf(blocks.length))
  while (commits(store, next)) {
    blocks.push(next)
    next = make(planOf(blocks.length))
  }
  for (let again = 0; again < 3; again++) {
    if (commits(store, next)) fail('a block was committed to a full disk')
    expectHistory(store, blocks)
  }
  tell(`full ${blocks.length}`)
  await new Promise((resolve) => process.stdin.once('data', resolve))
  for (let more = 0; more < 5; more++) {
    if (!commits(store, next)) fail('there is room again and a block was not committed')
    blocks.push(next)
    next = make(planOf(blocks.length))
  }
  store.settle()
  expectHistory(store, blocks)
  store.close()
  tell('continued')
  process.exit(0)
}

function commits(store: Store, block: BlockToStore): boolean {
  try {
    store.commit(block)
    return true
  } catch (error) {
    if (error instanceof StoreFull) return false
    throw error
  }
}

/** Every state root is the one that a store without mishaps has. */
function compareRoots(directory: string): void {
  const store = openStore(directory, { createFresh: false })
  store.settle()
  const undisturbed = openStore(`${directory}-undisturbed`, { createFresh: true })
  const make = createBlockMaker()
  let roots = 0
  for (let height = 0; height <= (store.head()?.height ?? -1); height++) {
    const block = make(planOf(height))
    undisturbed.commit(block)
    if (!block.boundary) continue
    undisturbed.settle()
    const [root, expected] = [store, undisturbed].map((either) => either.stateRootAt(block.head.size))
    if (!root || !expected || Buffer.compare(root, expected) !== 0) fail(`the state root at ${block.head.size}`)
    roots++
  }
  tell(`roots ${roots}`)
  process.exit(0)
}

interface ThreadTask {
  readonly task: 'settle' | 'read'
  readonly directory: string
  readonly commits?: SharedArrayBuffer
}

function startThread(workerData: ThreadTask): Worker {
  const worker = new Worker(new URL(import.meta.url), { workerData })
  worker.on('error', (error) => fail(`in a thread: ${String(error)}`))
  worker.on('message', (sentence: string) => fail(sentence))
  return worker
}

/** Reads beside the writer without end: nothing older than the head that was seen before. */
function readOn(store: StoreReader, complain: (sentence: string) => void): void {
  const written = new Map<string, number>()
  let known = -1
  const look = (round: number): void => {
    const head = store.head()
    for (; head && known < head.height; known++) {
      for (const { key } of planOf(known + 1).writes) written.set(key, known + 1)
    }
    for (let index = 0; index < 20; index++) {
      const key = `points/accounts/account_${chance(round, index, 400)}`
      const { height } = JSON.parse(store.row(key) ?? '{"height":1e9}') as { height: number }
      if (height < (written.get(key) ?? 0)) complain(`row ${key} is of height ${height}, not ${written.get(key)}`)
    }
    if (head && head.size > 0 && !store.leaf(head.size - 1)) complain(`leaf ${head.size - 1} cannot be read`)
    if (head && head.size > 0) store.nodeHash(0, head.size - 1)
    setImmediate(look, round + 1)
  }
  look(0)
}

function hexBytes(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

if (isMainThread) {
  const [directory = '', what = '', acknowledged = '-1'] = process.argv.slice(2)
  if (what === 'fill') void fill(directory)
  else if (what === 'roots') compareRoots(directory)
  else run(directory, what, Number(acknowledged))
} else {
  const { task, directory, commits } = workerData as ThreadTask
  if (task === 'read') readOn(openStoreReader(directory, commits), (sentence) => parentPort?.postMessage(sentence))
  else {
    const settler = openStateSettler(directory)
    parentPort?.on('message', () => settler.settle())
  }
}
