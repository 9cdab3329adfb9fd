/**
 * The Merkle root over a ledger's whole state, and proofs of a row's value or absence against it. Rows are spread over
 * 65,536 buckets by the first 16 bits of the SHA-256 of their key. A bucket's hash is SHA-256 of 0x02 and, for each row in
 * order of key hash, key hash and value hash; an empty bucket is 32 zero bytes. Over the buckets stands a binary tree
 * whose nodes are SHA-256 of 0x01, left and right, as in RFC 6962; a proof is the bucket and its sixteen siblings.
 */
import { compareBytes, concatBytes, equalBytes, toUtf8 } from '@chengxin/kernel'
import type { Sha256 } from './hash.ts'

/** Levels of nodes above the buckets. */
export const stateTreeHeight = 16
export const stateBuckets = 2 ** stateTreeHeight

/** What an empty bucket has instead of a hash. */
export const emptyBucketHash: Uint8Array = new Uint8Array(32)

export interface StateProof {
  /** The whole bucket that the key belongs to, in order of key hash. */
  readonly rows: readonly { readonly keyHash: Uint8Array; readonly valueHash: Uint8Array }[]
  /** Hashes of the siblings, from the bucket's to the root's child. */
  readonly path: readonly Uint8Array[]
}

/** The bucket of a key, by its hash. */
export function stateBucketOf(keyHash: Uint8Array): number {
  return ((keyHash[0] as number) << 8) | (keyHash[1] as number)
}

/** The hash of a bucket: its rows as key hash and value hash after one another, in order of key hash. */
export function stateBucketHash(sha256: Sha256, rows: Uint8Array): Uint8Array {
  return rows.length === 0 ? emptyBucketHash : sha256(concatBytes(Uint8Array.of(2), rows))
}

export function stateNodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right))
}

/**
 * Whether the state under this root has the value at the key; `undefined` asks whether it has no row there. A proof that
 * lists rows out of order, twice or in a foreign bucket holds nothing.
 */
export function verifyStateProof(
  sha256: Sha256,
  root: Uint8Array,
  row: { readonly key: string; readonly value: string | undefined },
  proof: StateProof,
): boolean {
  const keyHash = sha256(toUtf8(row.key))
  const bucket = stateBucketOf(keyHash)
  if (!isBucket(proof.rows, bucket) || proof.path.length !== stateTreeHeight) return false
  if (proof.path.some((hash) => hash.length !== 32)) return false
  const held = proof.rows.find((other) => equalBytes(other.keyHash, keyHash))
  if (row.value === undefined ? held !== undefined : !held) return false
  if (row.value !== undefined && held && !equalBytes(sha256(toUtf8(row.value)), held.valueHash)) return false
  return equalBytes(rootOf(sha256, bucket, proof), root)
}

function isBucket(rows: StateProof['rows'], bucket: number): boolean {
  return rows.every(({ keyHash, valueHash }, index) => {
    if (keyHash.length !== 32 || valueHash.length !== 32 || stateBucketOf(keyHash) !== bucket) return false
    const before = rows[index - 1]
    return !before || compareBytes(before.keyHash, keyHash) < 0
  })
}

function rootOf(sha256: Sha256, bucket: number, { rows, path }: StateProof): Uint8Array {
  const listed = concatBytes(...rows.flatMap(({ keyHash, valueHash }) => [keyHash, valueHash]))
  let hash = stateBucketHash(sha256, listed)
  let index = bucket
  for (const sibling of path) {
    hash = index % 2 === 0 ? stateNodeHash(sha256, hash, sibling) : stateNodeHash(sha256, sibling, hash)
    index >>= 1
  }
  return hash
}
