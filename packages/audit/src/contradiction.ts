/**
 * Proof that a log has told two stories: two signed checkpoints that cannot both be of one append-only log. With equal
 * sizes their roots differ. With different sizes the proof carries the root that the larger tree has at the smaller size,
 * linked to the larger one by a consistency proof (RFC 9162): a tree has one such root, and it is not the one that was
 * signed. It needs no network and nobody's word; the keys say only who is to answer for it.
 */
import {
  type Checkpoint,
  type CheckpointPolicy,
  createTreeHasher,
  encodeVkey,
  fromBase64,
  type NoteKey,
  parseCheckpointBody,
  parseNote,
  type Sha256,
  stateKey,
  stateOrigin,
  toBase64,
  verifyConsistency,
  verifyCosignatures,
  verifyNote,
} from '@chengxin/crypto'
import { canonicalize, equalBytes, isRefusal, parseCanonical, type Refusal, refuse } from '@chengxin/kernel'
import type { Platform } from './platform.ts'
import { hasShape } from './shape.ts'

export interface Contradiction {
  /** Signed checkpoints, the one of fewer leaves first. */
  readonly notes: readonly [string, string]
  /** Where the sizes differ: what the larger tree has at the smaller size, and the proof of that. */
  readonly link?: { readonly root: Uint8Array; readonly hashes: readonly Uint8Array[] }
}

/** What the proof says of itself: a reader who opens it learns the same. */
export interface OpenedContradiction {
  readonly kind: 'two_roots' | 'history_rewritten' | 'two_states'
  readonly origin: string
  readonly sizes: readonly [number, number]
  /** For each of the two, the keys (as vkeys) among those trusted that signed or cosigned it. */
  readonly signedBy: readonly [readonly string[], readonly string[]]
  /** Keys that signed both: their holder contradicts itself, whatever others did. */
  readonly equivocating: readonly string[]
}

/** Codes of what keeps a proof from proving anything, each with its sentence, in the order they are checked. */
export const contradictionFaults = {
  contradiction_malformed: 'The file is not a proof of two contradicting checkpoints.',
  contradiction_of_two_logs: 'The two checkpoints are of different logs.',
  contradiction_of_other_log: 'The checkpoints are of another log than the keys.',
  contradiction_signature_invalid: 'A signature on one of the checkpoints does not hold.',
  contradiction_unsigned: 'One of the checkpoints is signed by none of the group’s members.',
  contradiction_not_proved: 'Both checkpoints can be of one log: they do not contradict each other.',
} as const

const shape = { v: 'count', notes: ['text'], 'link?': { root: 'text', hashes: ['text'] } } as const
const maxCharacters = 256 * 1024

/** The proof as a file: canonical JSON. */
export function encodeContradiction({ notes, link }: Contradiction): string {
  const linked = link && { root: toBase64(link.root), hashes: link.hashes.map(toBase64) }
  return canonicalize({ v: 1, notes, ...(linked && { link: linked }) })
}

/** The keys of a group that may have signed a checkpoint of its log. */
export type SignerKeys = Pick<CheckpointPolicy, 'origin' | 'logKeys' | 'cosignerKeys'>

/** Opens a proof, or says with a code of `contradictionFaults` why it proves nothing. */
export function openContradiction(
  platform: Pick<Platform, 'sha256' | 'verifyAtOnce'>,
  text: string,
  keys: SignerKeys,
): OpenedContradiction | Refusal {
  const contradiction = parseContradiction(text)
  if (!contradiction) return refuse('contradiction_malformed')
  const [older, newer] = contradiction.notes.map(openBody)
  if (!older || !newer || older.size > newer.size) return refuse('contradiction_malformed')
  const { origin } = older
  if (newer.origin !== origin) return refuse('contradiction_of_two_logs')
  const isState = origin === stateOrigin(keys.origin)
  if (!isState && origin !== keys.origin) return refuse('contradiction_of_other_log')

  const [first, second] = contradiction.notes.map((note) => signersOf(platform, note, keys, isState))
  if (first === undefined || second === undefined) return refuse('contradiction_signature_invalid')
  if (first.length === 0 || second.length === 0) return refuse('contradiction_unsigned')
  const kind = isState ? stateKind(older, newer) : logKind(platform.sha256, older, newer, contradiction.link)
  if (kind === undefined) return refuse('contradiction_not_proved')
  const equivocating = first.filter((key) => second.includes(key))
  return { kind, origin, sizes: [older.size, newer.size], signedBy: [first, second], equivocating }
}

function parseContradiction(text: string): Contradiction | undefined {
  if (text.length > maxCharacters) return undefined
  const value = parseCanonical(text.trim(), { depth: 3 })
  if (isRefusal(value) || !hasShape(value, shape)) return undefined
  type File = { v: number; notes: readonly string[]; link?: { root: string; hashes: readonly string[] } }
  const { v, notes, link } = value as unknown as File
  const [older, newer] = notes
  if (v !== 1 || notes.length !== 2 || older === undefined || newer === undefined) return undefined
  if (link === undefined) return { notes: [older, newer] }
  const [root, ...hashes] = [link.root, ...link.hashes].map(fromBase64)
  if (!root || root.length !== 32 || hashes.some((hash) => hash?.length !== 32)) return undefined
  return { notes: [older, newer], link: { root, hashes: hashes as Uint8Array[] } }
}

function openBody(text: string): Checkpoint | undefined {
  const note = parseNote(text)
  const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
  return isRefusal(body) ? undefined : body
}

/** The trusted keys that signed a note, as vkeys; undefined where a line of one of them does not hold. */
function signersOf(
  { sha256, verifyAtOnce }: Pick<Platform, 'sha256' | 'verifyAtOnce'>,
  text: string,
  { origin, logKeys, cosignerKeys }: SignerKeys,
  isState: boolean,
): readonly string[] | undefined {
  const note = parseNote(text)
  if (isRefusal(note)) return undefined
  const log: readonly NoteKey[] = isState ? logKeys.map(({ jwk }) => stateKey(sha256, origin, jwk)) : logKeys
  const signed = verifyNote(note, log, verifyAtOnce)
  const cosigned = verifyCosignatures(note, isState ? [] : cosignerKeys, verifyAtOnce)
  if (isRefusal(signed) || isRefusal(cosigned)) return undefined
  return [...signed, ...cosigned.map(({ key }) => key)].map(encodeVkey)
}

function logKind(
  sha256: Sha256,
  older: Checkpoint,
  newer: Checkpoint,
  link: Contradiction['link'],
): OpenedContradiction['kind'] | undefined {
  if (older.size === newer.size) return equalBytes(older.root, newer.root) ? undefined : 'two_roots'
  if (link === undefined || equalBytes(link.root, older.root)) return undefined
  const prefix = { size: older.size, root: link.root }
  return verifyConsistency(createTreeHasher(sha256), prefix, newer, link.hashes) ? 'history_rewritten' : undefined
}

/** A state has one root and one time after so many leaves. */
function stateKind(older: Checkpoint, newer: Checkpoint): OpenedContradiction['kind'] | undefined {
  const isSame = equalBytes(older.root, newer.root) && older.extensions.join('\n') === newer.extensions.join('\n')
  return older.size === newer.size && !isSame ? 'two_states' : undefined
}
