/**
 * State checkpoints: a member's word that the state of its group had a root after so many leaves. Written as a checkpoint
 * (C2SP tlog-checkpoint) of a log of its own, `<origin>#state`, so that nobody can take a state root for a log's root;
 * the one extension line is the time of the block that the state was taken after. Members sign with their log keys, each
 * for itself, because every member computed the root by itself: a reader's policy says how many of them it asks for.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { checkpointBody, openCheckpoint } from './checkpoint.ts'
import type { Sha256 } from './hash.ts'
import type { Ed25519PublicJwk } from './jwk.ts'
import type { TreeHead } from './merkle-proof.ts'
import {
  createNoteKey,
  formatNote,
  type NoteKey,
  type NoteSignature,
  type NoteSigner,
  noteSignatureTypes,
  signNoteText,
} from './note.ts'
import type { VerifySignature } from './verify.ts'

export interface StateHead extends TreeHead {
  /** Time of the block that ended at `size` leaves. */
  readonly timeMs: number
}

/** The name under which states of a log are signed. */
export function stateOrigin(origin: string): string {
  return `${origin}#state`
}

/** A log key under the name with which it signs states. */
export function stateKey(sha256: Sha256, origin: string, jwk: Ed25519PublicJwk): NoteKey {
  return createNoteKey(sha256, stateOrigin(origin), noteSignatureTypes.ed25519, jwk)
}

export function stateCheckpointBody(origin: string, { size, root, timeMs }: StateHead): string {
  return checkpointBody({ origin: stateOrigin(origin), size, root, extensions: [`time ${timeMs}`] })
}

/** One member's state checkpoint; those of others are added with `addSignatures`. */
export function signStateCheckpoint(origin: string, head: StateHead, signer: NoteSigner): string {
  const text = stateCheckpointBody(origin, head)
  return formatNote({ text, signatures: [signNoteText(text, signer)] })
}

export interface StatePolicy {
  /** Of the log, without `#state`. */
  readonly origin: string
  /** Keys that `stateKey` names. */
  readonly keys: readonly NoteKey[]
  /** How many of the keys must have signed; at least one. */
  readonly threshold: number
}

export interface OpenedState extends StateHead {
  readonly signedBy: readonly NoteKey[]
}

const timeLine = /^time (0|[1-9][0-9]{0,15})$/

/**
 * A state checkpoint that satisfies a policy. Refusals: those of `openCheckpoint`, where `log_signatures_too_few` says
 * that too few members signed, and `checkpoint_malformed` where it states no time.
 */
export function openStateCheckpoint(
  text: string,
  { origin, keys, threshold }: StatePolicy,
  verify: VerifySignature,
): OpenedState | Refusal {
  const policy = {
    origin: stateOrigin(origin),
    logKeys: keys,
    logThreshold: threshold,
    cosignerKeys: [],
    cosignerThreshold: 0,
  }
  const opened = openCheckpoint(text, policy, verify)
  if (isRefusal(opened)) return opened
  const { size, root, extensions } = opened.checkpoint
  const time = Number(timeLine.exec(extensions[0] ?? '')?.[1] ?? Number.NaN)
  if (extensions.length !== 1 || !Number.isSafeInteger(time)) return refuse('checkpoint_malformed')
  return { size, root, timeMs: time, signedBy: opened.logKeys }
}

/** The lines of these keys in a note, to be added to another note of the same text. */
export function linesOf(signatures: readonly NoteSignature[], key: NoteKey): readonly NoteSignature[] {
  return signatures.filter(({ name, id }) => name === key.name && id === key.id)
}
