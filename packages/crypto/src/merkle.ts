/**
 * The Merkle tree of RFC 6962 section 2.1 (and RFC 9162): leaves are hashed after 0x00, nodes after 0x01, so that
 * neither can pass for the other. A tree grows on its right edge only: the roots of its complete subtrees, the
 * frontier, are all that appending and the root need. Sizes are numbers up to 2^53 − 1, so shifts are divisions here.
 */
import { concatBytes } from '@chengxin/kernel'
import type { Sha256 } from './hash.ts'

export interface TreeHasher {
  /** The root of the tree without leaves: the hash of nothing. */
  readonly emptyRoot: Uint8Array
  readonly leaf: (entry: Uint8Array) => Uint8Array
  readonly node: (left: Uint8Array, right: Uint8Array) => Uint8Array
}

export function createTreeHasher(sha256: Sha256): TreeHasher {
  const leafPrefix = Uint8Array.of(0)
  // One buffer for all nodes: a Sha256 does not keep its argument, and allocating costs as much as a third of the hash.
  const node = new Uint8Array(65)
  node[0] = 1
  return {
    emptyRoot: sha256(new Uint8Array(0)),
    leaf: (entry) => sha256(concatBytes(leafPrefix, entry)),
    node: (left, right) => {
      node.set(left, 1)
      node.set(right, 33)
      return sha256(node)
    },
  }
}

/** What a tree is when it is put away: enough to append to it and to tell its root. */
export interface FrontierState {
  readonly size: number
  /** The roots of the complete subtrees, from the largest (left) to the smallest; one for each 1 bit of the size. */
  readonly hashes: readonly Uint8Array[]
}

/** Told of every node that becomes complete: the root of leaves `index · 2^level` up to `(index + 1) · 2^level`. */
export type OnNode = (level: number, index: number, hash: Uint8Array) => void

export interface Frontier {
  readonly size: number
  /** Adds one leaf by its hash. The leaf itself is told of first, as level 0, then its ancestors upwards. */
  append(leafHash: Uint8Array, onNode?: OnNode): void
  root(): Uint8Array
  state(): FrontierState
}

/** A growing tree, empty or continued. Throws if the state has not one hash for each 1 bit of its size. */
export function createFrontier(hasher: TreeHasher, from: FrontierState = { size: 0, hashes: [] }): Frontier {
  if (from.hashes.length !== countOnes(from.size)) throw new Error('A frontier has a hash for each 1 bit of its size.')
  const hashes = from.hashes.slice()
  let size = from.size
  return {
    get size() {
      return size
    },
    append(leafHash, onNode) {
      let [hash, level, index] = [leafHash, 0, size]
      onNode?.(level, index, hash)
      // Each trailing 1 bit of the size is a complete subtree on the right edge that this leaf completes the sibling of.
      while (index % 2 === 1) {
        hash = hasher.node(hashes.pop() as Uint8Array, hash)
        index = (index - 1) / 2
        level++
        onNode?.(level, index, hash)
      }
      hashes.push(hash)
      size++
    },
    root() {
      let root = hashes[hashes.length - 1] ?? hasher.emptyRoot
      for (let at = hashes.length - 2; at >= 0; at--) root = hasher.node(hashes[at] as Uint8Array, root)
      return root
    },
    state: () => ({ size, hashes: hashes.slice() }),
  }
}

/** Where the hashes of complete subtrees come from: the root of leaves `index · 2^level` to `(index + 1) · 2^level`. */
export type NodeReader = (level: number, index: number) => Uint8Array

/** The root of the leaves from `start` up to `end`, which must be a part that RFC 6962 splits a tree into. */
export function rangeRoot(hasher: TreeHasher, read: NodeReader, start: number, end: number): Uint8Array {
  const count = end - start
  const half = largestPowerBelow(count)
  if (half * 2 === count || count === 1) return read(Math.log2(count), start / count)
  return hasher.node(rangeRoot(hasher, read, start, start + half), rangeRoot(hasher, read, start + half, end))
}

/** The root of the first `size` leaves, of a tree that may have more of them. */
export function treeRoot(hasher: TreeHasher, read: NodeReader, size: number): Uint8Array {
  return size === 0 ? hasher.emptyRoot : rangeRoot(hasher, read, 0, size)
}

/** The frontier of the first `size` leaves, to append to a tree that is stored as nodes. */
export function readFrontier(read: NodeReader, size: number): FrontierState {
  const hashes: Uint8Array[] = []
  for (let start = 0; start < size; ) {
    const count = largestPowerBelow(size - start + 1)
    hashes.push(read(Math.log2(count), start / count))
    start += count
  }
  return { size, hashes }
}

/** The largest power of two that is smaller than the number; 1 for 1, which has none. */
export function largestPowerBelow(value: number): number {
  let power = 1
  while (power * 2 < value) power *= 2
  return power
}

function countOnes(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
