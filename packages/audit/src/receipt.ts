/**
 * Receipts (C2SP tlog-proof, or COSE as RFC 9942 has it): that a transaction stands in a group's log at an index, and what the members made of it.
 * Offline, against log and cosigner keys that the reader trusts already. A receipt proves that something happened, never
 * that it still holds.
 */
import {
  type Checkpoint,
  type CheckpointPolicy,
  createTreeHasher,
  openCheckpoint,
  type PublicJwk,
  parseTransactionJws,
  type TlogProof,
  verifyCoseReceipt,
  verifyTlogProof,
} from '@chengxin/crypto'
import { equalBytes, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { type Leaf, type LoggedTransaction, parseLeaf, readTransaction } from './leaf.ts'
import type { Platform } from './platform.ts'

export interface Receipt {
  readonly leaf: Leaf
  readonly transaction: LoggedTransaction
  readonly index: TlogProof['index']
  readonly checkpoint: Checkpoint
  /** How many members cosigned the checkpoint. */
  readonly cosignatures: number
}

const codeOfProofRefusal: { readonly [refused: string]: string } = {
  checkpoint_of_other_log: 'receipt_other_log',
  note_signature_invalid: 'receipt_log_signature_invalid',
  log_signatures_too_few: 'receipt_log_signature_invalid',
  cosignatures_too_few: 'receipt_quorum_missing',
  inclusion_not_proved: 'receipt_not_included',
}

/**
 * Opens a receipt. Refusals, in the order they are checked: `receipt_malformed`, `receipt_other_log`,
 * `receipt_log_signature_invalid`, `receipt_quorum_missing`, `receipt_not_included`, `receipt_leaf_malformed`.
 */
export function openReceipt(platform: Platform, text: string, policy: CheckpointPolicy): Receipt | Refusal {
  const hasher = createTreeHasher(platform.sha256)
  const proved = verifyTlogProof(text, { hasher, policy, verify: platform.verifyAtOnce })
  if (isRefusal(proved)) return refuse(codeOfProofRefusal[proved.refused] ?? 'receipt_malformed')
  const { checkpoint, index, cosignatures } = proved
  return readReceipt(platform, proved.leaf, { index, checkpoint, cosignatures: cosignatures.length })
}

const codeOfCoseRefusal: { readonly [refused: string]: string } = {
  cose_receipt_of_other_log: 'receipt_other_log',
  cose_receipt_key_unknown: 'receipt_log_signature_invalid',
  cose_receipt_signature_invalid: 'receipt_log_signature_invalid',
  inclusion_not_proved: 'receipt_not_included',
}

/**
 * Opens a COSE receipt (RFC 9942). Its signature is one member's; the quorum stands in the checkpoint that it carries, which
 * must be of the very tree that was signed. Refusals, in the order they are checked: `receipt_malformed`,
 * `receipt_other_log`, `receipt_not_included` (no tree of that size has such a path), `receipt_log_signature_invalid` (also
 * for another leaf), `receipt_quorum_missing` (also where no checkpoint of that tree is carried), `receipt_leaf_malformed`.
 */
export function openCoseReceipt(platform: Platform, bytes: Uint8Array, policy: CheckpointPolicy): Receipt | Refusal {
  const { origin, logKeys: keys } = policy
  const proved = verifyCoseReceipt(bytes, {
    hasher: createTreeHasher(platform.sha256),
    origin,
    keys,
    verify: platform.verifyAtOnce,
  })
  if (isRefusal(proved)) return refuse(codeOfCoseRefusal[proved.refused] ?? 'receipt_malformed')
  const { index, size, root } = proved
  const opened = openCheckpoint(proved.checkpoint ?? '', policy, platform.verifyAtOnce)
  if (isRefusal(opened)) return refuse('receipt_quorum_missing')
  const { checkpoint, cosignatures } = opened
  if (checkpoint.size !== size || !equalBytes(checkpoint.root, root)) return refuse('receipt_quorum_missing')
  return readReceipt(platform, proved.leaf, { index, checkpoint, cosignatures: cosignatures.length })
}

function readReceipt(
  { sha256 }: Platform,
  entry: Uint8Array,
  proved: Omit<Receipt, 'leaf' | 'transaction'>,
): Receipt | Refusal {
  const leaf = parseLeaf(entry)
  const transaction = leaf && readTransaction(sha256, leaf)
  return leaf && transaction ? { leaf, transaction, ...proved } : refuse('receipt_leaf_malformed')
}

/** Whether the transaction of a receipt is signed by this key: for whoever does not want to take the members' word for it. */
export async function isSignedBy(platform: Platform, { leaf }: Receipt, key: PublicJwk): Promise<boolean> {
  const jws = parseTransactionJws(leaf.jws)
  if (isRefusal(jws) || jws.header.alg === 'WebAuthn-ES256') return false
  return platform.verify(key, jws.signingInput, jws.signature)
}
