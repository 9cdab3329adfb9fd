import * as fs from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, expectOk, fromUtf8, isRefusal, type Refusal, toBase64url } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ArchiveFace, type ArchiveOptions } from '../../pipeline/archive-face.ts'
import { checksum } from '../checksum.ts'
import type { BlockToStore, LeafEntry, SettledBoundary, Store, StoredHead, StoreHistory } from '../face.ts'
import { StoreIncomplete } from '../face.ts'
import { scrub } from '../scrub.ts'
import { openStateSettler, openStore } from '../store.ts'
import { createBlockMaker, makeTestDirectory } from '../test-blocks.ts'
import { type AgreedBoundary, readManifest, type SnapshotManifest } from './manifest.ts'
import { SnapshotRestore } from './restore.ts'
import { encodeRow } from './row-chunk.ts'
import { listSnapshots, loadSnapshotChunk, pruneSnapshots } from './stored-snapshots.ts'

// Disks and machines differ; nothing here is about time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const group = toBase64url(sha256(Buffer.from('a group')))
const minute = 60_000
const start = 1_790_000_000_000

let directory: string
let member: Store & StoreHistory
let blocks: BlockToStore[]
let boundary: BlockToStore
let agreed: AgreedBoundary

/** Many leaves long ago, a few within the window, a boundary, and a few after it. */
function history(): BlockToStore[] {
  const make = createBlockMaker()
  const writes = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `points/accounts/a${from + index}`, value: `{"n":${from}}` }))
  const plans = [
    { leaves: 0, writes: writes(0, 500), timeMs: start },
    ...Array.from({ length: 23 }, (_, index) => ({ leaves: 3000, bytes: 10, timeMs: start + 1 + index })),
    { leaves: 7, writes: [{ key: 'points/accounts/a3', value: undefined }], timeMs: start + 20 * minute },
    { leaves: 0, timeMs: start + 21 * minute },
    { leaves: 50, writes: writes(450, 100), timeMs: start + 25 * minute },
    { leaves: 9, timeMs: start + 31 * minute, boundary: true as const },
    { leaves: 5, writes: writes(100, 300), timeMs: start + 32 * minute },
    { leaves: 0, timeMs: start + 33 * minute },
  ]
  return plans.map(make)
}

beforeAll(() => {
  directory = makeTestDirectory()
  const place = join(directory, 'member')
  member = openStore(place, { createFresh: true, isSettledElsewhere: true })
  blocks = history()
  for (const block of blocks) member.commit(block)
  boundary = blocks.find((block) => block.boundary) as BlockToStore
  const settler = openStateSettler(place)
  let settled: SettledBoundary | undefined
  settler.settle((at) => {
    settled = at
    at.writeSnapshot(group)
  })
  settler.close()
  const { height, size, root, agreedHash } = boundary.head
  agreed = { group, height, size, root, agreedHash, stateRoot: (settled as unknown as SettledBoundary).root }
})
afterAll(() => {
  member.close()
  fs.rmSync(directory, { recursive: true, force: true })
})

/** The made-up blocks' agreed hash is no hash of their head; what is checked here is that it is asked for. */
const agreedHashOf = ({ height }: StoredHead): Uint8Array => sha256(Buffer.from(` agreed ${height}`))

function offered(): { manifest: SnapshotManifest; chunks: Uint8Array[] } {
  const place = join(directory, 'member')
  const [snapshot] = listSnapshots(place)
  if (!snapshot) throw new Error('There is no snapshot.')
  const chunks = Array.from({ length: snapshot.chunks }, (_, index) => loadSnapshotChunk(place, snapshot.height, index))
  return { manifest: expectOk(readManifest(snapshot.manifest, agreed, agreedHashOf)), chunks: chunks as Uint8Array[] }
}

let places = 0
function newPlace(): string {
  return join(directory, `joined-${places++}`)
}

function restore(place: string, manifest: SnapshotManifest, chunks: readonly Uint8Array[]): string | Refusal {
  const restoring = new SnapshotRestore(place, manifest)
  let answer: string | Refusal = 'applied'
  // Backwards, since order must not matter.
  for (const index of [...chunks.keys()].reverse()) {
    answer = restoring.apply(index, chunks[index] as Uint8Array)
    if (isRefusal(answer)) return answer
  }
  return answer
}

