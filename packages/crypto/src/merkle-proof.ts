/**
 * Proofs over the tree of merkle.ts: that a leaf is in a tree (RFC 9162 section 2.1.3), and that a tree continues an
 * earlier one (2.1.4). Proofs are made from complete subtrees only, so any prefix of a longer tree can be proved about;
 * they are checked by the RFC's algorithms, which need no tree.
 */
import { equalBytes } from '@chengxin/kernel'
import { largestPowerBelow, type NodeReader, rangeRoot, type TreeHasher } from './merkle.ts'

/** Sibling hashes from the leaf's up to the root's child. Throws unless 0 ≤ index < size. */
export function inclusionProof(hasher: TreeHasher, read: NodeReader, index: number, size: number): Uint8Array[] {
  if (!isSize(size) || !isSize(index) || index >= size) throw new Error(`A tree of ${size} has no leaf ${index}.`)
  const siblings: Uint8Array[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      siblings.push(rangeRoot(hasher, read, middle, end))
      end = middle
    } else {
      siblings.push(rangeRoot(hasher, read, start, middle))
      start = middle
    }
  }
  return siblings.reverse()
}

/** What links the first `oldSize` leaves to the first `newSize`. Empty for equal sizes and from the empty tree. */
export function consistencyProof(hasher: TreeHasher, read: NodeReader, oldSize: number, newSize: number): Uint8Array[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new Error(`A tree of ${newSize} does not continue one of ${oldSize}.`)
  }
  if (oldSize === 0 || oldSize === newSize) return []
  const hashes: Uint8Array[] = []
  let [start, end] = [0, newSize]
  while (end !== oldSize) {
    const middle = start + largestPowerBelow(end - start)
    if (oldSize <= middle) {
      hashes.push(rangeRoot(hasher, read, middle, end))
      end = middle
    } else {
      hashes.push(rangeRoot(hasher, read, start, middle))
      start = middle
    }
  }
  // The old tree's own root is known to whoever checks; a part of it is not.
  if (start !== 0) hashes.push(rangeRoot(hasher, read, start, end))
  return hashes.reverse()
}

export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

export interface Inclusion {
  readonly index: number
  readonly leafHash: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Whether the leaf is at that index of the tree (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(hasher: TreeHasher, head: TreeHead, inclusion: Inclusion): boolean {
  const root = inclusionRoot(hasher, head.size, inclusion)
  return root !== undefined && equalBytes(root, head.root)
}

/** The root of the tree of this size that has the leaf at that index, or `undefined` where no tree of the size fits. */
export function inclusionRoot(
  hasher: TreeHasher,
  size: number,
  { index, leafHash, proof }: Inclusion,
): Uint8Array | undefined {
  if (!isSize(size) || !isSize(index) || index >= size || !areHashes(proof)) return undefined
  let [here, last, hash] = [index, size - 1, leafHash]
  for (const sibling of proof) {
    if (last === 0) return undefined
    if (here % 2 === 1 || here === last) {
      hash = hasher.node(sibling, hash)
      while (here % 2 === 0 && here !== 0) [here, last] = [halve(here), halve(last)]
    } else {
      hash = hasher.node(hash, sibling)
    }
    ;[here, last] = [halve(here), halve(last)]
  }
  return last === 0 ? hash : undefined
}

/** Whether the newer tree begins with the whole older one (RFC 9162 section 2.1.4.2). */
export function verifyConsistency(
  hasher: TreeHasher,
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size || !areHashes(proof)) return false
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root)
  if (older.size === 0) return proof.length === 0 && equalBytes(older.root, hasher.emptyRoot)

  let [here, last] = [older.size - 1, newer.size - 1]
  while (here % 2 === 1) [here, last] = [halve(here), halve(last)]
  // Where the older tree is one complete subtree, its root is where both climbs begin.
  const [first, ...rest] = here === 0 ? [older.root, ...proof] : proof
  if (!first) return false
  let [olderRoot, newerRoot] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (here % 2 === 1 || here === last) {
      olderRoot = hasher.node(sibling, olderRoot)
      newerRoot = hasher.node(sibling, newerRoot)
      while (here % 2 === 0 && here !== 0) [here, last] = [halve(here), halve(last)]
    } else {
      newerRoot = hasher.node(newerRoot, sibling)
    }
    ;[here, last] = [halve(here), halve(last)]
  }
  return last === 0 && equalBytes(olderRoot, older.root) && equalBytes(newerRoot, newer.root)
}

/**
 * Checks many leaves against one tree, hashing each shared node once: nodes on the path of a proof that held are known,
 * with their siblings, and a later proof must agree with every one of them. A proof that fails teaches nothing.
 */
export function createInclusionChecker(hasher: TreeHasher, head: TreeHead): (inclusion: Inclusion) => boolean {
  // By level, then by index within it; a node on the right edge may stand for fewer leaves than others of its level.
  const known: Map<number, Uint8Array>[] = []
  const knownAt = (level: number, index: number) => known[level]?.get(index)
  const learn = ({ level, index, hash }: Node) => {
    known[level] ??= new Map()
    known[level].set(index, hash)
  }
  return ({ index, leafHash, proof }) => {
    if (!isSize(head.size) || !isSize(index) || index >= head.size || !areHashes(proof)) return false
    const learnt: Node[] = []
    let [here, last, level, hash, isKnown] = [index, head.size - 1, 0, leafHash, false]
    for (const siblingHash of proof) {
      // The last node of a level has no sibling if its index is even, and is itself a node of the next level.
      while (here === last && here % 2 === 0 && last !== 0) [here, last, level] = [here / 2, last / 2, level + 1]
      if (last === 0) return false
      const isRight = here % 2 === 1
      const sibling = { level, index: isRight ? here - 1 : here + 1, hash: siblingHash }
      const knownHash = isKnown ? undefined : knownAt(level, here)
      if (knownHash) {
        if (!equalBytes(knownHash, hash)) return false
        isKnown = true
      }
      if (isKnown) {
        const knownSibling = knownAt(level, sibling.index)
        if (!knownSibling || !equalBytes(knownSibling, siblingHash)) return false
      } else {
        learnt.push({ level, index: here, hash }, sibling)
        hash = isRight ? hasher.node(siblingHash, hash) : hasher.node(hash, siblingHash)
      }
      ;[here, last, level] = [halve(here), halve(last), level + 1]
    }
    if (last !== 0 || (!isKnown && !equalBytes(hash, head.root))) return false
    for (const node of learnt) learn(node)
    return true
  }
}

interface Node {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

function halve(value: number): number {
  return Math.floor(value / 2)
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32)
}
