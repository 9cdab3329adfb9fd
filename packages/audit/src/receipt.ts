/**
 * Receipts (C2SP tlog-proof): that a transaction stands in a group's log at an index, and what the members made of it.
 * Offline, against log and cosigner keys that the reader trusts already. A receipt proves that something happened, never
 * that it still holds.
 */
import {
  type Checkpoint,
  type CheckpointPolicy,
  createTreeHasher,
  type PublicJwk,
  parseTransactionJws,
  type TlogProof,
  verifyTlogProof,
} from '@chengxin/crypto'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
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
  const leaf = parseLeaf(proved.leaf)
  const transaction = leaf && readTransaction(platform.sha256, leaf)
  if (!leaf || !transaction) return refuse('receipt_leaf_malformed')
  const { checkpoint, index, cosignatures } = proved
  return { leaf, transaction, index, checkpoint, cosignatures: cosignatures.length }
}

/** Whether the transaction of a receipt is signed by this key: for whoever does not want to take the members' word for it. */
export async function isSignedBy(platform: Platform, { leaf }: Receipt, key: PublicJwk): Promise<boolean> {
  const jws = parseTransactionJws(leaf.jws)
  if (isRefusal(jws) || jws.header.alg === 'WebAuthn-ES256') return false
  return platform.verify(key, jws.signingInput, jws.signature)
}
