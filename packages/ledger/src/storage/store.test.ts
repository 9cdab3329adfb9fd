import * as fs from 'node:fs'
import { join } from 'node:path'
import { createTreeHasher, treeRoot } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BlockToStore, LeafEntry, Store, StoreReader } from './face.ts'
import { checkPages } from './lmdb-pages.ts'
import { openStateSettler, openStore } from './store.ts'
import { openStoreReader } from './store-reader.ts'
import { type BlockPlan, createBlockMaker, makeTestDirectory } from './test-blocks.ts'

// Disks and machines differ; nothing here is about time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let directory: string
beforeEach(() => {
  directory = makeTestDirectory()
})
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))

test('an empty store has no head, and continues after it is opened again', () => {
  const make = createBlockMaker()
  const [genesis, second, third] = [
    make({ leaves: 0, writes: [{ key: 'a/b/c', value: '{"n":1}' }] }),
    make({ leaves: 3 }),
    make({ leaves: 0 }),
  ]
  expect(() => openStore(directory, { createFresh: false })).toThrow('There is no store')
  let store = openStore(directory, { createFresh: true })
  expect(store.head()).toBeUndefined()
  expect(store.row('a/b/c')).toBeUndefined()
  store.commit(genesis)
  store.close()
  store = openStore(directory, { createFresh: false })
  expect(store.head()).toEqual(genesis.head)
  store.commit(second)
  store.commit(third)
  const reader = openStoreReader(directory)
  for (const from of [store, reader]) {
    expect(from.head()).toEqual(third.head)
    expect(Buffer.from(from.block(0)?.genesisEvents ?? []).toString()).toBe('[{"type":"test.founded"}]')
    expect(from.row('a/b/c')).toBe('{"n":1}')
    expect(from.leaf(3)).toBeUndefined()
    expect(from.block(3)).toBeUndefined()
  }
  reader.close()
  store.close()
})

const keys = ['points/accounts/one', 'points/accounts/two', 'identity/dids/did:weid:test:0x00', 'a/b/城']
const writes = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...keys), value: fc.option(fc.string({ minLength: 1 }), { nil: undefined }) }),
  { selector: ({ key }) => key },
)
/** What happens between blocks: nothing, settling by the writer or by another, opening the store again. */
const between = fc.constantFrom('nothing', 'nothing', 'settle', 'settleElsewhere', 'reopen')
const histories = fc.array(fc.record({ leaves: fc.nat(40), writes, between }), { minLength: 1, maxLength: 12 })

test('whatever was settled in between, the writer and every reader see exactly what was committed', () => {
  let run = 0
  fc.assert(
    fc.property(histories, (history) => {
      const place = join(directory, String(run++))
      const make = createBlockMaker()
      let store = openStore(place, { createFresh: true })
      const patient = openStoreReader(place)
      let informed = openStoreReader(place, store.commits)
      const blocks: BlockToStore[] = []
      for (const { between, ...plan } of history) {
        const block = make(plan)
        const root = store.rootAfter(block.leaves.map(({ leafHash }) => leafHash))
        expect(Buffer.from(root)).toEqual(Buffer.from(block.head.root))
        store.commit(block)
        blocks.push(block)
        if (between === 'settle') store.settle()
        if (between === 'settleElsewhere') settleElsewhere(place)
        if (between === 'reopen') {
          store.close()
          store = openStore(place, { createFresh: false })
          informed.close()
          informed = openStoreReader(place, store.commits)
        } else if (blocks.length % 3 === 0) expectBlocks(informed, blocks)
      }
      expectBlocks(store, blocks)
      expectBlocks(patient, blocks)
      patient.close()
      informed.close()
      store.close()
    }),
    { numRuns: 40 },
  )
})

function settleElsewhere(place: string): void {
  const settler = openStateSettler(place)
  settler.settle()
  settler.close()
}

function expectBlocks(store: StoreReader, blocks: readonly BlockToStore[]): void {
  expect(store.head()).toEqual(blocks.at(-1)?.head)
  const rows = new Map(blocks.flatMap(({ writes }) => writes.map(({ key, value }) => [key, value] as const)))
  for (const key of keys) expect(store.row(key)).toBe(rows.get(key))
  const leaves = blocks.flatMap(({ leaves }) => leaves)
  for (const [index, leaf] of leaves.entries()) {
    const found = store.leaf(index)
    const used = { leafIndex: index, untilMs: leaf.nonceUntilMs, transactionId: new Uint8Array(leaf.transactionId) }
    if (store.leafIndexOf(leaf.transactionId) !== index) throw new Error(`Leaf ${index} is not found by its id.`)
    if (Buffer.compare(found?.leaf ?? Buffer.alloc(0), leaf.leaf) !== 0) throw new Error(`Leaf ${index} differs.`)
    if (Buffer.compare(found?.events ?? Buffer.alloc(0), leaf.events) !== 0) throw new Error(`Events ${index} differ.`)
    if (index % 7 === 0) expect(store.usedNonce(leaf.nonceKey)).toEqual(used)
  }
  const read = (level: number, index: number) => store.nodeHash(level, index)
  const root = treeRoot(createTreeHasher(sha256), read, leaves.length)
  expect(Buffer.from(root)).toEqual(Buffer.from(blocks.at(-1)?.head.root ?? []))
  for (const block of blocks) expect(store.block(block.head.height)?.leaves.length).toBe(block.leaves.length)
}