/** By the description of a frame: `[length u32][checksum u32][payload]`, the time a double at 16. */
function reseal(bytes: Buffer, change: (payload: Buffer) => void): void {
  const length = bytes.readUInt32LE(0)
  const payload = bytes.subarray(8, 8 + length)
  change(payload)
  bytes.writeUInt32LE(checksum(payload, length), 4)
}
const atTime = (timeMs: number) => (payload: Buffer) => void payload.writeDoubleLE(timeMs, 16)

const leaves = (from: readonly BlockToStore[]): LeafEntry[] => from.flatMap((block) => [...block.leaves])

/** Megabytes are not for `toEqual`. */
function isSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0
}

test('a member that joins has the state, the newest leaves and their nonces, and goes on', () => {
  const { manifest, chunks } = offered()
  const place = newPlace()
  expect(restore(place, manifest, chunks)).toBe('complete')
  expect(fs.readdirSync(place).sort()).toEqual(['log', 'state', 'tiles'])
  expect(scrub(place)).toEqual([])
  const joined = openStore(place, { createFresh: false })
  expect(joined.head()).toEqual(boundary.head)
  const rows = new Map<string, string | undefined>()
  for (const { head, writes } of blocks) {
    if (head.height <= boundary.head.height) for (const { key, value } of writes) rows.set(key, value)
  }
  for (const [key, value] of rows) expect(joined.row(key)).toBe(value)
  expect(joined.stateRootAt(boundary.head.size)).toEqual(agreed.stateRoot)
  expect(joined.proveRow(boundary.head.size, 'points/accounts/a9')?.value).toBe('{"n":0}')
  for (const [index, leaf] of leaves(blocks).entries()) {
    const isThere = index >= manifest.firstLeaf && index < boundary.head.size
    if (index % 501 !== 0 && !isThere) continue
    expect(joined.leafIndexOf(leaf.transactionId)).toBe(isThere ? index : undefined)
    expect(joined.leaf(index) !== undefined).toBe(isThere)
    if (isThere) expect(joined.usedNonce(leaf.nonceKey)?.leafIndex).toBe(index)
  }
  for (const block of blocks.slice(boundary.head.height + 1)) joined.commit(block)
  joined.settle()
  expect(joined.head()).toEqual(blocks.at(-1)?.head)
  const size = (blocks.at(-1) as BlockToStore).head.size
  expect(joined.nodeHash(0, size - 1)).toEqual(member.nodeHash(0, size - 1))
  expect(joined.nodeHash(16, 0)).toEqual(member.nodeHash(16, 0))
  expect(() => joined.nodeHash(0, 5)).toThrow(StoreIncomplete)
  expect(joined.tile('tile/0/000')).toBeUndefined()
  expect(joined.tile('tile/entries/000')).toBeUndefined()
  expect(joined.tile('tile/2/000.p/1')).toEqual(member.tile('tile/2/000.p/1'))
  joined.close()
  expect(scrub(place)).toEqual([])
})

