/**
 * What a snapshot says it holds: the head of the log at a boundary, the root of the state there, and the hash of every
 * chunk. Canonical JSON; nothing in it is believed before the chunks have given the agreed roots.
 *
 * Chunks are of three kinds, in this order: `rows`, the state by buckets; `edge`, hashes of the leaves before the first
 * one that comes along, back to a multiple of 65,536; `log`, the newest blocks, which hold every nonce that still matters.
 */
import type { Sha256 } from '@chengxin/crypto'
import {
  canonicalize,
  equalBytes,
  fromBase64url,
  fromUtf8,
  isRefusal,
  parseCanonical,
  type Refusal,
  refuse,
  toBase64url,
} from '@chengxin/kernel'
import { Fault, type Infer, s } from '@chengxin/module-kit'
import type { StoredHead } from '../face.ts'

/** A chunk ends with the row or block that takes it past this; one that is larger than four times as much is refused. */
export const chunkBytes = 8 * 1024 * 1024
export const largestChunk = 4 * chunkBytes

const count = s.integer(0, Number.MAX_SAFE_INTEGER)
const chunkSchema = s.object({ kind: s.code('rows', 'edge', 'log'), hash: s.hash() })

const manifestSchema = s.object({
  v: s.integer(1, 1),
  group: s.hash(),
  head: s.object({
    height: count,
    timeMs: s.timeMs(),
    size: count,
    root: s.hash(),
    stateHash: s.hash(),
    agreedHash: s.hash(),
    rulesetHash: s.hash(),
    stateRoot: s.optional(s.object({ size: count, root: s.hash() })),
  }),
  /** The root of the state after that block. */
  stateRoot: s.hash(),
  /** The first block of the log that comes along, and its first leaf. */
  firstHeight: count,
  firstLeaf: count,
  /** Roots of every 65,536 leaves before that. */
  upper: s.list(s.hash(), 1_000_000),
  chunks: s.list(chunkSchema, 1_000_000, 1),
})

export type SnapshotManifest = Infer<typeof manifestSchema>

/** What whoever joins knows to be agreed, from the members and not from the snapshot. */
export interface AgreedBoundary {
  readonly group: string
  readonly height: number
  readonly size: number
  readonly root: Uint8Array
  readonly agreedHash: Uint8Array
  /** The root of the state at the boundary, which members agreed on half an interval later. */
  readonly stateRoot: Uint8Array
}

export function encodeManifest(manifest: SnapshotManifest): Uint8Array {
  return Buffer.from(canonicalize(manifest))
}

/**
 * The manifest, or a refusal: `snapshot_manifest_malformed`; `snapshot_not_agreed` where it is of another group, boundary
 * or root, or its head does not give the agreed hash, which `agreedHashOf` computes.
 */
export function readManifest(
  bytes: Uint8Array,
  agreed: AgreedBoundary,
  agreedHashOf: (head: StoredHead) => Uint8Array,
): SnapshotManifest | Refusal {
  const manifest = decodeManifest(bytes)
  if (isRefusal(manifest)) return manifest
  const head = headOf(manifest)
  const isAgreed =
    manifest.group === agreed.group &&
    head.height === agreed.height &&
    head.size === agreed.size &&
    equalBytes(head.root, agreed.root) &&
    equalBytes(head.agreedHash, agreed.agreedHash) &&
    equalBytes(agreedHashOf(head), agreed.agreedHash) &&
    equalBytes(bytesOf(manifest.stateRoot), agreed.stateRoot)
  return isAgreed ? manifest : refuse('snapshot_not_agreed')
}

/** The manifest as it says of itself: nothing of it is agreed on by being read. */
export function decodeManifest(bytes: Uint8Array): SnapshotManifest | Refusal {
  const text = fromUtf8(bytes)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 4 })
  const manifest = value === undefined || isRefusal(value) ? undefined : manifestSchema.decode(value)
  return manifest === undefined || manifest instanceof Fault || !isConsistent(manifest)
    ? refuse('snapshot_manifest_malformed')
    : manifest
}

const kinds = ['rows', 'edge', 'log']

/** Leaves per root of `upper`. */
export const upperLeaves = 65_536

function isConsistent({ head, firstHeight, firstLeaf, upper, chunks }: SnapshotManifest): boolean {
  const order = chunks.map(({ kind }) => kinds.indexOf(kind))
  return (
    firstHeight <= head.height &&
    firstLeaf <= head.size &&
    upper.length === Math.floor(firstLeaf / upperLeaves) &&
    order.every((kind, index) => index === 0 || kind >= (order[index - 1] as number)) &&
    order.filter((kind) => kind === 1).length === (firstLeaf % upperLeaves > 0 ? 1 : 0) &&
    order.includes(0) &&
    order.includes(2)
  )
}

/** The name of a snapshot: equal on all members that took it at the same boundary. */
export function snapshotHash(sha256: Sha256, manifest: Uint8Array): string {
  return toBase64url(sha256(manifest))
}

export function bytesOf(hash: string): Uint8Array {
  return fromBase64url(hash) as Uint8Array
}

export function headOf({ head }: SnapshotManifest): StoredHead {
  const { height, timeMs, size, stateRoot } = head
  return {
    height,
    timeMs,
    size,
    root: bytesOf(head.root),
    stateHash: bytesOf(head.stateHash),
    agreedHash: bytesOf(head.agreedHash),
    rulesetHash: bytesOf(head.rulesetHash),
    ...(stateRoot && { stateRoot: { size: stateRoot.size, root: bytesOf(stateRoot.root) } }),
  }
}
