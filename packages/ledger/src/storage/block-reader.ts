/** Blocks and leaves read from the log, each frame checked. */

import {
  type BlockHeader,
  decodeGenesis,
  decodeHeader,
  decodeLeaf,
  headerLength,
  type LeafRecord,
  offsetsAt,
  openFrame,
} from './block-frames.ts'
import type { BlockPlace } from './block-index.ts'
import type { StoredBlock } from './face.ts'
import type { LogFiles } from './log-files.ts'

export type { LeafRecord } from './block-frames.ts'

export class BlockReader {
  readonly #log: LogFiles

  constructor(log: LogFiles) {
    this.#log = log
  }

  /** A leaf of the block at this place: where its frame begins, then the frame. */
  leaf(place: BlockPlace, index: number): LeafRecord {
    const offsets = this.#log.read(place.segment, place.offset + offsetsAt(index - place.firstLeaf), 8)
    const [start, end] = [offsets.readUInt32LE(0), offsets.readUInt32LE(4)]
    const at = place.offset + start
    if (start >= end || end > place.length) {
      throw this.#log.damage(place.segment, at, 'The places of leaves in this block are damaged.')
    }
    return this.#checkLeaf(place, index, at, this.#log.read(place.segment, at, end - start))
  }

  /** The whole block, with identities of its leaves. */
  block(place: BlockPlace): StoredBlock & { readonly header: BlockHeader; readonly leaves: readonly LeafRecord[] } {
    const bytes = this.#log.read(place.segment, place.offset, place.length)
    const header = this.#header(place, bytes)
    const { head, firstLeaf } = header
    const genesisEvents = this.#genesisEvents(place, header, bytes)
    return {
      header,
      height: place.height,
      timeMs: head.timeMs,
      firstLeaf,
      size: head.size,
      root: head.root,
      agreedHash: head.agreedHash,
      leaves: this.#leaves(place, header, bytes),
      ...(genesisEvents && { genesisEvents }),
    }
  }

  /** The header of the block at this place. */
  header(place: BlockPlace): BlockHeader {
    return this.#header(place, this.#log.read(place.segment, place.offset, headerLength(place.count)))
  }

  /** The frames of the block at this place, as they lie in the log. */
  frames(place: BlockPlace): Buffer {
    return this.#log.read(place.segment, place.offset, place.length)
  }

  #header(place: BlockPlace, bytes: Buffer): BlockHeader {
    const payload = openFrame(bytes)
    const header = payload && decodeHeader(payload)
    const isExpected =
      header?.head.height === place.height &&
      header.blockLength === place.length &&
      header.firstLeaf === place.firstLeaf
    if (header && isExpected) return header
    throw this.#log.damage(place.segment, place.offset, `The header of block ${place.height} is damaged.`)
  }

  #genesisEvents(place: BlockPlace, { genesisOffset }: BlockHeader, bytes: Buffer): Buffer | undefined {
    if (genesisOffset === undefined) return undefined
    const payload = openFrame(bytes.subarray(genesisOffset))
    const events = payload && decodeGenesis(payload)
    if (events) return events
    throw this.#log.damage(place.segment, place.offset + genesisOffset, 'The genesis events are damaged.')
  }

  #leaves(place: BlockPlace, { count, firstLeaf, leafOffsets }: BlockHeader, bytes: Buffer): LeafRecord[] {
    const leaves: LeafRecord[] = []
    for (let position = 0; position < count; position++) {
      const start = leafOffsets[position] as number
      const frame = bytes.subarray(start, leafOffsets[position + 1])
      leaves.push(this.#checkLeaf(place, firstLeaf + position, place.offset + start, frame))
    }
    return leaves
  }

  #checkLeaf(place: BlockPlace, index: number, at: number, bytes: Buffer): LeafRecord {
    const payload = openFrame(bytes)
    const record = payload && decodeLeaf(payload)
    if (record?.index !== index) throw this.#log.damage(place.segment, at, `Leaf ${index} is damaged.`)
    return record
  }
}