describe('what is absent', () => {
  test('is fetched from any member, and then nothing is missing', () => {
    const { manifest, chunks } = offered()
    const place = newPlace()
    restore(place, manifest, chunks)
    let joined = openStore(place, { createFresh: false })
    let rounds = 0
    for (let wanted = joined.wantedHeight(); wanted !== undefined; wanted = joined.wantedHeight()) {
      expect(joined.backfill([wanted, wanted + 1].flatMap((height) => member.rawBlock(height) ?? []))).toBeUndefined()
      // Being opened again forgets what was not verified, and nothing else.
      if (++rounds % 12 === 0) {
        joined.close()
        joined = openStore(place, { createFresh: false })
      }
      if (rounds > 60) throw new Error('Fetching does not come to an end.')
    }
    for (const block of blocks.slice(boundary.head.height + 1)) joined.commit(block)
    for (const [index, leaf] of leaves(blocks).entries()) {
      if (index % 97 === 0) expect(joined.leafIndexOf(leaf.transactionId)).toBe(index)
    }
    for (const path of ['tile/0/000', 'tile/0/255', 'tile/0/260', 'tile/1/000', 'tile/entries/003']) {
      expect(isSame(joined.tile(path), member.tile(path)), path).toBe(true)
    }
    for (const { head } of blocks) expect(isSame(joined.rawBlock(head.height), member.rawBlock(head.height))).toBe(true)
    joined.close()
    expect(scrub(place)).toEqual([])
  })

  test('is asked for where it ends, also while what came waits for the rest of its unit', async () => {
    const { manifest, chunks } = offered()
    const place = newPlace()
    restore(place, manifest, chunks)
    const joined = openStore(place, { createFresh: false })
    const archive = new ArchiveFace({
      directory: place,
      reader: joined,
      pipeline: () => ({ fill: async (blocks: readonly Uint8Array[]) => joined.backfill(blocks) }),
      onFilled: () => {},
      engine: undefined,
    } as object as ArchiveOptions)
    const asked: number[] = []
    for (let lacking = archive.lacking(); lacking !== undefined; lacking = archive.lacking()) {
      const { fromHeight, toHeight } = lacking
      asked.push(fromHeight)
      const heights = [fromHeight, fromHeight + 1, fromHeight + 2].filter((height) => height < toHeight)
      // Once somebody sends another block than was asked for: nothing that is not verified is kept then.
      const sent = asked.length === 5 ? [fromHeight + 1] : heights
      const answer = await archive.fill(Buffer.concat(sent.map((height) => member.rawBlock(height) as Uint8Array)))
      expect(answer).toEqual(asked.length === 5 ? { refused: 'history_differs' } : undefined)
      if (asked.length > 40) break
    }
    expect(asked.slice(0, 8)).toEqual([0, 3, 6, 9, 12, 1, 4, 7])
    expect(archive.lacking()).toBeUndefined()
    joined.close()
    expect(scrub(place)).toEqual([])
  })

  test('is not taken from who sends another log', () => {
    const { manifest, chunks } = offered()
    const place = newPlace()
    restore(place, manifest, chunks)
    const joined = openStore(place, { createFresh: false })
    const raw = Array.from({ length: 26 }, (_, height) => Buffer.from(member.rawBlock(height) ?? []))
    const foreignMake = createBlockMaker('foreign')
    const foreign = openStore(join(directory, 'foreign'), { createFresh: true })
    for (const { leaves, head } of blocks.slice(0, 26)) {
      foreign.commit(foreignMake({ leaves: leaves.length, bytes: 10, timeMs: head.timeMs }))
    }
    const foreignRaw = raw.map((_, height) => Buffer.from(foreign.rawBlock(height) ?? []))
    foreign.close()
    // A block that says another time than its leaves do.
    const late = (block: Buffer) => {
      const bytes = Buffer.from(block)
      reseal(bytes, atTime(start + minute))
      return bytes
    }
    const attempts: Buffer[][] = [
      raw.slice(2),
      [raw[0] as Buffer, Buffer.concat([raw[1] as Buffer, raw[2] as Buffer])],
      [raw[0] as Buffer, (raw[1] as Buffer).subarray(0, -1)],
      [...raw.slice(0, 5), raw[4] as Buffer],
      [...raw.slice(0, 5), late(raw[5] as Buffer), ...raw.slice(6)],
      [...raw.slice(0, 22), ...foreignRaw.slice(22)],
    ]
    for (const [attempt, blocks] of attempts.entries()) {
      const wanted = joined.wantedHeight() as number
      const sent = attempt === 0 ? blocks : blocks.slice(wanted)
      expect(joined.backfill(sent), String(attempt)).toEqual({ refused: 'history_differs' })
      // The first 65,536 leaves are one unit: blocks with leaves are kept only once it is whole.
      expect(joined.wantedHeight()).toBeLessThanOrEqual(1)
      expect(joined.leaf(0)).toBeUndefined()
    }
    expect(joined.backfill(raw.slice(joined.wantedHeight()))).toBeUndefined()
    expect(joined.wantedHeight()).toBeUndefined()
    joined.close()
    expect(scrub(place)).toEqual([])
  })
})

