/**
 * The tree read from its tiles, every tile verified before a hash of it is used: a full tile must hash to its entry in the
 * level above, which is verified in turn, and the tiles at the right edge must hash to the frontier, which lies sealed in
 * the state database. So no checksums are stored beside the hashes: the tree is its own.
 */
import { type FrontierState, type TreeHasher, tileWidth } from '@chengxin/crypto'
import { equalBytes } from '@chengxin/kernel'
import { hashBytes, hashesAt, type TileFiles } from './tile-files.ts'

/** Verified full tiles kept, about 16 KiB each. */
const tilesKept = 256

/** All levels of one tile: `levels[0]` its hashes, `levels[k]` the roots of 2^k of them, as far as they are complete. */
interface VerifiedTile {
  readonly levels: readonly Buffer[]
}

export class TileTree {
  readonly #files: TileFiles
  readonly #hasher: TreeHasher
  readonly #kept = new Map<string, VerifiedTile>()

  constructor(files: TileFiles, hasher: TreeHasher) {
    this.#files = files
    this.#hasher = hasher
  }

  /** The root of leaves `index · 2^level` up to `(index + 1) · 2^level`, which must lie in the tree. */
  nodeHash(level: number, index: number, frontier: FrontierState): Uint8Array {
    const tileLevel = Math.floor(level / 8)
    const inside = level % 8
    const first = index * 2 ** inside
    if (!isCount(level) || !isCount(index) || first + 2 ** inside > hashesAt(tileLevel, frontier.size)) {
      throw new Error(`A tree of ${frontier.size} has no complete node ${index} at level ${level}.`)
    }
    const { levels } = this.#tile(tileLevel, Math.floor(first / tileWidth), frontier)
    const at = (first % tileWidth) / 2 ** inside
    return new Uint8Array((levels[inside] as Buffer).subarray(at * hashBytes, (at + 1) * hashBytes))
  }

  /** The hashes of a tile of the width asked for, or `undefined` where the tree has fewer. */
  tile(level: number, index: number, width: number, frontier: FrontierState): Uint8Array | undefined {
    if (hashesAt(level, frontier.size) < index * tileWidth + width) return undefined
    const { levels } = this.#tile(level, index, frontier)
    return new Uint8Array((levels[0] as Buffer).subarray(0, width * hashBytes))
  }

  #tile(level: number, index: number, frontier: FrontierState): VerifiedTile {
    const isFull = hashesAt(level + 1, frontier.size) > index
    // A tile at the right edge changes as the tree grows, so it is known by the size of the tree too.
    const name = isFull ? `${level}/${index}` : `${level}/${index}/${hashesAt(level, frontier.size)}`
    const kept = this.#kept.get(name)
    if (kept) return kept
    const width = isFull ? tileWidth : hashesAt(level, frontier.size) - index * tileWidth
    const tile = this.#computeLevels(this.#files.read(level, index * tileWidth, width))
    if (isFull) this.#checkFull(tile, level, index, frontier)
    else this.#checkEdge(tile, level, index, frontier)
    this.#kept.set(name, tile)
    if (this.#kept.size > tilesKept) this.#kept.delete(this.#kept.keys().next().value as string)
    return tile
  }

  #computeLevels(hashes: Buffer): VerifiedTile {
    const levels = [hashes]
    for (let below = hashes; below.length >= 2 * hashBytes; ) {
      const nodes = Buffer.allocUnsafe(Math.floor(below.length / (2 * hashBytes)) * hashBytes)
      for (let at = 0; at < nodes.length; at += hashBytes) {
        const left = below.subarray(at * 2, at * 2 + hashBytes)
        const right = below.subarray(at * 2 + hashBytes, at * 2 + 2 * hashBytes)
        nodes.set(this.#hasher.node(left, right), at)
      }
      levels.push(nodes)
      below = nodes
    }
    return { levels }
  }

  #checkFull({ levels }: VerifiedTile, level: number, index: number, frontier: FrontierState): void {
    const above = this.nodeHash((level + 1) * 8, index, frontier)
    if (!equalBytes(levels[8] as Buffer, above)) {
      throw this.#files.damage(level, index * tileWidth, 'These 256 hashes do not give their root.')
    }
  }

  /** The complete subtrees at the right edge that lie in this tile are the frontier's hashes of these levels. */
  #checkEdge({ levels }: VerifiedTile, level: number, index: number, frontier: FrontierState): void {
    const width = (levels[0] as Buffer).length / hashBytes
    let start = 0
    for (let inside = 7; inside >= 0; inside--) {
      const count = 2 ** inside
      if (Math.floor(width / count) % 2 === 0) continue
      const at = (start / count) * hashBytes
      const expected = frontierHash(frontier, level * 8 + inside)
      if (!expected || !equalBytes((levels[inside] as Buffer).subarray(at, at + hashBytes), expected)) {
        throw this.#files.damage(level, index * tileWidth + start, 'The newest hashes do not give the root.')
      }
      start += count
    }
  }
}

/** The frontier's complete subtree of 2^level leaves, if it has one. */
function frontierHash({ size, hashes }: FrontierState, level: number): Uint8Array | undefined {
  let rest = Math.floor(size / 2 ** level)
  if (rest % 2 === 0) return undefined
  // Larger subtrees come first: as many as there are 1 bits above this one.
  let before = 0
  for (rest = Math.floor(rest / 2); rest > 0; rest = Math.floor(rest / 2)) before += rest % 2
  return hashes[before]
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
