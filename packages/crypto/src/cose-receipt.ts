/**
 * COSE receipts (RFC 9942): the same proof as a tlog-proof in another envelope, for readers of COSE. A COSE_Sign1 whose
 * payload is the root of the tree, left out: the reader computes it from the leaf and the path, and then asks whether the
 * log signed that. The protected header says which log it is (CWT claims, RFC 9597: the origin as issuer) and which of its
 * keys signed (the id of its vkey), so that a key that serves two logs signs for one of them.
 */
import { fromHex, isRefusal, type Refusal, refuse, toHex } from '@chengxin/kernel'
import { type Cbor, type CborMap, decodeCbor, encodeCbor } from './cbor.ts'
import type { TreeHasher } from './merkle.ts'
import { inclusionRoot } from './merkle-proof.ts'
import type { NoteKey, NoteSigner } from './note.ts'
import type { VerifySignature } from './verify.ts'

/** Labels of the COSE registries. */
const label = { algorithm: 1, keyId: 4, cwtClaims: 15, structure: 395, proofs: 396 } as const
/** Labels for private use (RFC 9052 section 11.1), which readers of other houses pass over. */
const carriedLabel = { checkpoint: -65_537, leaf: -65_538 } as const
const issuerClaim = 1
/** EdDSA: here always Ed25519, since a log has no other keys. */
const eddsa = -8
/** RFC9162_SHA256 in the registry of verifiable data structures. */
const merkleTree = 1
const inclusionProofs = -1
const signOneTag = 18
/** Room for 63 hashes, the largest leaf, and a checkpoint that dozens of members have cosigned. */
const maxBytes = 96 * 1024

export interface CoseReceiptProof {
  /** How many leaves the tree has that the path leads to the root of. */
  readonly size: number
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[]
}

/** What a receipt brings along, outside of its signature: both are held to the root that the signature covers. */
export interface CarriedByReceipt {
  /** A checkpoint of the same tree (C2SP), with the cosignatures of members: one signature alone is no quorum. */
  readonly checkpoint?: string
  /** The leaf, so that the receipt can be checked by itself. */
  readonly leaf?: Uint8Array
}

/** The receipt as bytes, `application/cose`, signed by one of the log's keys over this root. */
export function signCoseReceipt(
  proof: CoseReceiptProof,
  root: Uint8Array,
  { key, sign }: NoteSigner,
  { checkpoint, leaf }: CarriedByReceipt = {},
): Uint8Array {
  const protectedHeader = encodeCbor(
    new Map<number, Cbor>([
      [label.algorithm, eddsa],
      [label.keyId, fromHex(key.id) as Uint8Array],
      [label.cwtClaims, new Map([[issuerClaim, key.name]])],
      [label.structure, merkleTree],
    ]),
  )
  const inclusion = encodeCbor([proof.size, proof.index, proof.hashes])
  const unprotected = new Map<number, Cbor>([[label.proofs, new Map([[inclusionProofs, [inclusion]]])]])
  if (checkpoint !== undefined) unprotected.set(carriedLabel.checkpoint, checkpoint)
  if (leaf !== undefined) unprotected.set(carriedLabel.leaf, leaf)
  const signature = sign(signedBytes(protectedHeader, root))
  return encodeCbor({ tag: signOneTag, value: [protectedHeader, unprotected, null, signature] })
}

/** The Sig_structure of RFC 9052 section 4.4, without external data. */
function signedBytes(protectedHeader: Uint8Array, root: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedHeader, new Uint8Array(), root])
}

export interface CoseReceipt extends CoseReceiptProof, CarriedByReceipt {
  readonly origin: string
  /** Id of the vkey of the key that signed, in hexadecimal. */
  readonly keyId: string
  readonly protectedHeader: Uint8Array
  readonly signature: Uint8Array
}

/** What a receipt says, nothing verified; `cose_receipt_malformed` for anything but one proof of inclusion as we write it. */
export function parseCoseReceipt(bytes: Uint8Array): CoseReceipt | Refusal {
  const malformed = refuse('cose_receipt_malformed')
  const message = bytes.length > maxBytes ? undefined : decodeCbor(bytes)
  const parts = isTagged(message, signOneTag) ? message.value : undefined
  if (!Array.isArray(parts) || parts.length !== 4) return malformed
  const [protectedHeader, unprotected, payload, signature] = parts as readonly Cbor[]
  const isSigned = protectedHeader instanceof Uint8Array && signature instanceof Uint8Array && signature.length === 64
  if (!isSigned || payload !== null || !(unprotected instanceof Map)) return malformed
  const signer = readProtected(protectedHeader)
  const proof = readProofs(unprotected.get(label.proofs) as Cbor | undefined)
  const carried = readCarried(unprotected as CborMap)
  if (!signer || !proof || !carried) return malformed
  return { ...signer, ...proof, ...carried, protectedHeader, signature }
}

