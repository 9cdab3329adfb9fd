import * as fs from 'node:fs'
import { join } from 'node:path'
import { equalBytes } from '@chengxin/kernel'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type BlockToStore, type Damage, StoreDamaged, type StoreReader } from './face.ts'
import { checkPages } from './lmdb-pages.ts'
import { scrub } from './scrub.ts'
import { openStore } from './store.ts'
import { openStoreReader } from './store-reader.ts'
import { createBlockMaker, makeTestDirectory } from './test-blocks.ts'

// Disks and machines differ; nothing here is about time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let directory: string
/** A store that was closed, and what was committed to it. Tests work on copies. */
let original: string
let blocks: BlockToStore[]

beforeAll(() => {
  directory = makeTestDirectory()
  original = join(directory, 'original')
  const make = createBlockMaker()
  const store = openStore(original, { createFresh: true })
  blocks = Array.from({ length: 8 }, (_, height) => {
    const writes = Array.from({ length: 12 }, (_, index) => ({
      key: `points/accounts/account_${(height * 5 + index) % 30}`,
      value: (height + index) % 6 === 0 ? undefined : `{"height":${height}}`,
    }))
    return make({ leaves: height === 0 ? 0 : 3, bytes: 20, writes, ...(height === 4 && { boundary: true as const }) })
  })
  for (const [height, block] of blocks.entries()) {
    store.commit(block)
    if (height === 5) store.settle()
  }
  store.close()
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

let place: string
let copies = 0
beforeEach(() => {
  place = copyOf(original)
})

function copyOf(store: string): string {
  const copy = join(directory, `copy-${copies++}`)
  fs.cpSync(store, copy, { recursive: true })
  return copy
}

test('a store without damage has nothing to report, while it is open too', () => {
  const told: string[] = []
  expect(scrub(place, { onProgress: ({ part }) => told.push(part) })).toEqual([])
  expect([...new Set(told)].sort()).toEqual(['log', 'recent', 'settled', 'tree'])
  const store = openStore(place, { createFresh: false })
  expect(scrub(place, { isLive: true })).toEqual([])
  store.close()
})

test('a log whose state is gone is not taken for an empty store', () => {
  const log = () => fs.readdirSync(join(place, 'log')).map((name) => fs.readFileSync(join(place, 'log', name)).length)
  const before = log()
  fs.rmSync(join(place, 'state'), { recursive: true })
  expect(() => openStore(place, { createFresh: true })).toThrow(/state_damaged.*replay --rebuild/)
  expect(log()).toEqual(before)
})

/** Everything that can be asked, each either as committed or damaged: a wrong answer is a mistake of ours. */
function readAll(store: StoreReader, from: readonly BlockToStore[] = blocks): { readonly damaged: number } {
  let damaged = 0
  const ask = (name: string, question: () => boolean) => {
    try {
      if (!question()) throw new Error(`${name} is wrong.`)
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error
      damaged++
    }
  }
  const rows = new Map(
    from.length < blocks.length
      ? []
      : blocks.flatMap(({ writes }) => writes.map(({ key, value }) => [key, value] as const)),
  )
  for (const [key, value] of rows) ask(`row ${key}`, () => store.row(key) === value)
  for (const [index, leaf] of from.flatMap(({ leaves }) => leaves).entries()) {
    ask(`leaf ${index}`, () => isSame(store.leaf(index)?.leaf, leaf.leaf))
    ask(`events ${index}`, () => isSame(store.leaf(index)?.events, leaf.events))
    ask(`id ${index}`, () => store.leafIndexOf(leaf.transactionId) === index)
    ask(`nonce ${index}`, () => store.usedNonce(leaf.nonceKey)?.leafIndex === index)
    ask(`hash ${index}`, () => isSame(store.nodeHash(0, index), leaf.leafHash))
  }
  for (const { head, genesisEvents } of from) {
    ask(`block ${head.height}`, () => store.block(head.height)?.size === head.size)
    if (genesisEvents) ask('genesis', () => isSame(store.block(head.height)?.genesisEvents, genesisEvents))
  }
  ask('tile', () =>
    isSame(store.tile('tile/0/000.p/21'), Buffer.concat(blocks.flatMap((b) => b.leaves.map((l) => l.leafHash)))),
  )
  return { damaged }
}

function isSame(bytes: Uint8Array | undefined, expected: Uint8Array): boolean {
  return bytes !== undefined && equalBytes(bytes, expected)
}

function flip(path: string, at: number, bit: number): void {
  const file = fs.openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  fs.readSync(file, byte, 0, 1, at)
  byte[0] = (byte[0] as number) ^ (1 << bit)
  fs.writeSync(file, byte, 0, 1, at)
  fs.closeSync(file)
}

/** Opens and reads; what was found, at the start or when reading. */
function openAndRead(): number {
  let store: StoreReader
  try {
    store = openStore(place, { createFresh: false })
  } catch (error) {
    if (!(error instanceof StoreDamaged)) throw error
    expect(error.message).toMatch(/: (log|tiles|state)\/.* at .*\. .*\./)
    return 1
  }
  try {
    return readAll(store).damaged
  } finally {
    store.close()
  }
}

test('every byte of the log that is flipped is found by reading, never served, and by the scrub', () => {
  const store = openStoreReader(place)
  const path = join(place, 'log/000000000000.seg')
  const first = blocks.slice(0, 2)
  // Two blocks have every kind of byte there is.
  const lastEvents = Buffer.from(first[1]?.leaves.at(-1)?.events ?? [])
  const end = fs.readFileSync(path).indexOf(lastEvents) + lastEvents.length
  for (let at = 0; at < end; at++) {
    flip(path, at, at % 8)
    expect(readAll(store, first).damaged, `byte ${at}`).toBeGreaterThan(0)
    if (at % 64 === 0) expect(codesOf(scrub(place)), `byte ${at}`).toContain('log_damaged')
    flip(path, at, at % 8)
  }
  expect(readAll(store)).toEqual({ damaged: 0 })
  expect(scrub(place)).toEqual([])
  store.close()
})

function codesOf(damages: readonly Damage[]): string[] {
  return damages.map(({ code }) => code)
}

test('a flipped byte of the tree is found by scrub and by reading, unless it was written again at the start', () => {
  const path = join(place, 'tiles/0')
  const { size } = fs.statSync(path)
  expect(size).toBe(21 * 32)
  for (let at = 0; at < size; at += 23) {
    flip(path, at, at % 8)
    expect(codesOf(scrub(place)), `byte ${at}`).toEqual(['tile_damaged'])
    // The leaves of the two newest blocks are not settled, so that their hashes are still among the recent changes.
    if (at < 15 * 32) expect(openAndRead(), `byte ${at}`).toBeGreaterThan(0)
    else expect(openAndRead(), `byte ${at}`).toBe(0)
    if (at < 15 * 32) flip(path, at, at % 8)
  }
  expect(scrub(place)).toEqual([])
})

type Entry = readonly [table: string, key: string, value: string]

function entriesOf(path: string): { readonly entries: Entry[]; readonly problems: number } {
  const entries: Entry[] = []
  let problems = 0
  checkPages(
    path,
    (table, key, value) => entries.push([table, key.toString('hex'), value.toString('hex')]),
    () => problems++,
  )
  return { entries, problems }
}

test.each(['recent', 'settled'])(
  'a flipped byte of state/%s is found by the scrub, or changes nothing',
  (name) => {
    const path = join(place, 'state', name, 'data.mdb')
    const before = entriesOf(path)
    expect(before.problems).toBe(0)
    expect(before.entries.length).toBeGreaterThan(10)
    const { size } = fs.statSync(path)
    let found = 0
    // The first pages are all of the structure's roots; the rest is sampled.
    for (let at = 0; at < size; at += at < 16_384 ? 31 : 4093) {
      flip(path, at, at % 8)
      const after = entriesOf(path)
      const isChanged = after.problems > 0 || JSON.stringify(after.entries) !== JSON.stringify(before.entries)
      if (isChanged) {
        expect(scrub(place).length, `byte ${at}`).toBeGreaterThan(0)
        found++
      }
      flip(path, at, at % 8)
    }
    expect(found).toBeGreaterThan(10)
  },
  120_000,
)

/** Where the bytes stand in a file, for the newest time: older versions of a page stay until it is used again. */
function placesOf(path: string, bytes: string): number[] {
  const contents = fs.readFileSync(path)
  const places: number[] = []
  for (let at = contents.indexOf(bytes); at !== -1; at = contents.indexOf(bytes, at + 1)) places.push(at)
  return places
}

test.each(['value', 'key'])('a row whose %s was flipped is damaged, never another value and never absent', (what) => {
  const path = join(place, 'state/settled/data.mdb')
  const key = 'points/accounts/account_25'
  for (const at of placesOf(path, key)) flip(path, what === 'key' ? at + 24 : at + key.length + 5, 1)
  const store = openStore(place, { createFresh: false })
  expect(() => store.row(key)).toThrow(StoreDamaged)
  store.close()
})

test('a state database that went back by a commit is not taken for a killed commit', () => {
  const older = copyOf(original)
  const store = openStore(place, { createFresh: false })
  const make = createBlockMaker()
  for (let height = 0; height < 8; height++) make({ leaves: height === 0 ? 0 : 3, bytes: 20 })
  store.commit(make({ leaves: 2 }))
  store.close()
  fs.copyFileSync(join(older, 'state/recent/data.mdb'), join(place, 'state/recent/data.mdb'))
  const logBefore = fs.statSync(join(place, 'log/000000000000.seg')).size
  expect(() => openStore(place, { createFresh: false })).toThrow(/Block 8 was acknowledged/)
  expect(fs.statSync(join(place, 'log/000000000000.seg')).size).toBe(logBefore)
})

test('a commit that was killed leaves nothing, wherever it was killed', () => {
  const make = createBlockMaker()
  for (const [height] of blocks.entries()) make({ leaves: height === 0 ? 0 : 3, bytes: 20 })
  const next = make({ leaves: 3, bytes: 20 })
  const committed = copyOf(original)
  const store = openStore(committed, { createFresh: false })
  store.commit(next)
  store.close()
  const log = fs.readFileSync(join(committed, 'log/000000000000.seg'))
  const tiles = fs.readFileSync(join(committed, 'tiles/0'))
  const start = fs.statSync(join(original, 'log/000000000000.seg')).size
  for (let length = start; length <= log.length; length += 5) {
    fs.writeFileSync(join(place, 'log/000000000000.seg'), log.subarray(0, length))
    fs.writeFileSync(join(place, 'tiles/0'), tiles.subarray(0, tiles.length - (length % 97)))
    const reopened = openStore(place, { createFresh: false })
    expect(readAll(reopened)).toEqual({ damaged: 0 })
    expect(reopened.head()).toEqual(blocks.at(-1)?.head)
    reopened.close()
    expect(fs.statSync(join(place, 'log/000000000000.seg')).size).toBe(start)
  }
  const continued = openStore(place, { createFresh: false })
  continued.commit(next)
  expect(continued.head()).toEqual(next.head)
  continued.close()
  expect(scrub(place)).toEqual([])
})

test('a log or tree that lost committed bytes is damaged', () => {
  const path = join(place, 'log/000000000000.seg')
  const { size } = fs.statSync(path)
  fs.truncateSync(path, size - 1)
  expect(() => openStore(place, { createFresh: false })).toThrow(/log\/000000000000.seg at byte \d+/)
  place = copyOf(original)
  fs.truncateSync(join(place, 'tiles/0'), 14 * 32)
  expect(openAndRead()).toBeGreaterThan(0)
})

test('hashes of the tree that never reached the disk are written again', () => {
  const path = join(place, 'tiles/0')
  for (const leaves of [15, 16, 20]) {
    fs.truncateSync(path, leaves * 32)
    expect(scrub(place)).toEqual([])
    expect(openAndRead()).toBe(0)
    expect(scrub(place)).toEqual([])
  }
})