test('an id that only shares its beginning with a known one is unknown', () => {
  const store = openStore(directory, { createFresh: true })
  const block = createBlockMaker()({ leaves: 2 })
  store.commit(block)
  const forged = new Uint8Array((block.leaves[1] as LeafEntry).transactionId)
  forged[31] = (forged[31] as number) ^ 1
  for (const step of [() => {}, () => store.settle()]) {
    step()
    expect(store.leafIndexOf(forged)).toBeUndefined()
  }
  store.close()
})

test('a block that does not continue the log is refused before anything is written', () => {
  const make = createBlockMaker()
  const blocks = [{ leaves: 0 }, { leaves: 2 }, { leaves: 2 }].map(make) as [BlockToStore, BlockToStore, BlockToStore]
  const store = openStore(directory, { createFresh: true })
  store.commit(blocks[0])
  expect(() => store.commit(blocks[2])).toThrow('does not follow')
  expect(() => store.commit({ ...blocks[1], leaves: blocks[1].leaves.slice(1) })).toThrow('is not the log')
  expect(() => store.commit({ ...blocks[1], head: { ...blocks[1].head, root: new Uint8Array(32) } })).toThrow('root')
  store.commit(blocks[1])
  store.commit(blocks[2])
  expectBlocks(store, blocks)
  store.close()
})

test('nonces are remembered through the window and forgotten some time after', () => {
  const minute = 60_000
  const start = 1_790_000_000_000
  const make = createBlockMaker()
  const store = openStore(directory, { createFresh: true })
  const at = (minutes: number, plan: BlockPlan): BlockToStore => {
    const block = make({ ...plan, timeMs: start + minutes * minute })
    store.commit(block)
    store.settle()
    return block
  }
  at(0, { leaves: 0 })
  const { nonceKey } = at(1, { leaves: 1 }).leaves[0] as LeafEntry
  for (const minutes of [5, 10, 11]) {
    at(minutes, { leaves: 1 })
    expect(store.usedNonce(nonceKey)?.leafIndex).toBe(0)
  }
  for (const minutes of [20, 30, 40]) at(minutes, { leaves: 1 })
  expect(store.usedNonce(nonceKey)).toBeUndefined()
  store.close()
})

test('a nonce that is used again after it expired leads to its newer leaf', () => {
  const make = createBlockMaker()
  const store: Store = openStore(directory, { createFresh: true })
  const blocks = [make({ leaves: 1 }), make({ leaves: 1, timeMs: 1_790_000_000_000 + 660_000 })]
  const [first, second] = blocks as [BlockToStore, BlockToStore]
  const { nonceKey } = first.leaves[0] as LeafEntry
  store.commit(first)
  store.settle()
  store.commit({ ...second, leaves: second.leaves.map((leaf) => ({ ...leaf, nonceKey })) })
  expect(store.usedNonce(nonceKey)?.leafIndex).toBe(1)
  store.settle()
  expect(store.usedNonce(nonceKey)?.leafIndex).toBe(1)
  store.close()
})

function heldHeights(): number[] {
  const heights: number[] = []
  checkPages(
    join(directory, 'state/recent/data.mdb'),
    (table, key) => table === 'changes' && heights.push(key.readUIntBE(0, 6)),
    ({ sentence }) => expect(sentence).toBeUndefined(),
  )
  return heights
}

test('changes that were settled by a process that ended are let go of by the next', () => {
  const make = createBlockMaker()
  const store = openStore(directory, { createFresh: true })
  for (let height = 0; height < 4; height++) store.commit(make({ leaves: 2 }))
  store.settle()
  store.close()
  expect(heldHeights()).toEqual([0, 1, 2, 3])
  const next = openStore(directory, { createFresh: false })
  next.commit(make({ leaves: 1 }))
  expect(heldHeights()).toEqual([4])
  next.close()
})

test('changes that have gathered are settled by the next commit, and then let go of', () => {
  const make = createBlockMaker()
  const store = openStore(directory, { createFresh: true })
  const blocks = Array.from({ length: 14 }, () => make({ leaves: 3000, bytes: 10 }))
  for (const block of blocks) store.commit(block)
  const gathered = heldHeights()
  expect(gathered.length).toBeLessThan(5)
  expect(gathered.at(-1)).toBe(13)
  for (const [index, { transactionId }] of blocks.flatMap(({ leaves }) => leaves).entries()) {
    if (index % 211 === 0) expect(store.leafIndexOf(transactionId)).toBe(index)
  }
  store.close()
})

test('a reader sees rows and heads as they were before the newest block, as far as nobody has settled it', () => {
  const make = createBlockMaker()
  const key = 'points/accounts/one'
  const plans: BlockPlan[] = [
    { leaves: 0, writes: [{ key, value: '1' }] },
    { leaves: 2, writes: [{ key, value: '2' }] },
    { leaves: 1, writes: [{ key, value: undefined }] },
    { leaves: 1, writes: [{ key: 'a/b/c', value: 'x' }] },
  ]
  const blocks = plans.map((plan) => make(plan))
  const store = openStore(directory, { createFresh: true, isSettledElsewhere: true })
  for (const block of blocks) store.commit(block)
  const settler = openStateSettler(directory)
  settler.settle(undefined, 1)
  const reader = openStoreReader(directory, store.commits)
  for (const from of [store, reader]) {
    expect([1, 2, 3].map((height) => from.row(key, height))).toEqual(['2', undefined, undefined])
    expect([1, 2, 3].map((height) => from.row('a/b/c', height))).toEqual([undefined, undefined, 'x'])
    for (const { head } of blocks) expect(from.headAt(head.height)).toEqual(head)
    expect(from.headAt(4)).toBeUndefined()
  }
  reader.close()
  settler.close()
  store.close()
})