/** Nothing but what we know how to hold to the root: the header is outside of the signature. */
function readCarried(unprotected: CborMap): CarriedByReceipt | undefined {
  const [checkpoint, leaf] = [unprotected.get(carriedLabel.checkpoint), unprotected.get(carriedLabel.leaf)]
  const known = 1 + Number(checkpoint !== undefined) + Number(leaf !== undefined)
  if (unprotected.size !== known) return undefined
  if (checkpoint !== undefined && typeof checkpoint !== 'string') return undefined
  if (leaf !== undefined && !(leaf instanceof Uint8Array)) return undefined
  return { ...(checkpoint !== undefined && { checkpoint }), ...(leaf !== undefined && { leaf }) }
}

function isTagged(value: Cbor | undefined, tag: number): value is { readonly tag: number; readonly value: Cbor } {
  return typeof value === 'object' && value !== null && 'tag' in value && value.tag === tag
}

function readProtected(bytes: Uint8Array): Pick<CoseReceipt, 'origin' | 'keyId'> | undefined {
  const header = decodeCbor(bytes)
  if (!(header instanceof Map) || header.size !== 4) return undefined
  const keyId = header.get(label.keyId) as Cbor | undefined
  const claims = header.get(label.cwtClaims) as Cbor | undefined
  const isOurs = header.get(label.algorithm) === eddsa && header.get(label.structure) === merkleTree
  const origin = claims instanceof Map && claims.size === 1 ? (claims.get(issuerClaim) as Cbor | undefined) : undefined
  if (!isOurs || !(keyId instanceof Uint8Array) || keyId.length !== 4 || typeof origin !== 'string') return undefined
  return { origin, keyId: toHex(keyId) }
}

function readProofs(proofs: Cbor | undefined): CoseReceiptProof | undefined {
  const list =
    proofs instanceof Map && proofs.size === 1 ? (proofs.get(inclusionProofs) as Cbor | undefined) : undefined
  const [encoded] = Array.isArray(list) && list.length === 1 ? (list as readonly Cbor[]) : []
  const proof = encoded instanceof Uint8Array ? decodeCbor(encoded) : undefined
  if (!Array.isArray(proof) || proof.length !== 3) return undefined
  const [size, index, hashes] = proof as readonly Cbor[]
  if (typeof size !== 'number' || typeof index !== 'number' || !Array.isArray(hashes)) return undefined
  const areHashes = (hashes as readonly Cbor[]).every((hash) => hash instanceof Uint8Array && hash.length === 32)
  return areHashes ? { size, index, hashes: hashes as readonly Uint8Array[] } : undefined
}

export interface CoseReceiptCheck {
  readonly hasher: TreeHasher
  readonly origin: string
  /** The log's keys that are trusted. */
  readonly keys: readonly NoteKey[]
  readonly verify: VerifySignature
  /** The leaf that the receipt is held to be of; the one that it carries if absent. */
  readonly leaf?: Uint8Array
}

export interface CoseProved extends Omit<CoseReceipt, 'leaf'> {
  readonly leaf: Uint8Array
  readonly root: Uint8Array
}

/**
 * Whether the log signed a tree with this leaf in it. Refusals, in the order they are checked: `cose_receipt_malformed`,
 * `cose_receipt_of_other_log`, `cose_receipt_key_unknown`, `proof_without_leaf`, `inclusion_not_proved` (no tree of that size has such a path),
 * `cose_receipt_signature_invalid` (also for another leaf, which leads to another root).
 */
export function verifyCoseReceipt(bytes: Uint8Array, check: CoseReceiptCheck): CoseProved | Refusal {
  const receipt = parseCoseReceipt(bytes)
  if (isRefusal(receipt)) return receipt
  if (receipt.origin !== check.origin) return refuse('cose_receipt_of_other_log')
  const key = check.keys.find(({ id, name }) => id === receipt.keyId && name === receipt.origin)
  if (!key) return refuse('cose_receipt_key_unknown')
  const leaf = check.leaf ?? receipt.leaf
  if (!leaf) return refuse('proof_without_leaf')
  const inclusion = { index: receipt.index, leafHash: check.hasher.leaf(leaf), proof: receipt.hashes }
  const root = inclusionRoot(check.hasher, receipt.size, inclusion)
  if (!root) return refuse('inclusion_not_proved')
  const holds = check.verify(key.jwk, signedBytes(receipt.protectedHeader, root), receipt.signature)
  return holds ? { ...receipt, leaf, root } : refuse('cose_receipt_signature_invalid')
}
