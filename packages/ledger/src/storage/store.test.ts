import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTreeHasher, treeRoot } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BlockToStore, LeafEntry, Store } from './face.ts'
import { openStore } from './store.ts'
import { openStoreReader } from './store-reader.ts'
import { createBlockMaker } from './test-blocks.ts'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'chengxin-store-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))

test('an empty store has no head, and continues after it is opened again', () => {
  const make = createBlockMaker()
  const blocks = [
    make({ leaves: 0, writes: [{ key: 'a/b/c', value: '{"n":1}' }] }),
    make({ leaves: 3 }),
    make({ leaves: 0 }),
  ]
  let store = openStore(directory, { createFresh: true })
  expect(store.head()).toBeUndefined()
  store.commit(blocks[0] as BlockToStore)
  store.close()
  store = openStore(directory, { createFresh: false })
  expect(store.head()).toEqual(blocks[0]?.head)
  store.commit(blocks[1] as BlockToStore)
  store.commit(blocks[2] as BlockToStore)
  const reader = openStoreReader(directory)
  for (const from of [store, reader]) {
    expect(from.head()).toEqual(blocks[2]?.head)
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
  fc.record({ key: fc.constantFrom(...keys), value: fc.option(fc.string(), { nil: undefined }) }),
  { selector: ({ key }) => key },
)
const plans = fc.array(fc.record({ leaves: fc.nat(40), writes }), { minLength: 1, maxLength: 12 })

test('what was committed is read back, by the writer and by a reader, and after reopening', () => {
  let run = 0
  fc.assert(
    fc.property(plans, (history) => {
      const place = join(directory, String(run++))
      const make = createBlockMaker()
      const blocks = history.map(make)
      const store = openStore(place, { createFresh: true })
      for (const block of blocks) {
        expect(Buffer.from(store.rootAfter(block.leaves.map(({ leafHash }) => leafHash)))).toEqual(
          Buffer.from(block.head.root),
        )
        store.commit(block)
      }
      expectModel(store, blocks)
      store.close()
      const reopened = openStore(place, { createFresh: false })
      expectModel(reopened, blocks)
      reopened.close()
    }),
    { numRuns: 25 },
  )
})

function expectModel(store: Store, blocks: readonly BlockToStore[]): void {
  const rows = new Map(blocks.flatMap(({ writes }) => writes.map(({ key, value }) => [key, value] as const)))
  for (const key of keys) expect(store.row(key)).toBe(rows.get(key))
  const leaves = blocks.flatMap(({ leaves }) => leaves)
  for (const [index, leaf] of leaves.entries()) {
    expect(store.leafIndexOf(leaf.transactionId)).toBe(index)
    expect(Buffer.from(store.leaf(index)?.leaf ?? [])).toEqual(leaf.leaf)
    expect(Buffer.from(store.leaf(index)?.events ?? [])).toEqual(leaf.events)
    expect(store.usedNonce(leaf.nonceKey)).toEqual({
      leafIndex: index,
      untilMs: leaf.nonceUntilMs,
      transactionId: new Uint8Array(leaf.transactionId),
    })
  }
  const hasher = createTreeHasher(sha256)
  const read = (level: number, index: number) => store.nodeHash(level, index)
  expect(Buffer.from(treeRoot(hasher, read, leaves.length))).toEqual(Buffer.from(blocks.at(-1)?.head.root ?? []))
  for (const block of blocks) expect(store.block(block.head.height)?.leaves.length).toBe(block.leaves.length)
}

test('an id that only shares its beginning with a known one is unknown', () => {
  const store = openStore(directory, { createFresh: true })
  const block = createBlockMaker()({ leaves: 2 })
  store.commit(block)
  const forged = new Uint8Array((block.leaves[1] as LeafEntry).transactionId)
  forged[31] = (forged[31] as number) ^ 1
  expect(store.leafIndexOf(forged)).toBeUndefined()
  store.close()
})
