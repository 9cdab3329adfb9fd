/**
 * Takes a snapshot of the state at a boundary, with as much of the log as a new member needs to go on from there: all
 * leaves whose nonces may still be in use, and one that is older, to show that none was left out.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { tileWidth } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { type Hash, limits, type TimeMs, toBase64url } from '@chengxin/kernel'
import { type BlockPlace, readBlockPlace } from '../block-index.ts'
import { flushDirectory } from '../disk.ts'
import type { StoredHead } from '../face.ts'
import { readMark } from '../settled-database.ts'
import { readStateRoot } from '../state-root.ts'
import type { Reading } from '../store-reader.ts'
import { chunkBytes, encodeManifest, type SnapshotManifest, upperLeaves } from './manifest.ts'
import { rowChunks } from './write-rows.ts'

export const manifestName = 'manifest.json'

export function chunkName(index: number): string {
  return `${String(index).padStart(6, '0')}.chunk`
}

/** A boundary, by its block and the leaves up to it. */
export interface SnapshotPlace {
  readonly group: string
  readonly height: number
  readonly size: number
}

export interface SnapshotWatch {
  /** The state is held. */
  readonly onHeld?: () => void
  /** Asked now and then: whether to give up. */
  readonly isUnwanted?: () => boolean
}

/**
 * Writes `snapshots/<height>` below the store's directory and returns its path; nothing where the settled tables are not,
 * or no longer, at that boundary, or where it is not wanted any more. It is called between two steps of settling, which may go on once `onHeld` is called:
 * from then on this thread sees the state as it was, whatever others write.
 */
export function writeSnapshot(
  reading: Reading,
  { group, height, size }: SnapshotPlace,
  { onHeld = () => {}, isUnwanted = () => false }: SnapshotWatch = {},
): string | undefined {
  const { settled, directory } = reading
  settled.environment.renew()
  const stateRoot = readStateRoot(settled, size)
  if (readMark(settled).height !== height || !stateRoot) return undefined
  onHeld()
  const path = join(directory, 'snapshots', String(height))
  const unfinished = `${path}.unfinished`
  fs.rmSync(unfinished, { recursive: true, force: true })
  fs.mkdirSync(unfinished, { recursive: true })
  const chunks = new ChunkWriter(unfinished)
  // First the rows: what reads them sees one state, as long as nothing else asks to see the newest.
  for (const chunk of rowChunks(settled, join(unfinished, 'rows'), isUnwanted)) chunks.write('rows', chunk)
  if (isUnwanted()) return undefined
  const place = readBlockPlace(reading.recent, height)
  if (!place) throw new Error(`The index does not have block ${height}.`)
  const { head } = reading.blocks.block(place).header
  const first = firstPlaceOfTail(reading, place)
  writeEdge(reading, chunks, first.firstLeaf)
  writeLog(reading, chunks, first.height, height)
  fs.writeFileSync(
    join(unfinished, manifestName),
    encodeManifest(manifestOf(reading, group, head, stateRoot, first, chunks)),
  )
  flushFile(join(unfinished, manifestName))
  flushDirectory(unfinished)
  fs.rmSync(path, { recursive: true, force: true })
  fs.renameSync(unfinished, path)
  flushDirectory(join(directory, 'snapshots'))
  return path
}

function hashText(bytes: Uint8Array): Hash {
  return toBase64url(bytes) as Hash
}

function manifestOf(
  reading: Reading,
  group: string,
  head: StoredHead,
  stateRoot: Uint8Array,
  first: BlockPlace,
  chunks: ChunkWriter,
): SnapshotManifest {
  const { height, timeMs, size } = head
  const upper = Array.from({ length: Math.floor(first.firstLeaf / upperLeaves) }, (_, index) =>
    hashText(reading.nodeHash(16, index)),
  )
  return {
    v: 1,
    group: group as Hash,
    head: {
      height,
      timeMs: timeMs as TimeMs,
      size,
      root: hashText(head.root),
      stateHash: hashText(head.stateHash),
      agreedHash: hashText(head.agreedHash),
      rulesetHash: hashText(head.rulesetHash),
      ...(head.stateRoot && { stateRoot: { size: head.stateRoot.size, root: hashText(head.stateRoot.root) } }),
    },
    stateRoot: hashText(stateRoot),
    firstHeight: first.height,
    firstLeaf: first.firstLeaf,
    upper,
    chunks: chunks.written,
  }
}

/** The newest block that has leaves and is so old that no nonce of it matters any more, or the first of all. */
function firstPlaceOfTail(reading: Reading, newest: BlockPlace): BlockPlace {
  const { timeMs } = reading.blocks.block(newest)
  for (let height = newest.height; height > 0; height--) {
    const place = readBlockPlace(reading.recent, height)
    if (!place) throw new Error(`The index does not have block ${height}.`)
    if (place.count > 0 && reading.blocks.header(place).head.timeMs <= timeMs - limits.notAfterAheadMs) return place
  }
  return readBlockPlace(reading.recent, 0) as BlockPlace
}

/** Hashes of the leaves before the tail that share 65,536 with it. */
function writeEdge(reading: Reading, chunks: ChunkWriter, firstLeaf: number): void {
  const count = firstLeaf % upperLeaves
  if (count === 0) return
  const hashes: Uint8Array[] = []
  for (let leaf = firstLeaf - count; leaf < firstLeaf; leaf += tileWidth) {
    const width = Math.min(tileWidth, firstLeaf - leaf)
    hashes.push(reading.hashes(0, leaf / tileWidth, width))
  }
  chunks.write('edge', Buffer.concat(hashes))
}

function writeLog(reading: Reading, chunks: ChunkWriter, firstHeight: number, lastHeight: number): void {
  let blocks: Buffer[] = []
  let length = 0
  for (let height = firstHeight; height <= lastHeight; height++) {
    const block = reading.rawBlock(height)
    if (!block) throw new Error(`The log does not have block ${height}.`)
    blocks.push(Buffer.from(block))
    length += block.length
    if (length < chunkBytes && height < lastHeight) continue
    chunks.write('log', Buffer.concat(blocks))
    blocks = []
    length = 0
  }
}

class ChunkWriter {
  readonly #directory: string
  readonly written: { readonly kind: 'rows' | 'edge' | 'log'; readonly hash: Hash }[] = []

  constructor(directory: string) {
    this.#directory = directory
  }

  write(kind: 'rows' | 'edge' | 'log', chunk: Uint8Array): void {
    const path = join(this.#directory, chunkName(this.written.length))
    fs.writeFileSync(path, chunk)
    flushFile(path)
    this.written.push({ kind, hash: hashText(sha256(chunk)) })
  }
}

function flushFile(path: string): void {
  const file = fs.openSync(path, 'r+')
  try {
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}
