/**
 * The blocks of a log, from the log's own bytes: what a replay reads, and all that is left when the state is lost. It ends
 * where the bytes end; a torn last block is what a killed commit left.
 */

import { decodeHeader, frameBytes, openFrame } from '../storage/block-frames.ts'
import { BlockReader } from '../storage/block-reader.ts'
import type { StoredBlock, StoredHead } from '../storage/face.ts'
import { LogFiles, type LogPosition, logStart } from '../storage/log-files.ts'

export type WalkedBlock = StoredBlock & {
  readonly head: StoredHead
  /** As it lies in the log; while the walk stands at it. */
  readonly bytes: () => Uint8Array
}

/** Each block in order. Throws `StoreDamaged` at a frame that is damaged and not merely the torn end. */
export function* walkLog(directory: string): Generator<WalkedBlock> {
  const log = new LogFiles(directory)
  try {
    yield* walk(log)
  } finally {
    log.close()
  }
}

function* walk(log: LogFiles): Generator<WalkedBlock> {
  const reader = new BlockReader(log)
  let at: LogPosition = logStart
  for (let height = 0; ; height++) {
    const header = headerAt(log, at) ?? headerAt(log, { segment: log.segmentAfter(at.segment), offset: 0 })
    if (header === undefined) return expectEnd(log, at)
    const { segment, offset, firstLeaf, count, blockLength } = header
    const place = { segment, offset, length: blockLength, height, firstLeaf, count }
    if (log.readUpTo(segment, offset, blockLength).length < blockLength) return expectEnd(log, header)
    const { header: whole, ...block } = reader.block(place)
    yield { ...block, head: whole.head, bytes: () => reader.frames(place) }
    at = { segment, offset: offset + blockLength }
  }
}

function headerAt(log: LogFiles, { segment, offset }: LogPosition) {
  const prefix = log.readUpTo(segment, offset, frameBytes)
  if (prefix.length < frameBytes) return undefined
  const frame = log.readUpTo(segment, offset, frameBytes + prefix.readUInt32LE(0))
  const payload = openFrame(frame)
  const header = payload && decodeHeader(payload)
  return header && { ...header, segment, offset }
}

/** What cannot be read is a torn end only where nothing follows it. */
function expectEnd(log: LogFiles, at: LogPosition): void {
  const last = log.segments().at(-1)
  if (last !== undefined && last > at.segment) throw log.damage(at.segment, at.offset, 'A block is damaged.')
}
