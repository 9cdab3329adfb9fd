/**
 * How a block lies in the log: a header frame, the genesis events if it is the first, then one frame a leaf. A frame is
 * `[length u32][checksum u32][payload]`, little-endian, its checksum seeded with its length. The header lists where each
 * leaf's frame begins, so that a leaf is one small read; each leaf's frame carries its own index and identity, so that
 * everything else on disk could be rebuilt from the log alone.
 */
import { checksum } from './checksum.ts'
import type { BlockToStore, LeafEntry, StoredHead } from './face.ts'
import type { LeafTraces } from './leaf-traces.ts'

export const frameBytes = 8
const headerFrame = 1
const leafFrame = 2
const genesisFrame = 3
const version = 1

/** Offsets in the header's payload. */
const at = {
  type: 0,
  version: 1,
  flags: 2,
  count: 4,
  height: 8,
  timeMs: 16,
  firstLeaf: 24,
  root: 32,
  stateHash: 64,
  agreedHash: 96,
  rulesetHash: 128,
  stateRootSize: 160,
  stateRoot: 168,
  blockLength: 200,
  offsets: 204,
}
const hasStateRoot = 1
const hasGenesisEvents = 2

/** Offsets in a leaf's payload. */
const leafAt = {
  type: 0,
  version: 1,
  leafLength: 4,
  index: 8,
  nonceUntilMs: 16,
  transactionId: 24,
  nonceHash: 56,
  leaf: 72,
}

export interface BlockHeader {
  readonly head: StoredHead
  readonly firstLeaf: number
  readonly count: number
  /** Bytes of all frames of the block, the header's among them. */
  readonly blockLength: number
  /** From the start of the block; one more than there are leaves: the last is the end. */
  readonly leafOffsets: readonly number[]
  readonly genesisOffset?: number
  /** Where the header's own frame ends. */
  readonly headerEnd: number
}

export interface LeafRecord {
  readonly index: number
  readonly transactionId: Buffer
  /** First 16 bytes of the hash of the nonce key: what the nonce index knows the pair by. */
  readonly nonceHash: Buffer
  readonly nonceUntilMs: number
  readonly leaf: Buffer
  readonly events: Buffer
}

/** Where in a block the offset of a leaf's frame stands, followed by the offset of the next: eight bytes to read. */
export function offsetsAt(position: number): number {
  return frameBytes + at.offsets + position * 4
}

/** Bytes of a header frame with that many leaves. */
export function headerLength(count: number): number {
  return offsetsAt(count + 1)
}

/** The frames of a block, in a buffer that the next call reuses unless it is too small. */
export function createBlockEncoder(): (block: BlockToStore, firstLeaf: number, traces: LeafTraces) => Buffer {
  let to = targetOf(1 << 20)
  return (block, firstLeaf, traces) => {
    const length = encodedLength(block)
    if (to.bytes.length < length) to = targetOf(length * 2)
    encodeBlock(to, length, block, firstLeaf, traces)
    return to.bytes.subarray(0, length)
  }
}

/** Memory to encode into. Numbers are written through the view: a buffer's own writers cost several times as much. */
interface Target {
  readonly bytes: Buffer
  readonly view: DataView
}

function targetOf(length: number): Target {
  const bytes = Buffer.alloc(length)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) }
}

function encodedLength({ leaves, genesisEvents }: BlockToStore): number {
  let length = headerLength(leaves.length)
  if (genesisEvents) length += frameBytes + 4 + genesisEvents.length
  for (const { leaf, events } of leaves) length += frameBytes + leafAt.leaf + leaf.length + events.length
  return length
}

function encodeBlock(to: Target, length: number, block: BlockToStore, firstLeaf: number, traces: LeafTraces): void {
  let end = headerLength(block.leaves.length)
  if (block.genesisEvents) end = writeGenesis(to, end, block.genesisEvents)
  let position = 0
  for (const leaf of block.leaves) {
    to.view.setUint32(offsetsAt(position), end, true)
    end = writeLeaf(to, end, firstLeaf + position, leaf, traces.nonceHash(position))
    position++
  }
  to.view.setUint32(offsetsAt(position), end, true)
  writeHeader(to, length, block, firstLeaf)
}

function writeHeader(
  target: Target,
  length: number,
  { head, leaves, genesisEvents }: BlockToStore,
  firstLeaf: number,
): void {
  const to = target.bytes
  const from = frameBytes
  to.fill(0, from, from + at.offsets)
  to[from + at.type] = headerFrame
  to[from + at.version] = version
  to.writeUInt16LE((head.stateRoot ? hasStateRoot : 0) | (genesisEvents ? hasGenesisEvents : 0), from + at.flags)
  to.writeUInt32LE(leaves.length, from + at.count)
  to.writeDoubleLE(head.height, from + at.height)
  to.writeDoubleLE(head.timeMs, from + at.timeMs)
  to.writeDoubleLE(firstLeaf, from + at.firstLeaf)
  to.set(head.root, from + at.root)
  to.set(head.stateHash, from + at.stateHash)
  to.set(head.agreedHash, from + at.agreedHash)
  to.set(head.rulesetHash, from + at.rulesetHash)
  if (head.stateRoot) {
    to.writeDoubleLE(head.stateRoot.size, from + at.stateRootSize)
    to.set(head.stateRoot.root, from + at.stateRoot)
  }
  to.writeUInt32LE(length, from + at.blockLength)
  sealFrame(target, 0, headerLength(leaves.length))
}

