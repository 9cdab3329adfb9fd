import * as fs from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AbciRequest } from '../ordering/cometbft/requests.ts'
import type { AbciResponse } from '../ordering/cometbft/responses.ts'
import { openDrivenTill } from '../ordering/cometbft/testing/driven-till.ts'
import type { StoredHead } from '../storage/face.ts'
import { listSnapshots, loadSnapshotChunk } from '../storage/snapshot/stored-snapshots.ts'
import { openStateSettler, openStore } from '../storage/store.ts'
import { makeTestDirectory } from '../storage/test-blocks.ts'
import { ann, payIn, signActions, startMs, tillGroup } from '../testing/till-group.ts'
import type { EndorsedBoundary } from './endorsed-boundaries.ts'
import { SnapshotJoin } from './snapshot-join.ts'

let directory: string
let member: string
let head: StoredHead
let boundary: EndorsedBoundary
let snapshot: {
  readonly height: number
  readonly format: number
  readonly chunks: number
  readonly hash: Uint8Array
  readonly metadata: Uint8Array
}
let chunks: readonly Uint8Array[]

beforeAll(() => {
  directory = makeTestDirectory()
  member = join(directory, 'member')
  const store = openStore(member, { createFresh: true, isSettledElsewhere: true })
  const till = openDrivenTill(store, () => startMs + 1_000)
  till.initChain()
  for (let height = 1; height <= 4; height++) {
    const transactions = Array.from({ length: 4 }, () => signActions(ann, [payIn(1n)]))
    till.finalizeBlock({ height, timeMs: startMs + 1_000 + height, transactions })
    till.commit()
  }
  head = store.head() as StoredHead
  const settler = openStateSettler(member)
  settler.settle((at) => {
    boundary = {
      height: at.height,
      size: at.size,
      timeMs: head.timeMs,
      root: head.root,
      stateRoot: at.root,
      signedBy: [],
    }
    at.writeSnapshot(tillGroup)
  })
  settler.close()
  store.close()
  const [stored] = listSnapshots(member)
  if (stored === undefined) throw new Error('There is no snapshot.')
  snapshot = {
    height: stored.height,
    format: 1,
    chunks: stored.chunks,
    hash: Buffer.from(stored.hash, 'base64url'),
    metadata: stored.manifest,
  }
  chunks = Array.from(
    { length: stored.chunks },
    (_none, index) => loadSnapshotChunk(member, stored.height, index) ?? new Uint8Array(0),
  )
})
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

let places = 0

/** A member that has nothing, and what came of it. */
function newcomer(boundaries: readonly EndorsedBoundary[] = [boundary]) {
  const place = join(directory, `joined-${places++}`)
  const seen = { restored: undefined as StoredHead | undefined, failed: [] as unknown[] }
  const joining = new SnapshotJoin({
    directory: place,
    group: tillGroup,
    boundaries,
    onRestored: (restored) => {
      seen.restored = restored
    },
    onFailed: (error) => seen.failed.push(error),
  })
  const ask = (request: AbciRequest) => joining.handle(request) as AbciResponse
  return {
    place,
    seen,
    ask,
    learn: (learned: readonly EndorsedBoundary[]) => joining.learn(learned),
    offer: (change: Partial<typeof snapshot> = {}, appHash: Uint8Array = head.agreedHash) =>
      ask({ call: 'offerSnapshot', snapshot: { ...snapshot, ...change }, appHash }),
    apply: (index: number, chunk: Uint8Array, sender = 'peer') =>
      ask({ call: 'applySnapshotChunk', index, chunk, sender }),
  }
}

const named = (metadata: Uint8Array) => ({ metadata, hash: sha256(metadata) })
const answered = (result: string) => expect.objectContaining({ call: 'offerSnapshot', result })

