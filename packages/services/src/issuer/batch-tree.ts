/** The Merkle tree over the commitments of one batch (RFC 6962), held whole in memory: a path for every certificate. */
import { createFrontier, createTreeHasher, inclusionProof, type NodeReader } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { type Hash, toBase64url } from '@chengxin/kernel'

export interface BatchTree {
  readonly root: Hash
  readonly size: number
  /** Sibling hashes from the commitment's up to the root's child. */
  path(index: number): readonly Hash[]
}

export function batchTree(commitments: readonly Uint8Array[]): BatchTree {
  const hasher = createTreeHasher(sha256)
  const frontier = createFrontier(hasher)
  const levels: Uint8Array[][] = []
  for (const commitment of commitments) {
    frontier.append(hasher.leaf(commitment), (level, index, hash) => {
      const nodes = levels[level] ?? []
      nodes[index] = hash
      levels[level] = nodes
    })
  }
  const read: NodeReader = (level, index) => levels[level]?.[index] as Uint8Array
  return {
    root: toBase64url(frontier.root()) as Hash,
    size: commitments.length,
    path: (index) => inclusionProof(hasher, read, index, commitments.length).map((hash) => toBase64url(hash) as Hash),
  }
}
