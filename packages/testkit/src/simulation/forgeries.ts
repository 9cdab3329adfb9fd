/**
 * What hostile members offer to one that joins by a snapshot, and what each offer is owed. An offer that is accepted for
 * the time being carries chunks of its own, of which the last shows at the latest that it is worthless.
 */
import { crc32 } from 'node:zlib'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { WireSnapshot } from '@chengxin/ledger/ordering/cometbft/requests'
import type { AbciResponse } from '@chengxin/ledger/ordering/cometbft/responses'
import { computeStateRoot } from './crash-store.ts'
import type { Random } from './random.ts'

export type OfferResult = Extract<AbciResponse, { call: 'offerSnapshot' }>['result']

export interface Forgery {
  readonly kind: string
  readonly snapshot: WireSnapshot
  /** What it is owed where its height has been signed by enough members; absent where either may be right. */
  readonly owed?: OfferResult
  /** Shows in nothing but the name that members give to the snapshot. */
  readonly isByNameAlone?: true
  /** Its own chunks, where it has any. */
  readonly chunks?: readonly Uint8Array[]
}

interface Manifest {
  readonly group: string
  readonly head: { readonly timeMs: number; readonly stateHash: string }
  readonly stateRoot: string
  readonly firstHeight: number
  readonly chunks: readonly { readonly kind: string; readonly hash: string }[]
}

export interface Genuine {
  readonly snapshot: WireSnapshot
  readonly chunks: readonly Uint8Array[]
}

export function manifestOf({ metadata }: WireSnapshot): Manifest {
  return JSON.parse(Buffer.from(metadata).toString()) as Manifest
}

const hashText = (bytes: Uint8Array) => toBase64url(sha256(bytes))
const another = hashText(toUtf8('another'))

/** The genuine snapshot with another manifest, under the name that this one has. */
function rewritten({ snapshot }: Genuine, change: (manifest: Manifest) => object): WireSnapshot {
  const manifest = manifestOf(snapshot)
  return named(snapshot, toUtf8(canonicalize({ ...manifest, ...change(manifest) })))
}

function named(snapshot: WireSnapshot, metadata: Uint8Array): WireSnapshot {
  return { ...snapshot, metadata, hash: sha256(metadata) }
}

/** With other chunks of the same kinds, which the manifest names as they are. */
function rebuilt(genuine: Genuine, chunks: readonly Uint8Array[], more: object = {}): WireSnapshot {
  return rewritten(genuine, (manifest) => ({
    ...more,
    chunks: manifest.chunks.map(({ kind }, index) => ({ kind, hash: hashText(chunks[index] as Uint8Array) })),
  }))
}

type Make = (genuine: Genuine, random: Random) => Omit<Forgery, 'kind'>

