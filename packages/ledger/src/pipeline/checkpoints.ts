/**
 * The member's signatures over its log: C2SP checkpoints, signed when they are first asked for after a commit, and
 * receipts against them. A log key signs under the group's origin; the cosigner key says when this member saw the tree.
 */
import {
  addSignatures,
  checkpointBody,
  consistencyProof,
  cosign,
  createNoteKey,
  createTreeHasher,
  type Ed25519PublicJwk,
  encodeTlogProof,
  encodeVkey,
  inclusionProof,
  type NodeReader,
  type NoteSigner,
  noteSignatureTypes,
  signCheckpoint,
  signCoseReceipt,
  signStateCheckpoint,
  stateKey,
  treeRoot,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { fromBase64url, isRefusal } from '@chengxin/kernel'
import type { Head, SignedTree } from '../face.ts'
import { StoreIncomplete, type StoreReader } from '../storage/face.ts'

/** A key of the member's own that signs with Ed25519; its private half stays wherever `sign` keeps it. */
export interface LogSigner {
  readonly jwk: Ed25519PublicJwk
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

export interface CheckpointKeys {
  /** Signs the log's checkpoints, under the origin as its name. */
  readonly log: LogSigner
  /** Cosigns what the member has seen; a key of its own. */
  readonly cosigner?: LogSigner & { readonly memberId: string }
}

/** The name under which a member cosigns: `<origin>/<member id>`. */
export function cosignerName(origin: string, memberId: string): string {
  return `${origin}/${memberId}`
}

/** The log's verifier key as text, for policies and trust bundles. */
export function logVkey(origin: string, jwk: Ed25519PublicJwk): string {
  return encodeVkey(createNoteKey(sha256, origin, noteSignatureTypes.ed25519, jwk))
}

/** A member's cosigner key as text. */
export function cosignerVkey(origin: string, memberId: string, jwk: Ed25519PublicJwk): string {
  return encodeVkey(createNoteKey(sha256, cosignerName(origin, memberId), noteSignatureTypes.cosignature, jwk))
}

const hasher = createTreeHasher(sha256)

function nodesOf(reader: StoreReader): NodeReader {
  return (level, at) => reader.nodeHash(level, at)
}

/** The root of the first so many leaves; undefined where this store has not fetched them yet. */
export function rootOfFirst(reader: StoreReader, size: number): Uint8Array | undefined {
  return whereFetched(() => treeRoot(hasher, nodesOf(reader), size))
}

/** What links the tree of the older size to that of the newer. */
export function consistencyOf(reader: StoreReader, older: number, newer: number): readonly Uint8Array[] | undefined {
  return whereFetched(() => consistencyProof(hasher, nodesOf(reader), older, newer))
}

/** What is read, or nothing where that needs what this store has not fetched yet. */
export function whereFetched<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof StoreIncomplete) return undefined
    throw error
  }
}

export class Checkpoints {
  readonly #origin: string
  readonly #log: NoteSigner
  readonly #state: NoteSigner
  readonly #cosigner: NoteSigner | undefined
  readonly #clock: () => number
  #signedState: { readonly size: number; readonly note: string } | undefined
  #signed: { readonly size: number; readonly root: string; readonly note: string } | undefined

  constructor(origin: string, { log, cosigner }: CheckpointKeys, clock: () => number) {
    this.#origin = origin
    this.#log = { key: createNoteKey(sha256, origin, noteSignatureTypes.ed25519, log.jwk), sign: log.sign }
    this.#state = { key: stateKey(sha256, origin, log.jwk), sign: log.sign }
    this.#clock = clock
    if (cosigner === undefined) return
    const name = cosignerName(origin, cosigner.memberId)
    const key = createNoteKey(sha256, name, noteSignatureTypes.cosignature, cosigner.jwk)
    this.#cosigner = { key, sign: cosigner.sign }
  }

  /** The signed note for this head; the same text until the tree grows. */
  of({ size, root }: Pick<Head, 'size' | 'root'>): string {
    if (this.#signed?.size === size && this.#signed.root === root) return this.#signed.note
    const checkpoint = { origin: this.#origin, size, root: fromBase64url(root) as Uint8Array, extensions: [] }
    const note = this.#cosigned(signCheckpoint(checkpoint, [this.#log]), checkpointBody(checkpoint))
    this.#signed = { size, root, note }
    return note
  }

  /** Signed notes for a boundary of the past, which members have agreed on: its state root, and the log's. */
  ofBoundary(size: number, state: Uint8Array, root: Uint8Array, timeMs: number): { state: string; log: string } {
    return {
      state: signStateCheckpoint(this.#origin, { size, root: state, timeMs }, this.#state),
      log: signCheckpoint({ origin: this.#origin, size, root, extensions: [] }, [this.#log]),
    }
  }

  /**
   * The signed note for an agreed state root; a root at a size never changes. The time of its block is asked for once,
   * because it is read from the log; undefined where that is not there.
   */
  ofState({ size, root }: NonNullable<Head['stateRoot']>, timeOfBlock: () => number | undefined): string | undefined {
    if (this.#signedState?.size === size) return this.#signedState.note
    const timeMs = timeOfBlock()
    if (timeMs === undefined) return undefined
    const head = { size, root: fromBase64url(root) as Uint8Array, timeMs }
    const note = signStateCheckpoint(this.#origin, head, this.#state)
    this.#signedState = { size, note }
    return note
  }

  /** A C2SP tlog-proof of a leaf in the tree of this checkpoint, the leaf carried along. */
  receipt(reader: StoreReader, index: number, leaf: Uint8Array, { size, note }: SignedTree): string {
    const hashes = inclusionProof(hasher, nodesOf(reader), index, size)
    return encodeTlogProof({ index, hashes, checkpoint: note, extra: leaf })
  }

  /** A COSE receipt of a leaf in the tree of this checkpoint, which it carries, and the leaf as well. */
  coseReceipt(reader: StoreReader, index: number, leaf: Uint8Array, { size, note }: SignedTree): Uint8Array {
    const hashes = inclusionProof(hasher, nodesOf(reader), index, size)
    const root = treeRoot(hasher, nodesOf(reader), size)
    return signCoseReceipt({ size, index, hashes }, root, this.#log, { checkpoint: note, leaf })
  }

  #cosigned(note: string, body: string): string {
    if (this.#cosigner === undefined) return note
    const signature = cosign(body, this.#cosigner, Math.floor(this.#clock() / 1000))
    const cosigned = addSignatures(note, [signature])
    if (isRefusal(cosigned)) throw new Error(`Our own checkpoint is refused: ${cosigned.refused}`)
    return cosigned
  }
}
