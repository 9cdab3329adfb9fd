/**
 * How a certificate is tied to a ledger without a word about it standing there. Before signing, the issuer commits to
 * what the certificate will say (its type, issuer, holder's key, place in the status list, the digests of its fields and
 * what else stands in plain sight) under a salt of its own; whoever gets hold of its key later can add nothing to that; the commitments of a batch, in random order, are the leaves of a Merkle tree (RFC 6962) whose
 * root is anchored. What opens the commitment travels in the certificate as one more field that can be withheld.
 */
import { commit, createTreeHasher, type PublicJwk, type Sha256, thumbprint, verifyInclusion } from '@chengxin/crypto'
import {
  canonicalize,
  compareText,
  fromBase64url,
  type Hash,
  type Json,
  type JsonObject,
  toUtf8,
} from '@chengxin/kernel'
import { hasShape } from './shape.ts'
import type { StatusReference } from './status-list.ts'

/** The value of a certificate's `anchor` field. */
export interface AnchorClaim {
  /** 16 bytes, base64url. */
  readonly salt: string
  /** Place of the commitment in its batch, and the hashes from its sibling up to the root's child (base64url). */
  readonly index: number
  readonly path: readonly Hash[]
  readonly batchSize: number
  /** The anchoring transaction in the log, as a C2SP tlog-proof. */
  readonly receipt: string
}

export function parseAnchorClaim(value: Json): AnchorClaim | undefined {
  const shape = { salt: 'text', index: 'count', path: ['hash'], batchSize: 'count', receipt: 'text' } as const
  if (!hasShape(value, shape)) return undefined
  const claim = value as unknown as AnchorClaim
  return fromBase64url(claim.salt)?.length === 16 ? claim : undefined
}

/** What an issuer commits to, and a verifier commits to again. */
export interface AnchoredContent {
  readonly vct: string
  readonly iss: string
  readonly holderKey: PublicJwk
  readonly status?: StatusReference
  /** Digests of the hidden fields, the anchor itself left out. */
  readonly claimDigests: readonly string[]
  /** What else the certificate says in plain sight, such as its end; absent where it says nothing. */
  readonly plain?: JsonObject
}

/** The leaf of the batch that stands for a certificate: 32 bytes that tell nothing without the salt. */
export function certificateCommitment(sha256: Sha256, content: AnchoredContent, salt: Uint8Array): Uint8Array {
  const { vct, iss, holderKey, status, claimDigests, plain } = content
  const canonical = canonicalize({
    vct,
    iss,
    cnf: thumbprint(sha256, holderKey),
    ...(status && { status: { uri: status.uri, idx: status.index } }),
    sd: [...claimDigests].sort(compareText),
    ...(plain && { plain }),
  })
  return fromBase64url(commit(sha256, { salt, value: toUtf8(canonical) })) as Uint8Array
}

/** Whether a commitment is one of the batch with this root. */
export function isInBatch(sha256: Sha256, root: Uint8Array, claim: AnchorClaim, commitment: Uint8Array): boolean {
  const hasher = createTreeHasher(sha256)
  const proof = claim.path.map((hash) => fromBase64url(hash) as Uint8Array)
  const head = { size: claim.batchSize, root }
  return verifyInclusion(hasher, head, { index: claim.index, leafHash: hasher.leaf(commitment), proof })
}