const makes: { readonly [kind: string]: Make } = {
  format: ({ snapshot }) => ({ snapshot: { ...snapshot, format: 2 }, owed: 'reject_format' }),
  renamed: ({ snapshot }) => ({ snapshot: { ...snapshot, hash: sha256(snapshot.hash) }, owed: 'reject_sender' }),
  nonsense: ({ snapshot }, random) => {
    const metadata = toUtf8(random.pick(['{}', '', '[', '{"v":1}', Buffer.from(snapshot.metadata).toString().slice(1)]))
    return { snapshot: named(snapshot, metadata), owed: 'reject_sender' }
  },
  chunk_count: ({ snapshot }) => ({
    snapshot: { ...snapshot, chunks: snapshot.chunks + 1 },
    owed: 'reject_sender',
  }),
  height: ({ snapshot }) => ({ snapshot: { ...snapshot, height: snapshot.height - 1 }, owed: 'reject' }),
  group: (genuine) => ({ snapshot: rewritten(genuine, () => ({ group: another })), owed: 'reject' }),
  time: (genuine) => ({
    snapshot: rewritten(genuine, ({ head }) => ({ head: { ...head, timeMs: head.timeMs + 1 } })),
    owed: 'reject',
  }),
  head: (genuine) => ({
    snapshot: rewritten(genuine, ({ head }) => ({ head: { ...head, stateHash: another } })),
    owed: 'reject',
  }),
  state_root: (genuine) => ({ snapshot: rewritten(genuine, () => ({ stateRoot: another })), owed: 'reject' }),
  // The manifest names the root that is signed, and rows that do not lead to it.
  rows: (genuine, random) => {
    const chunks = genuine.chunks.slice()
    chunks[0] = enriched(chunks[0] as Uint8Array, random)
    return { snapshot: rebuilt(genuine, chunks), chunks, owed: 'accept' }
  },
  torn_rows: (genuine) => {
    const chunks = genuine.chunks.slice()
    chunks[0] = (chunks[0] as Uint8Array).subarray(0, -1)
    return { snapshot: rebuilt(genuine, chunks), chunks, owed: 'accept' }
  },
  torn_log: (genuine) => {
    const chunks = genuine.chunks.slice()
    const last = chunks.length - 1
    chunks[last] = (chunks[last] as Uint8Array).subarray(0, -1)
    return { snapshot: rebuilt(genuine, chunks), chunks, owed: 'accept' }
  },
  log: (genuine, random) => {
    const chunks = genuine.chunks.slice()
    const last = chunks.length - 1
    chunks[last] = flipped(chunks[last] as Uint8Array, random)
    return { snapshot: rebuilt(genuine, chunks), chunks, owed: 'accept' }
  },
  // The time of a block that is not the newest: nonces are forgotten by it, and readers are shown it.
  older_time: (genuine, random) => retimed(genuine, random),
}

/**
 * With another time in one header, and all sums right. What is moved between its neighbours, and has no leaves that say
 * otherwise, shows in the name alone.
 */
function retimed(genuine: Genuine, random: Random): Omit<Forgery, 'kind'> {
  const places = genuine.chunks.flatMap((chunk, index) => {
    const isLog = manifestOf(genuine.snapshot).chunks[index]?.kind === 'log'
    return isLog ? headersOf(chunk).map((header) => ({ ...header, index })) : []
  })
  const at = random.below(places.length)
  const [before, place, after] = [places[at - 1], places[at], places[at + 1]] as [Header?, (typeof places)[0]?, Header?]
  if (place === undefined) throw new Error('A snapshot has a part of the log.')
  const times = [0, 1, place.timeMs - 1, place.timeMs + 1, (before?.timeMs ?? 1) - 1, (after?.timeMs ?? 0) + 1]
  const timeMs = random.pick(times.filter((one) => one !== place.timeMs))
  const chunks = genuine.chunks.slice()
  chunks[place.index] = withTime(chunks[place.index] as Uint8Array, place.at, timeMs)
  const isBetween = timeMs >= (before?.timeMs ?? 0) && timeMs <= (after?.timeMs ?? 0)
  const isByNameAlone = place.leaves === 0 && isBetween
  return { snapshot: rebuilt(genuine, chunks), chunks, owed: 'accept', ...(isByNameAlone && { isByNameAlone }) }
}

interface Header {
  /** Where its frame begins in the chunk. */
  readonly at: number
  readonly timeMs: number
  readonly leaves: number
}

/** By the format's description: frames of `[length u32][checksum u32][payload]`, a header's payload with the length of its block. */
function headersOf(chunk: Uint8Array): readonly Header[] {
  const bytes = Buffer.from(chunk)
  const headers: Header[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 8 + 200)) {
    headers.push({ at, timeMs: bytes.readDoubleLE(at + 8 + 16), leaves: bytes.readUInt32LE(at + 8 + 4) })
  }
  return headers
}

function withTime(chunk: Uint8Array, at: number, timeMs: number): Uint8Array {
  const bytes = Buffer.from(chunk)
  const length = bytes.readUInt32LE(at)
  bytes.writeDoubleLE(timeMs, at + 8 + 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, at + 8 + length), (0x63786c67 ^ length) >>> 0), at + 4)
  return bytes
}

