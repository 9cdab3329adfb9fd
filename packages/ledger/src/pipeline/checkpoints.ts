/**
 * The member's signatures over its log: C2SP checkpoints, signed when they are first asked for after a commit, and
 * receipts against them. A log key signs under the group's origin; the cosigner key says when this member saw the tree.
 */
import {
  addSignatures,
  checkpointBody,
  cosign,
  createNoteKey,
  createTreeHasher,
  type Ed25519PublicJwk,
  encodeTlogProof,
  encodeVkey,
  inclusionProof,
  type NoteSigner,
  noteSignatureTypes,
  signCheckpoint,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { fromBase64url, isRefusal } from '@chengxin/kernel'
import type { Head } from '../face.ts'
import type { StoreReader } from '../storage/face.ts'

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

export class Checkpoints {
  readonly #origin: string
  readonly #log: NoteSigner
  readonly #cosigner: NoteSigner | undefined
  readonly #clock: () => number
  #signed: { readonly size: number; readonly root: string; readonly note: string } | undefined

  constructor(origin: string, { log, cosigner }: CheckpointKeys, clock: () => number) {
    this.#origin = origin
    this.#log = { key: createNoteKey(sha256, origin, noteSignatureTypes.ed25519, log.jwk), sign: log.sign }
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

  /** A C2SP tlog-proof of a leaf in the tree of this head, the leaf carried along. */
  receipt(reader: StoreReader, index: number, leaf: Uint8Array, head: Pick<Head, 'size' | 'root'>): string {
    const hashes = inclusionProof(hasher, (level, at) => reader.nodeHash(level, at), index, head.size)
    return encodeTlogProof({ index, hashes, checkpoint: this.of(head), extra: leaf })
  }

  #cosigned(note: string, body: string): string {
    if (this.#cosigner === undefined) return note
    const signature = cosign(body, this.#cosigner, Math.floor(this.#clock() / 1000))
    const cosigned = addSignatures(note, [signature])
    if (isRefusal(cosigned)) throw new Error(`Our own checkpoint is refused: ${cosigned.refused}`)
    return cosigned
  }
}
