/**
 * A receipt (C2SP tlog-proof): that an entry stands at an index of a log, as a text that verifies offline against keys
 * the reader already trusts. The `extra` line carries our leaf itself; nothing signs that line, but the leaf is what the
 * inclusion proof is checked for, so a changed one does not verify.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { fromBase64, toBase64 } from './base64.ts'
import { type CheckpointPolicy, type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import type { TreeHasher } from './merkle.ts'
import { verifyInclusion } from './merkle-proof.ts'
import type { VerifySignature } from './verify.ts'

export interface TlogProof {
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
  /** Opaque data; here the bytes of the leaf. */
  readonly extra?: Uint8Array
}

const header = 'c2sp.org/tlog-proof@v1'
/** Room for an entry of 65,535 bytes in base64, 63 hashes and a checkpoint with hundreds of signatures. */
const maxCharacters = 256 * 1024
const indexText = /^index (0|[1-9][0-9]{0,15})$/

export function encodeTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const lines = [header, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...hashes.map(toBase64)]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** The parts of a proof, nothing verified; or `proof_malformed`. */
export function parseTlogProof(text: string): TlogProof | Refusal {
  // The checkpoint has an empty line of its own, after this one.
  const split = text.indexOf('\n\n')
  if (text.length > maxCharacters || split < 0) return refuse('proof_malformed')
  const [first, ...lines] = text.slice(0, split).split('\n')
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined
  const extra = extraLine === undefined ? undefined : fromBase64(extraLine.slice('extra '.length))
  const [, index] = indexText.exec(lines.shift() ?? '') ?? []
  if (first !== header || (extraLine !== undefined && !extra) || !Number.isSafeInteger(Number(index ?? Number.NaN))) {
    return refuse('proof_malformed')
  }
  const hashes: Uint8Array[] = []
  for (const line of lines) {
    const hash = fromBase64(line)
    if (hash?.length !== 32 || hashes.length === 63) return refuse('proof_malformed')
    hashes.push(hash)
  }
  return { index: Number(index), hashes, checkpoint: text.slice(split + 2), ...(extra && { extra }) }
}

export interface ProofCheck {
  readonly hasher: TreeHasher
  readonly policy: CheckpointPolicy
  readonly verify: VerifySignature
  /** The leaf, where the reader has it from elsewhere; the proof's extra data are then not looked at. */
  readonly leaf?: Uint8Array
}

export interface ProvedLeaf extends OpenedCheckpoint {
  readonly leaf: Uint8Array
  readonly index: number
}

/**
 * The leaf that a receipt proves to be in the log, and the checkpoint that says so. It proves that the leaf was
 * written, not that what it says still holds. Refusals, in the order they are checked: `proof_malformed`,
 * `proof_without_leaf`, those of `openCheckpoint`, `inclusion_not_proved`.
 */
export function verifyTlogProof(text: string, { hasher, policy, verify, leaf }: ProofCheck): ProvedLeaf | Refusal {
  const proof = parseTlogProof(text)
  if (isRefusal(proof)) return proof
  const entry = leaf ?? proof.extra
  if (!entry) return refuse('proof_without_leaf')
  const opened = openCheckpoint(proof.checkpoint, policy, verify)
  if (isRefusal(opened)) return opened
  const inclusion = { index: proof.index, leafHash: hasher.leaf(entry), proof: proof.hashes }
  if (!verifyInclusion(hasher, opened.checkpoint, inclusion)) return refuse('inclusion_not_proved')
  return { ...opened, leaf: entry, index: proof.index }
}
