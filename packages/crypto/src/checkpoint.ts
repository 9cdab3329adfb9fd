/**
 * Checkpoints (C2SP tlog-checkpoint): a signed note whose text is the log's origin, the number of its leaves and its
 * root hash. Here every member of a group signs with a log key of its own under the group's one origin, and cosigns
 * with another key; a reader's policy says how many of which keys it asks for.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { fromBase64, toBase64 } from './base64.ts'
import { type Cosignature, verifyCosignatures } from './cosignature.ts'
import type { TreeHead } from './merkle-proof.ts'
import {
  formatNote,
  type NoteKey,
  type NoteSignature,
  type NoteSigner,
  parseNote,
  signNoteText,
  verifyNote,
} from './note.ts'
import type { VerifySignature } from './verify.ts'

export interface Checkpoint extends TreeHead {
  /** Names the log; the key names of its signatures are the same. */
  readonly origin: string
  /** Opaque lines after the root. We write none and keep those of others. */
  readonly extensions: readonly string[]
}

/** The text that is signed: three lines or more, each with its newline. */
export function checkpointBody({ origin, size, root, extensions }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || extensions.some((line) => line === '' || line.includes('\n'))) {
    throw new Error('The lines of a checkpoint are not empty.')
  }
  return `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`
}

const sizeText = /^(0|[1-9][0-9]{0,15})$/

/** What a checkpoint's text states, or `checkpoint_malformed`. */
export function parseCheckpointBody(text: string): Checkpoint | Refusal {
  if (!text.endsWith('\n')) return refuse('checkpoint_malformed')
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, -1).split('\n')
  const rootHash = fromBase64(root)
  if (origin === '' || !sizeText.test(size) || !Number.isSafeInteger(Number(size)) || rootHash?.length !== 32) {
    return refuse('checkpoint_malformed')
  }
  if (extensions.includes('')) return refuse('checkpoint_malformed')
  return { origin, size: Number(size), root: rootHash, extensions }
}

/** The checkpoint as a note, signed with each log key. Cosignatures are added with `addSignatures`. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  const text = checkpointBody(checkpoint)
  return formatNote({ text, signatures: signers.map((signer) => signNoteText(text, signer)) })
}

/** The same note with more signatures after those it has; lines that it has already are not repeated. */
export function addSignatures(note: string, added: readonly NoteSignature[]): string | Refusal {
  const parsed = parseNote(note)
  if (isRefusal(parsed)) return parsed
  const lineOf = (signature: NoteSignature) => formatNote({ text: '\n', signatures: [signature] })
  const present = new Set(parsed.signatures.map(lineOf))
  const missing = added.filter((signature) => !present.has(lineOf(signature)))
  return formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...missing] })
}

/** Whose signatures make a checkpoint worth believing. Keys are distinct; one public key counts once. */
export interface CheckpointPolicy {
  readonly origin: string
  readonly logKeys: readonly NoteKey[]
  /** How many of the log keys must have signed; at least one. */
  readonly logThreshold: number
  readonly cosignerKeys: readonly NoteKey[]
  /** How many of the cosigners must have cosigned; may be zero. */
  readonly cosignerThreshold: number
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint
  /** The log keys of the policy that signed. */
  readonly logKeys: readonly NoteKey[]
  readonly cosignatures: readonly Cosignature[]
}

/**
 * A checkpoint that satisfies a policy. Refusals, in the order they are checked: `note_malformed`,
 * `checkpoint_malformed`, `checkpoint_of_other_log` (another origin), `note_signature_invalid` (a line of a key of the
 * policy does not hold), `log_signatures_too_few`, `cosignatures_too_few`. Throws if the policy asks for no log key.
 */
export function openCheckpoint(
  text: string,
  policy: CheckpointPolicy,
  verify: VerifySignature,
): OpenedCheckpoint | Refusal {
  if (policy.logThreshold < 1) throw new Error('A checkpoint that nobody signed is not a checkpoint.')
  const note = parseNote(text)
  if (isRefusal(note)) return note
  const checkpoint = parseCheckpointBody(note.text)
  if (isRefusal(checkpoint)) return checkpoint
  if (checkpoint.origin !== policy.origin) return refuse('checkpoint_of_other_log')
  const logKeys = verifyNote(note, policy.logKeys, verify)
  if (isRefusal(logKeys)) return logKeys
  const cosignatures = verifyCosignatures(note, policy.cosignerKeys, verify)
  if (isRefusal(cosignatures)) return cosignatures
  if (countKeys(logKeys) < policy.logThreshold) return refuse('log_signatures_too_few')
  if (countKeys(cosignatures.map(({ key }) => key)) < policy.cosignerThreshold) return refuse('cosignatures_too_few')
  return { checkpoint, logKeys, cosignatures }
}

/** Different names for one public key are one signer. */
function countKeys(keys: readonly NoteKey[]): number {
  return new Set(keys.map(({ jwk }) => jwk.x)).size
}