/** Some bytes are buffers, and equal all the same. */
function plain(of: StoredHead | undefined): readonly unknown[] {
  const hex = (bytes: Uint8Array = new Uint8Array(0)) => Buffer.from(bytes).toString('hex')
  return [
    of?.height,
    of?.size,
    of?.timeMs,
    hex(of?.root),
    hex(of?.stateHash),
    hex(of?.agreedHash),
    hex(of?.rulesetHash),
  ]
}

describe('an offered snapshot', () => {
  test('that enough members have signed and that leads to the agreed hash is accepted', () => {
    expect(newcomer().offer()).toEqual(answered('accept'))
    const named = newcomer([{ ...boundary, names: [toBase64url(snapshot.hash)] }])
    expect(named.offer()).toEqual(answered('accept'))
  })

  test.each<
    [string, string, () => Partial<typeof snapshot>, ((() => Uint8Array) | undefined)?, (() => EndorsedBoundary[])?]
  >([
    ['of another format', 'reject_format', () => ({ format: 2 })],
    ['under another name', 'reject_sender', () => ({ hash: sha256(toUtf8('other')) })],
    ['whose contents are none', 'reject_sender', () => named(toUtf8('{}'))],
    ['with another number of chunks', 'reject_sender', () => ({ chunks: snapshot.chunks + 1 })],
    ['at a height that nobody has signed', 'reject', () => ({ height: snapshot.height - 1 })],
    ['whose head does not give the agreed hash', 'reject', () => ({}), () => sha256(toUtf8('another hash'))],
    [
      'of another state than was signed',
      'reject',
      () => ({}),
      undefined,
      () => [{ ...boundary, stateRoot: sha256(toUtf8('s')) }],
    ],
    [
      'of another log than was signed',
      'reject',
      () => ({}),
      undefined,
      () => [{ ...boundary, root: sha256(toUtf8('r')) }],
    ],
    [
      'of another time than was signed',
      'reject',
      () => ({}),
      undefined,
      () => [{ ...boundary, timeMs: boundary.timeMs + 1 }],
    ],
    ['where nothing is signed', 'reject', () => ({}), undefined, () => []],
    [
      'that members call otherwise',
      'reject',
      () => ({}),
      undefined,
      () => [{ ...boundary, names: [toBase64url(sha256(toUtf8('another snapshot')))] }],
    ],
    ['for which members have no name in common', 'reject', () => ({}), undefined, () => [{ ...boundary, names: [] }]],
  ])('%s is answered by %s', (_case, result, change, appHash, boundaries) => {
    const { offer, place } = newcomer(boundaries?.())
    expect(offer(change(), appHash?.())).toEqual(answered(result))
    expect(fs.existsSync(place)).toBe(false)
  })
})

describe('what members have signed since', () => {
  const older = () => [{ ...boundary, height: boundary.height - 1 }]

  test('is accepted when it is offered, where what was known before is pruned', () => {
    const { offer, learn } = newcomer(older())
    expect(learn([boundary])).toBe(true)
    expect(offer()).toEqual(answered('accept'))
  })

  test('and was offered before: the engine must begin anew, unless it is at work', () => {
    const { offer, apply, learn } = newcomer(older())
    expect(offer()).toEqual(answered('reject'))
    expect(learn(older())).toBe(true)
    expect(learn([])).toBe(true)
    expect(learn([boundary])).toBe(false)
    // An engine that offers it all the same is given it, and then is not disturbed.
    expect(offer()).toEqual(answered('accept'))
    expect(learn([boundary])).toBe(true)
    for (const [index, chunk] of chunks.entries()) apply(index, chunk)
    expect(learn([boundary])).toBe(true)
  })

  test('does not come from heights that somebody invents', () => {
    const { offer, learn } = newcomer()
    for (let height = 1_000; height < 2_500; height++) expect(offer({ height })).toEqual(answered('reject'))
    expect(learn([boundary])).toBe(true)
    expect(offer()).toEqual(answered('accept'))
  })
})