function writeGenesis(target: Target, from: number, events: Uint8Array): number {
  const to = target.bytes
  const end = from + frameBytes + 4 + events.length
  to.fill(0, from + frameBytes, from + frameBytes + 4)
  to[from + frameBytes] = genesisFrame
  to[from + frameBytes + 1] = version
  to.set(events, from + frameBytes + 4)
  sealFrame(target, from, end)
  return end
}

function writeLeaf(target: Target, from: number, index: number, entry: LeafEntry, nonceHash: Uint8Array): number {
  const { bytes: to, view } = target
  const payload = from + frameBytes
  view.setUint32(payload, leafFrame | (version << 8), true)
  view.setUint32(payload + leafAt.leafLength, entry.leaf.length, true)
  view.setFloat64(payload + leafAt.index, index, true)
  view.setFloat64(payload + leafAt.nonceUntilMs, entry.nonceUntilMs, true)
  to.set(entry.transactionId, payload + leafAt.transactionId)
  to.set(nonceHash, payload + leafAt.nonceHash)
  to.set(entry.leaf, payload + leafAt.leaf)
  to.set(entry.events, payload + leafAt.leaf + entry.leaf.length)
  const end = payload + leafAt.leaf + entry.leaf.length + entry.events.length
  sealFrame(target, from, end)
  return end
}

function sealFrame({ bytes, view }: Target, from: number, end: number): void {
  const length = end - from - frameBytes
  view.setUint32(from, length, true)
  view.setUint32(from + 4, checksum(bytes.subarray(from + frameBytes, end), length), true)
}

/** The payload of the frame that these bytes begin with, or `undefined` where it is torn or damaged. */
export function openFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < frameBytes) return undefined
  const length = bytes.readUInt32LE(0)
  if (length === 0 || bytes.length < frameBytes + length) return undefined
  const payload = bytes.subarray(frameBytes, frameBytes + length)
  return checksum(payload, length) === bytes.readUInt32LE(4) ? payload : undefined
}

/** The header in a frame's payload, or `undefined` where it is something else. */
export function decodeHeader(payload: Buffer): BlockHeader | undefined {
  if (payload.length < at.offsets + 4 || payload[at.type] !== headerFrame || payload[at.version] !== version)
    return undefined
  const count = payload.readUInt32LE(at.count)
  if (payload.length !== headerLength(count) - frameBytes) return undefined
  const flags = payload.readUInt16LE(at.flags)
  const leafOffsets: number[] = []
  for (let position = 0; position <= count; position++)
    leafOffsets.push(payload.readUInt32LE(at.offsets + position * 4))
  const firstLeaf = payload.readDoubleLE(at.firstLeaf)
  const stateRoot = { size: payload.readDoubleLE(at.stateRootSize), root: hashAt(payload, at.stateRoot) }
  return {
    head: {
      height: payload.readDoubleLE(at.height),
      timeMs: payload.readDoubleLE(at.timeMs),
      size: firstLeaf + count,
      root: hashAt(payload, at.root),
      stateHash: hashAt(payload, at.stateHash),
      agreedHash: hashAt(payload, at.agreedHash),
      rulesetHash: hashAt(payload, at.rulesetHash),
      ...((flags & hasStateRoot) !== 0 && { stateRoot }),
    },
    firstLeaf,
    count,
    blockLength: payload.readUInt32LE(at.blockLength),
    leafOffsets,
    headerEnd: headerLength(count),
    ...((flags & hasGenesisEvents) !== 0 && { genesisOffset: headerLength(count) }),
  }
}

/** The leaf in a frame's payload, or `undefined` where it is something else. */
export function decodeLeaf(payload: Buffer): LeafRecord | undefined {
  if (payload.length < leafAt.leaf || payload[leafAt.type] !== leafFrame || payload[leafAt.version] !== version) {
    return undefined
  }
  const end = leafAt.leaf + payload.readUInt32LE(leafAt.leafLength)
  if (end > payload.length) return undefined
  return {
    index: payload.readDoubleLE(leafAt.index),
    nonceUntilMs: payload.readDoubleLE(leafAt.nonceUntilMs),
    transactionId: payload.subarray(leafAt.transactionId, leafAt.nonceHash),
    nonceHash: payload.subarray(leafAt.nonceHash, leafAt.leaf),
    leaf: payload.subarray(leafAt.leaf, end),
    events: payload.subarray(end),
  }
}

/** The genesis events in a frame's payload, or `undefined` where it is something else. */
export function decodeGenesis(payload: Buffer): Buffer | undefined {
  return payload[0] === genesisFrame && payload[1] === version ? payload.subarray(4) : undefined
}

function hashAt(payload: Buffer, offset: number): Uint8Array {
  return new Uint8Array(payload.subarray(offset, offset + 32))
}
