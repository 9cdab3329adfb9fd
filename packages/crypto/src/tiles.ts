/**
 * Tiles (C2SP tlog-tiles): the tree cut into pieces eight levels high, 256 hashes of 32 bytes wide, each an immutable
 * file, and the entries in bundles beside them. Only every eighth level is stored; what lies between is hashed when it
 * is read. A tile on the right edge is partial, named with its width, and is replaced as the tree grows.
 */
import { concatBytes, type Refusal, refuse } from '@chengxin/kernel'
import type { NodeReader, TreeHasher } from './merkle.ts'

/** Hashes of a full tile, entries of a full bundle. */
export const tileWidth = 256

export interface Tile {
  /** 0 for leaf hashes, n for the roots of the full tiles of level n − 1; `entries` for a bundle of log entries. */
  readonly level: number | 'entries'
  readonly index: number
  /** How many hashes or entries: 256, or fewer at the right edge. */
  readonly width: number
}

/** A tile of hashes, not of entries. */
export type HashTile = Tile & { readonly level: number }

/** `tile/0/x001/x234/067`, `tile/1/003.p/17`, `tile/entries/000`: the path under the log's prefix. */
export function tilePath({ level, index, width }: Tile): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`
}

const tilePathText = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5})([0-9]{3})(?:\.p\/([0-9]{1,3}))?$/

/** The tile that a path names, or `undefined` where another path names the same tile or none does. */
export function parseTilePath(path: string): Tile | undefined {
  const match = tilePathText.exec(path)
  if (!match) return undefined
  const [, levelText, high = '', low = '', widthText] = match
  const level = levelText === 'entries' ? levelText : Number(levelText)
  const index = Number(high.replaceAll(/[x/]/g, '') + low)
  const width = widthText === undefined ? tileWidth : Number(widthText)
  const tile: Tile = { level, index, width }
  if (level !== 'entries' && level > 63) return undefined
  if (width < 1 || width > tileWidth || !Number.isSafeInteger(index) || tilePath(tile) !== path) return undefined
  return tile
}

/** How many hashes this tile has in a tree of that size: 0 to 256. */
export function widthInTree(level: number | 'entries', index: number, size: number): number {
  const hashes = level === 'entries' ? size : Math.floor(size / tileWidth ** level)
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth))
}

/** Every hash tile of a tree of this size, by level, then from the left. */
export function* tilesOfTree(size: number): Generator<HashTile> {
  for (let level = 0; widthInTree(level, 0, size) > 0; level++) {
    for (let index = 0; ; index++) {
      const width = widthInTree(level, index, size)
      if (width === 0) break
      yield { level, index, width }
    }
  }
}

/** Where a node is found: in which tile of a tree of this size, and from which of its hashes it is made. */
export interface TilePosition {
  readonly tile: HashTile
  /** The first of the `count` hashes whose subtree root the node is; one hash is the node itself. */
  readonly start: number
  readonly count: number
}

/** Where the root of leaves `index · 2^level` up to `(index + 1) · 2^level` is found. It must lie within the tree. */
export function positionOfNode(level: number, index: number, size: number): TilePosition {
  const tileLevel = Math.floor(level / 8)
  const count = 2 ** (level % 8)
  const first = index * count
  const tileIndex = Math.floor(first / tileWidth)
  const width = widthInTree(tileLevel, tileIndex, size)
  const start = first - tileIndex * tileWidth
  if (start + count > width) throw new Error(`A tree of ${size} has no complete node ${index} at level ${level}.`)
  return { tile: { level: tileLevel, index: tileIndex, width }, start, count }
}

/** Reads nodes of a tree of this size out of its tiles. The tile's bytes are asked for at every read: caching is theirs. */
export function createTileReader(
  hasher: TreeHasher,
  size: number,
  readTile: (tile: HashTile) => Uint8Array,
): NodeReader {
  return (level, index) => {
    const { tile, start, count } = positionOfNode(level, index, size)
    const hashes = readTile(tile)
    if (hashes.length < tile.width * 32) throw new Error(`The tile ${tilePath(tile)} is too short.`)
    return rootOfHashes(hasher, hashes, start, count)
  }
}

/**
 * The tiles that something reads, so that they can be fetched before it runs: it is run once on hashes of zeros.
 */
export function tilesReadBy(size: number, run: (read: NodeReader) => unknown): HashTile[] {
  const tiles = new Map<string, HashTile>()
  const nothing = new Uint8Array(32)
  run((level, index) => {
    const { tile } = positionOfNode(level, index, size)
    tiles.set(tilePath(tile), tile)
    return nothing
  })
  return [...tiles.values()]
}

function rootOfHashes(hasher: TreeHasher, hashes: Uint8Array, start: number, count: number): Uint8Array {
  if (count === 1) return hashes.slice(start * 32, start * 32 + 32)
  const half = count / 2
  return hasher.node(rootOfHashes(hasher, hashes, start, half), rootOfHashes(hasher, hashes, start + half, half))
}

/** The bytes of a bundle: each entry after its length in two bytes. Throws if an entry is longer than 65,535 bytes. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new Error(`An entry of a bundle is at most 65,535 bytes, not ${entry.length}.`)
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry)
  }
  return concatBytes(...parts)
}

/** The entries of a bundle of this width, or `entry_bundle_malformed`: other lengths add up, or another number. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] | Refusal {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at + 2
    const end = start + (((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0))
    if (end > bytes.length || start > bytes.length) return refuse('entry_bundle_malformed')
    entries.push(bytes.slice(start, end))
    at = end
  }
  return entries.length === width ? entries : refuse('entry_bundle_malformed')
}
