/**
 * A block's changes as one value: its writes, what finds its leaves, and the tree's frontier after it.
 *
 * `[checksum u32][timeMs f64][firstLeaf f64][writes u32][leaves u32][hashes u32]`, the frontier's hashes, the leaves' traces
 * (leaf-traces.ts), then each write as `[key length u16][value length u32]` and both texts.
 */
import type { FrontierState } from '@chengxin/crypto'
import { sealBytes, sealInPlace, unseal } from './checksum.ts'
import type { StateWrite } from './face.ts'
import { LeafTraces, traceBytes } from './leaf-traces.ts'
import { stateDamage } from './lmdb-tables.ts'
import { recentFile } from './recent-database.ts'

const at = { timeMs: 0, firstLeaf: 8, writes: 16, leaves: 20, hashes: 24 }
const headBytes = 28
const hashBytes = 32
const writeBytes = 6
/** Stands for the length of a value where the row was removed. */
const removed = 0xffffffff

export interface BlockChanges {
  readonly height: number
  readonly timeMs: number
  readonly firstLeaf: number
  readonly frontier: FrontierState
  readonly traces: LeafTraces
  readonly writeCount: number
  readonly writes: readonly RecentWrite[]
}

/** A write whose value is text as it was committed, or UTF-8 as it was read back: most are never looked at again. */
export interface RecentWrite {
  readonly key: string
  readonly value: string | Buffer | undefined
}

function nameOf(height: number): string {
  return `changes ${height}`
}

export interface ChangesToStore extends Omit<BlockChanges, 'writeCount'> {
  readonly writes: readonly StateWrite[]
}

/** Encodes into a buffer that the next call reuses. */
export function createChangesEncoder(): (changes: ChangesToStore) => Buffer {
  let buffer = Buffer.allocUnsafeSlow(1 << 18)
  let view = viewOf(buffer)
  return (changes) => {
    const most = longestEncoding(changes)
    if (buffer.length < most) {
      buffer = Buffer.allocUnsafeSlow(most * 2)
      view = viewOf(buffer)
    }
    return sealInPlace(nameOf(changes.height), buffer.subarray(0, encodeChanges(buffer, view, changes)))
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
}

function longestEncoding({ frontier, traces, writes }: ChangesToStore): number {
  let length = sealBytes + headBytes + frontier.hashes.length * hashBytes + traces.bytes.length
  for (const { key, value } of writes) length += writeBytes + 3 * (key.length + (value?.length ?? 0))
  return length
}

function encodeChanges(
  to: Buffer,
  view: DataView,
  { timeMs, firstLeaf, frontier, traces, writes }: ChangesToStore,
): number {
  to.writeDoubleLE(timeMs, sealBytes + at.timeMs)
  to.writeDoubleLE(firstLeaf, sealBytes + at.firstLeaf)
  to.writeUInt32LE(writes.length, sealBytes + at.writes)
  to.writeUInt32LE(traces.count, sealBytes + at.leaves)
  to.writeUInt32LE(frontier.hashes.length, sealBytes + at.hashes)
  let end = sealBytes + headBytes
  for (const hash of frontier.hashes) {
    to.set(hash, end)
    end += hashBytes
  }
  to.set(traces.bytes, end)
  end += traces.bytes.length
  for (const { key, value } of writes) end = encodeWrite(to, view, end, key, value)
  return end
}

function encodeWrite(to: Buffer, view: DataView, from: number, key: string, value: string | undefined): number {
  const keyLength = to.write(key, from + writeBytes, 'utf8')
  view.setUint16(from, keyLength, true)
  const keyEnd = from + writeBytes + keyLength
  const valueLength = value === undefined ? 0 : to.write(value, keyEnd, 'utf8')
  view.setUint32(from + 2, value === undefined ? removed : valueLength, true)
  return keyEnd + valueLength
}

/** The changes of the block at this height; texts as views of the bytes given, the writes taken apart when asked for. */
export function decodeChanges(height: number, sealed: Buffer): BlockChanges {
  const bytes = unseal(nameOf(height), sealed)
  if (!bytes) throw stateDamage(recentFile, `changes ${height}`, 'The changes of this block are damaged.')
  return new DecodedChanges(height, bytes)
}

class DecodedChanges implements BlockChanges {
  readonly height: number
  readonly timeMs: number
  readonly firstLeaf: number
  readonly frontier: FrontierState
  readonly traces: LeafTraces
  readonly writeCount: number
  readonly #bytes: Buffer
  readonly #writesFrom: number
  #writes: readonly RecentWrite[] | undefined

  constructor(height: number, bytes: Buffer) {
    const hashesEnd = headBytes + bytes.readUInt32LE(at.hashes) * hashBytes
    const tracesEnd = hashesEnd + bytes.readUInt32LE(at.leaves) * traceBytes
    const hashes: Uint8Array[] = []
    for (let from = headBytes; from < hashesEnd; from += hashBytes) hashes.push(bytes.subarray(from, from + hashBytes))
    this.height = height
    this.timeMs = bytes.readDoubleLE(at.timeMs)
    this.firstLeaf = bytes.readDoubleLE(at.firstLeaf)
    this.traces = new LeafTraces(bytes.subarray(hashesEnd, tracesEnd))
    this.frontier = { size: this.firstLeaf + this.traces.count, hashes }
    this.writeCount = bytes.readUInt32LE(at.writes)
    this.#bytes = bytes
    this.#writesFrom = tracesEnd
  }

  get writes(): readonly RecentWrite[] {
    this.#writes ??= decodeWrites(this.#bytes, this.#writesFrom, this.writeCount)
    return this.#writes
  }
}

function decodeWrites(bytes: Buffer, from: number, count: number): RecentWrite[] {
  const writes: RecentWrite[] = []
  let start = from
  for (let left = count; left > 0; left--) {
    const keyEnd = start + writeBytes + bytes.readUInt16LE(start)
    const valueLength = bytes.readUInt32LE(start + 2)
    const key = bytes.toString('utf8', start + writeBytes, keyEnd)
    const end = valueLength === removed ? keyEnd : keyEnd + valueLength
    writes.push({ key, value: valueLength === removed ? undefined : bytes.subarray(keyEnd, end) })
    start = end
  }
  return writes
}