describe('a snapshot that is not the agreed one', () => {
  test('is refused by its manifest', () => {
    const place = join(directory, 'member')
    const bytes = listSnapshots(place)[0]?.manifest as Uint8Array
    const text = fromUtf8(bytes) as string
    const value = JSON.parse(text) as { [name: string]: unknown; head: { [name: string]: unknown } }
    const read = (change: object, known = agreed) =>
      readManifest(Buffer.from(canonicalize({ ...value, ...change })), known, agreedHashOf)
    const other = sha256(Buffer.from('other'))
    const refused = (code: string) => ({ refused: code })
    expect(isRefusal(read({}))).toBe(false)
    expect(readManifest(Buffer.from(`${text} `), agreed, agreedHashOf)).toEqual(refused('snapshot_manifest_malformed'))
    for (const change of [{ v: 2 }, { extra: 1 }, { chunks: [] }, { upper: [] }, { firstHeight: 9999 }]) {
      expect(read(change)).toEqual(refused('snapshot_manifest_malformed'))
    }
    expect(read({ stateRoot: toBase64url(other) })).toEqual(refused('snapshot_not_agreed'))
    expect(read({ head: { ...value.head, root: toBase64url(other) } })).toEqual(refused('snapshot_not_agreed'))
    expect(read({}, { ...agreed, group: toBase64url(other) })).toEqual(refused('snapshot_not_agreed'))
    expect(read({}, { ...agreed, agreedHash: other })).toEqual(refused('snapshot_not_agreed'))
  })

  /** A snapshot whose manifest names exactly these chunks, as whoever forges one would write it. */
  function forge(change: (chunks: Uint8Array[], kinds: string[]) => void, more: object = {}): string | Refusal {
    const { manifest, chunks } = offered()
    const kinds = manifest.chunks.map(({ kind }) => kind as string)
    change(chunks, kinds)
    const forged = {
      ...manifest,
      ...more,
      chunks: chunks.map((chunk, index) => ({ kind: kinds[index], hash: toBase64url(sha256(chunk)) })),
    } as object as SnapshotManifest
    const place = newPlace()
    const answer = restore(place, forged, chunks)
    expect([place, `${place}.restoring`].filter((left) => fs.existsSync(left))).toEqual([])
    return answer
  }

  test('is refused by a chunk that is not the one named, and takes the right one afterwards', () => {
    const { manifest, chunks } = offered()
    const restoring = new SnapshotRestore(newPlace(), manifest)
    const [first, second] = chunks as [Uint8Array, Uint8Array]
    const refused = (code: string) => ({ refused: code })
    expect(restoring.apply(0, first.subarray(1))).toEqual(refused('snapshot_chunk_altered'))
    expect(restoring.apply(0, second)).toEqual(refused('snapshot_chunk_altered'))
    expect(restoring.apply(0, Buffer.concat([first, first]))).toEqual(refused('snapshot_chunk_altered'))
    expect(restoring.apply(chunks.length, first)).toEqual(refused('snapshot_chunk_unknown'))
    expect(restoring.apply(0, Buffer.alloc(40 * 1024 * 1024))).toEqual(refused('snapshot_chunk_too_large'))
    expect(restoring.apply(0, first)).toBe('applied')
    expect(restoring.apply(0, first)).toBe('applied')
    expect(restoring.missing).not.toContain(0)
    restoring.abandon()
  })

  /** The newest blocks, as they come along, with one number or byte in the header of one of them changed. */
  function withHeader(height: number, change: (payload: Buffer) => void): Buffer {
    const tail = [24, 25, 26, 27].map((one) => {
      const bytes = Buffer.from(member.rawBlock(one) ?? [])
      if (one === height) reseal(bytes, change)
      return bytes
    })
    return Buffer.concat(tail)
  }

  const flipAt = (offset: number) => (payload: Buffer) => void (payload[offset] = (payload[offset] as number) ^ 1)

  test('is taken with all its headers as they are', () => {
    const { chunks } = offered()
    expect(
      isSame(
        chunks[2],
        withHeader(24, () => {}),
      ),
    ).toBe(true)
  })

  const row = (key: string, value: string) => encodeRow(key, Buffer.from(value))

  test.each<[string, string, (chunks: Uint8Array[], kinds: string[]) => void, object?]>([
    [
      'a row more',
      'snapshot_chunk_malformed',
      (chunks) => (chunks[0] = Buffer.concat([chunks[0] as Buffer, row('a', '1')])),
    ],
    [
      'a row twice',
      'snapshot_chunk_malformed',
      (chunks) => (chunks[0] = Buffer.concat([chunks[0] as Buffer, chunks[0] as Buffer])),
    ],
    ['a torn row', 'snapshot_chunk_malformed', (chunks) => (chunks[0] = (chunks[0] as Buffer).subarray(0, -1))],
    ['only other rows', 'snapshot_state_differs', (chunks) => (chunks[0] = row('a/b/c', '1'))],
    ['no rows', 'snapshot_state_differs', (chunks) => (chunks[0] = Buffer.alloc(0))],
    [
      'the rows in two chunks, swapped',
      'snapshot_chunk_malformed',
      (chunks, kinds) => {
        const [first, second] = ['k1', 'k2'].sort((a, b) =>
          Buffer.compare(sha256(Buffer.from(a)), sha256(Buffer.from(b))),
        )
        chunks.splice(0, 1, row(second ?? '', '1'), row(first ?? '', '1'))
        kinds.unshift('rows')
      },
    ],
    [
      'a hash of the edge changed',
      'snapshot_log_differs',
      (chunks) => (chunks[1] = Buffer.from(chunks[1] as Buffer).fill(7, 0, 1)),
    ],
    ['an edge too short', 'snapshot_log_differs', (chunks) => (chunks[1] = (chunks[1] as Buffer).subarray(32))],
    ['a block less', 'snapshot_log_differs', (chunks) => (chunks[2] = Buffer.from(member.rawBlock(26) ?? []))],
    ['a block torn', 'snapshot_log_differs', (chunks) => (chunks[2] = (chunks[2] as Buffer).subarray(0, -3))],
    [
      'an empty block from before the one it follows',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(25, atTime(start + 20 * minute - 1))),
    ],
    ['an empty block from long ago', 'snapshot_log_differs', (chunks) => (chunks[2] = withHeader(25, atTime(0)))],
    [
      'an empty block from after the one that follows it',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(25, atTime(start + 25 * minute + 1))),
    ],
    [
      'an empty block without a time',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(25, atTime(Number.NaN))),
    ],
    ['an empty block of another state', 'snapshot_log_differs', (chunks) => (chunks[2] = withHeader(25, flipAt(64)))],
    [
      'an empty block that changes rules',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(25, flipAt(128))),
    ],
    [
      'a block of another time than its leaves',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(26, atTime(start + 24 * minute))),
    ],
    [
      'a first block of another time than its leaves',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(24, atTime(start + 19 * minute))),
    ],
    [
      'a newest block of another state than the head',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(27, flipAt(64))),
    ],
    [
      'a newest block of other rules than the head',
      'snapshot_log_differs',
      (chunks) => (chunks[2] = withHeader(27, flipAt(128))),
    ],
    ['an upper root changed', 'snapshot_log_differs', () => {}, { upper: [toBase64url(sha256(Buffer.from('upper')))] }],
  ])('is refused when complete: %s', (_what, code, change, more) => {
    expect(forge(change, more)).toEqual({ refused: code })
  })

  test('is refused when it hides leaves whose nonces are still in use', () => {
    const tail = blocks.slice(26, 28)
    const firstLeaf = (tail[0] as BlockToStore).head.size - (tail[0] as BlockToStore).leaves.length
    const edge = Buffer.concat(
      leaves(blocks)
        .slice(65_536, firstLeaf)
        .map(({ leafHash }) => leafHash),
    )
    const answer = forge(
      (chunks) => {
        chunks[1] = edge
        chunks[2] = Buffer.concat(tail.map(({ head }) => member.rawBlock(head.height) as Uint8Array))
      },
      { firstHeight: 26, firstLeaf },
    )
    expect(answer).toEqual({ refused: 'snapshot_log_too_short' })
  })
})

test('only the newest snapshots are kept', () => {
  const place = newPlace()
  for (const height of [5, 7, 12]) {
    fs.cpSync(
      join(directory, 'member/snapshots', String(boundary.head.height)),
      join(place, 'snapshots', String(height)),
      {
        recursive: true,
      },
    )
  }
  fs.mkdirSync(join(place, 'snapshots/13.unfinished'))
  pruneSnapshots(place, 2)
  expect(listSnapshots(place).map(({ height }) => height)).toEqual([12, 7])
  expect(fs.readdirSync(join(place, 'snapshots')).sort()).toEqual(['12', '7'])
})
