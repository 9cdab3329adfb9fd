/** What a tree becomes by further leaves, and which hashes its tiles gain, before anything is written. */
import { createFrontier, createTreeHasher, type FrontierState, type TreeHasher } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { hashBytes, hashesAt, type TileGrowth } from './tile-files.ts'

export const treeHasher = createTreeHasher(sha256)

export interface TreeGrowth {
  readonly leafHashes: readonly Uint8Array[]
  readonly root: Uint8Array
  readonly frontier: FrontierState
  readonly tiles: readonly TileGrowth[]
}

export function growTree(hasher: TreeHasher, from: FrontierState, leafHashes: readonly Uint8Array[]): TreeGrowth {
  const frontier = createFrontier(hasher, from)
  const tiles = tilesOfGrowth(from.size, from.size + leafHashes.length)
  const onNode = (level: number, index: number, hash: Uint8Array) => {
    if (level % 8 !== 0) return
    const { first, hashes } = tiles[level / 8] as TileGrowth
    hashes.set(hash, (index - first) * hashBytes)
  }
  for (const leafHash of leafHashes) frontier.append(leafHash, onNode)
  return { leafHashes, root: Uint8Array.from(frontier.root()), frontier: ownState(frontier.state()), tiles }
}

/** The frontier outlives the leaves, whose memory is used again; the hash of a leaf can be in it, or be the root. */
function ownState({ size, hashes }: FrontierState): FrontierState {
  return { size, hashes: hashes.map((hash) => Uint8Array.from(hash)) }
}

/** Room for the hashes that each tile level gains between two sizes; levels that gain none are left out above. */
function tilesOfGrowth(from: number, to: number): TileGrowth[] {
  const tiles: TileGrowth[] = []
  for (let level = 0; hashesAt(level, to) > hashesAt(level, from); level++) {
    const first = hashesAt(level, from)
    tiles.push({ level, first, hashes: new Uint8Array((hashesAt(level, to) - first) * hashBytes) })
  }
  return tiles
}