/** A whole state of its maker's own, with its root: what one member's word would make good. */
export function madeUp(genuine: Genuine): Forgery & { readonly stateRoot: Uint8Array } {
  const chunks = genuine.chunks.slice()
  chunks[0] = enriched(chunks[0] as Uint8Array)
  const stateRoot = computeStateRoot(new Map(rowsOf(chunks[0]).map(({ key, value }) => [key, value])))
  return {
    kind: 'made_up',
    snapshot: rebuilt(genuine, chunks, { stateRoot: toBase64url(stateRoot) }),
    chunks,
    stateRoot,
  }
}

/** What only the chunks show: few joins come that far. */
const foundLate = ['rows', 'torn_rows', 'log', 'torn_log', 'older_time'] as const

export function forge(genuine: Genuine, random: Random): Forgery {
  const kind = random.pick([...Object.keys(makes), ...foundLate, ...foundLate, ...foundLate, 'made_up'])
  return kind === 'made_up' ? madeUp(genuine) : { kind, ...(makes[kind] as Make)(genuine, random) }
}

/** A chunk that is not the one named, for which it stands. Never without bytes, which an engine does not hand on. */
export function alteredChunk(chunk: Uint8Array, others: readonly Uint8Array[], random: Random): AlteredChunk {
  const kind = random.pick(['truncated', 'truncated', 'swapped', 'swapped', 'forged', 'forged', 'longer', 'oversized'])
  if (kind === 'truncated') return { kind, bytes: chunk.subarray(0, random.between(1, chunk.length - 1)) }
  if (kind === 'swapped')
    return { kind, bytes: random.pick(others.filter((other) => Buffer.compare(other, chunk) !== 0)) }
  if (kind === 'forged') return { kind, bytes: flipped(chunk, random) }
  if (kind === 'longer') return { kind, bytes: Buffer.concat([chunk, chunk]) }
  return { kind, bytes: (oversized ??= Buffer.alloc(32 * 1024 * 1024 + 1)) }
}

export interface AlteredChunk {
  readonly kind: string
  readonly bytes: Uint8Array
}

/** A byte more than any chunk may have. Made when it is first needed. */
let oversized: Uint8Array | undefined

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = random.below(copy.length)
  copy[at] = (copy[at] as number) ^ (1 << random.below(8))
  return copy
}

interface Row {
  readonly key: string
  readonly value: string
}

/** Read by the format's description and without the ledger's code: `[key length u16][value length u32]` and both texts. */
function rowsOf(chunk: Uint8Array): readonly Row[] {
  const bytes = Buffer.from(chunk)
  const rows: Row[] = []
  for (let from = 0; from < bytes.length; ) {
    const [key, value] = [from + 6, from + 6 + bytes.readUInt16LE(from)]
    const end = value + bytes.readUInt32LE(from + 2)
    rows.push({ key: bytes.toString('utf8', key, value), value: bytes.toString('utf8', value, end) })
    from = end
  }
  return rows
}

/** One purse holds more than it did; the order of rows is that of their keys' hashes and stays. */
function enriched(chunk: Uint8Array, random?: Random): Uint8Array {
  const rows = rowsOf(chunk)
  const purses = rows.filter(({ key }) => key.startsWith('purses/purses/'))
  const lucky = random === undefined ? purses[0] : random.pick(purses)
  return Buffer.concat(
    rows.map((row) => {
      const value = row === lucky ? '{"amount":"1000000"}' : row.value
      const lengths = Buffer.alloc(6)
      lengths.writeUInt16LE(Buffer.byteLength(row.key), 0)
      lengths.writeUInt32LE(Buffer.byteLength(value), 2)
      return Buffer.concat([lengths, Buffer.from(row.key), Buffer.from(value)])
    }),
  )
}
