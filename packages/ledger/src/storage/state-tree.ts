/**
 * The stored form of the tree over the state (crypto's state-proof.ts says what it is): each bucket's rows as one value,
 * and the tree's nodes in groups of eight levels, 256 groups at the bottom and one on top. Nodes are hashed as those of the
 * log's tree are.
 */
import { emptyBucketHash, type TreeHasher } from '@chengxin/crypto'
import { equalBytes } from '@chengxin/kernel'

const hashBytes = 32
/** A bucket's row: hash of the key, hash of the value. */
export const entryBytes = 2 * hashBytes
export const groupWidth = 256
/** Of a group: nodes as in a heap, from the top: 1 is the root, 256 to 511 the leaves; 0 is not used. */
export const groupBytes = 2 * groupWidth * hashBytes
/** The group above the 256 at the bottom. */
export const topGroup = 256

/** A row that may have changed: its new value's hash, or none where it was removed. */
export interface ChangedEntry {
  readonly keyHash: Buffer
  readonly valueHash: Uint8Array | undefined
}

/** The bucket after the changes, which are in order of key hash and name each key once. */
export function mergeBucket(bucket: Buffer, changes: readonly ChangedEntry[]): Buffer {
  const merged = Buffer.allocUnsafe(bucket.length + changes.length * entryBytes)
  let from = 0
  let end = 0
  const copyUpTo = (stop: number) => {
    bucket.copy(merged, end, from, stop)
    end += stop - from
    from = stop
  }
  for (const { keyHash, valueHash } of changes) {
    const at = positionOf(bucket, keyHash, from)
    copyUpTo(at)
    if (isKeyAt(bucket, keyHash, at)) from = at + entryBytes
    if (!valueHash) continue
    merged.set(keyHash, end)
    merged.set(valueHash, end + hashBytes)
    end += entryBytes
  }
  copyUpTo(bucket.length)
  return merged.subarray(0, end)
}

/** Where the key stands in the bucket, or would. */
function positionOf(bucket: Buffer, keyHash: Buffer, from: number): number {
  let low = from / entryBytes
  let high = bucket.length / entryBytes
  while (low < high) {
    const middle = (low + high) >> 1
    const at = middle * entryBytes
    if (bucket.compare(keyHash, 0, hashBytes, at, at + hashBytes) < 0) low = middle + 1
    else high = middle
  }
  return low * entryBytes
}

function isKeyAt(bucket: Buffer, keyHash: Buffer, at: number): boolean {
  return at < bucket.length && bucket.compare(keyHash, 0, hashBytes, at, at + hashBytes) === 0
}

/** The value hash that a bucket has for a key. */
export function findEntry(bucket: Buffer, keyHash: Buffer): Buffer | undefined {
  const at = positionOf(bucket, keyHash, 0)
  return isKeyAt(bucket, keyHash, at) ? bucket.subarray(at + hashBytes, at + entryBytes) : undefined
}

/** Groups of a state without rows: the one at the bottom, and the one on top of 256 of it. */
export interface EmptyGroups {
  readonly bottom: Buffer
  readonly top: Buffer
}

export function createEmptyGroups(hasher: TreeHasher): EmptyGroups {
  const bottom = filledGroup(hasher, emptyBucketHash)
  return { bottom, top: filledGroup(hasher, rootOfGroup(bottom)) }
}

function filledGroup(hasher: TreeHasher, leaf: Uint8Array): Buffer {
  const group = Buffer.alloc(groupBytes)
  let hash = leaf
  for (let width = groupWidth; width >= 1; width /= 2) {
    for (let node = width; node < 2 * width; node++) group.set(hash, node * hashBytes)
    hash = hasher.node(hash, hash)
  }
  return group
}

export function nodeOfGroup(group: Buffer, node: number): Buffer {
  return group.subarray(node * hashBytes, (node + 1) * hashBytes)
}

export function rootOfGroup(group: Buffer): Buffer {
  return nodeOfGroup(group, 1)
}

/** Sets leaves of a group and hashes what stands above them. Each leaf is its position in the group and its hash. */
export function updateGroup(
  { node: hashNode }: TreeHasher,
  group: Buffer,
  leaves: Iterable<readonly [position: number, hash: Uint8Array]>,
): void {
  const isChanged = new Uint8Array(groupWidth)
  for (const [position, hash] of leaves) {
    group.set(hash, (groupWidth + position) * hashBytes)
    isChanged[(groupWidth + position) >> 1] = 1
  }
  for (let node = groupWidth - 1; node >= 1; node--) {
    if (isChanged[node] === 0) continue
    group.set(hashNode(nodeOfGroup(group, 2 * node), nodeOfGroup(group, 2 * node + 1)), node * hashBytes)
    isChanged[node >> 1] = 1
  }
}

/** Siblings of a leaf of a group, from its own to the one below the group's root. */
export function siblingsInGroup(group: Buffer, position: number): Buffer[] {
  const siblings: Buffer[] = []
  for (let node = groupWidth + position; node > 1; node >>= 1) siblings.push(nodeOfGroup(group, node ^ 1))
  return siblings
}

/** Whether every node of a group is the hash of the two below it. */
export function isGroupWhole(hasher: TreeHasher, group: Buffer): boolean {
  for (let node = 1; node < groupWidth; node++) {
    const hash = hasher.node(nodeOfGroup(group, 2 * node), nodeOfGroup(group, 2 * node + 1))
    if (!equalBytes(hash, nodeOfGroup(group, node))) return false
  }
  return true
}