describe('chunks', () => {
  test('that are not those named are asked of others, and their senders no more', () => {
    const { offer, apply, place, ask } = newcomer()
    offer()
    const [first, second] = chunks as [Uint8Array, Uint8Array]
    const retried = { call: 'applySnapshotChunk', result: 'retry', refetch: [0], rejectSenders: ['bad'] }
    for (const altered of [
      first.subarray(1),
      first.subarray(0, -1),
      second,
      Buffer.concat([first, first]),
      Buffer.alloc(40_000_000),
    ]) {
      expect(apply(0, altered, 'bad')).toEqual(retried)
    }
    expect(ask({ call: 'info', version: '', abciVersion: '' })).toMatchObject({ height: 0 })
    for (const [index, chunk] of chunks.entries()) expect(apply(index, chunk)).toMatchObject({ result: 'accept' })
    const info = ask({ call: 'info', version: '', abciVersion: '' })
    expect(info).toMatchObject({ height: head.height, appVersion: 1 })
    expect(info.call === 'info' && Buffer.from(info.appHash).equals(head.agreedHash)).toBe(true)
    const store = openStore(place, { createFresh: false })
    expect(plain(store.head())).toEqual(plain(head))
    store.close()
  })

  test('of a state of somebody’s own making are refused with the last of them, and nothing remains', () => {
    const rows = Buffer.from([1, 0, 1, 0, 0, 0, 0x61, 0x31])
    const manifest = JSON.parse(Buffer.from(snapshot.metadata).toString()) as {
      chunks: { kind: string; hash: string }[]
    }
    manifest.chunks[0] = { kind: 'rows', hash: toBase64url(sha256(rows)) }
    // Hashes come before kinds in canonical order, as in the manifest that was read.
    const metadata = toUtf8(
      JSON.stringify(manifest).replaceAll(/\{"kind":"(\w+)","hash":"([^"]+)"\}/g, '{"hash":"$2","kind":"$1"}'),
    )
    const { offer, apply, place } = newcomer()
    expect(offer(named(metadata))).toEqual(answered('accept'))
    const answers = chunks.map((chunk, index) => apply(index, index === 0 ? rows : chunk))
    expect(answers.at(-1)).toEqual({
      call: 'applySnapshotChunk',
      result: 'reject_snapshot',
      refetch: [],
      rejectSenders: [],
    })
    expect([place, `${place}.restoring`].filter((left) => fs.existsSync(left))).toEqual([])
    // The next one offered is taken.
    expect(offer()).toEqual(answered('accept'))
    for (const [index, chunk] of chunks.entries()) apply(index, chunk)
    expect(fs.existsSync(join(place, 'state'))).toBe(true)
  })
})

describe('an engine', () => {
  test('that goes on to the next block has stored the height, and is handed over', () => {
    const { offer, apply, ask, seen } = newcomer()
    offer()
    for (const [index, chunk] of chunks.entries()) apply(index, chunk)
    expect(seen.restored).toBeUndefined()
    const block = { height: head.height + 1, timeMs: startMs, transactions: [], proposer: '', hash: new Uint8Array(32) }
    void ask({ call: 'finalizeBlock', ...block, lastCommit: { round: 0, votes: [] }, misbehaviour: [] })
    expect(plain(seen.restored)).toEqual(plain(head))
    expect(seen.failed).toEqual([])
  })

  test('that asks for what only a ledger can answer is told so', () => {
    const { ask, seen } = newcomer()
    expect(ask({ call: 'commit' })).toMatchObject({ call: 'exception' })
    expect(ask({ call: 'checkTx', transaction: '', kind: 'new' })).toMatchObject({ code: 1, log: 'catching_up' })
    expect(ask({ call: 'applySnapshotChunk', index: 0, chunk: new Uint8Array(1), sender: 'x' })).toMatchObject({
      call: 'exception',
    })
    expect(seen.failed).toHaveLength(1)
  })
})
