/**
 * Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures, each naming its key. A verifier is
 * told which keys it trusts, as vkeys; lines of other keys are ignored, so that keys can be rotated and witnesses added,
 * but a line of a known key that does not hold makes the whole note worthless. Two types of signature are known here:
 * 0x01, Ed25519 over the text, and 0x04, a timestamped cosignature (see cosignature.ts).
 */
import {
  concatBytes,
  fromBase64url,
  fromHex,
  hasLoneSurrogate,
  isRefusal,
  type Refusal,
  refuse,
  toHex,
  toUtf8,
} from '@chengxin/kernel'
import { fromBase64, toBase64 } from './base64.ts'
import type { Sha256 } from './hash.ts'
import { type Ed25519PublicJwk, ed25519Jwk } from './jwk.ts'
import type { VerifySignature } from './verify.ts'

/** The byte that tells signature types apart; it is part of the key's id, so a key has one type. */
export const noteSignatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const
export type NoteSignatureType = (typeof noteSignatureTypes)[keyof typeof noteSignatureTypes]

export interface NoteKey {
  readonly name: string
  /** The first four bytes of the hash of name, type and key, in lower-case hexadecimal. */
  readonly id: string
  readonly type: NoteSignatureType
  readonly jwk: Ed25519PublicJwk
}

export interface NoteSigner {
  readonly key: NoteKey
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

export interface NoteSignature {
  readonly name: string
  readonly id: string
  /** What follows the four bytes of the key's id. */
  readonly signature: Uint8Array
}

export interface Note {
  /** The signed text, with the newline that ends it. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** Signatures of one note that are looked at; the specification asks for at least 16. */
const maxSignatures = 256
const maxCharacters = 1_000_000

const spaceOrPlus = /[\p{White_Space}+]/u

/** Whether a text can name a key: not empty, without white space, `+` and control characters. */
export function isNoteKeyName(name: string): boolean {
  return name !== '' && !spaceOrPlus.test(name) && isNoteText(name)
}

/** The key of this name. Throws if the name cannot be one. */
export function createNoteKey(sha256: Sha256, name: string, type: NoteSignatureType, jwk: Ed25519PublicJwk): NoteKey {
  if (!isNoteKeyName(name)) throw new Error(`A key name has no white space, no plus and is not empty: "${name}".`)
  const hashed = sha256(concatBytes(toUtf8(`${name}\n`), Uint8Array.of(type), pointOf(jwk)))
  return { name, id: toHex(hashed.subarray(0, 4)), type, jwk }
}

/** The key as others are given it: `<name>+<id>+<base64 of type and key>`. */
export function encodeVkey({ name, id, type, jwk }: NoteKey): string {
  return `${name}+${id}+${toBase64(concatBytes(Uint8Array.of(type), pointOf(jwk)))}`
}

/**
 * The key that a vkey spells. Refusals, in the order they are checked: `vkey_malformed`, `vkey_type_unknown`, those of
 * `parsePublicJwk` for the point, `vkey_id_wrong` (it is not the hash of the rest).
 */
export function parseVkey(sha256: Sha256, text: string): NoteKey | Refusal {
  const [name = '', id = '', ...rest] = text.split('+')
  // Base 64 has a plus of its own.
  const material = fromBase64(rest.join('+'))
  if (!isNoteKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || !material) return refuse('vkey_malformed')
  const type = Object.values(noteSignatureTypes).find((known) => known === material[0])
  if (type === undefined) return refuse('vkey_type_unknown')
  if (material.length !== 33) return refuse('vkey_malformed')
  const jwk = ed25519Jwk(material.subarray(1))
  if (isRefusal(jwk)) return jwk
  const key = createNoteKey(sha256, name, type, jwk)
  return key.id === id ? key : refuse('vkey_id_wrong')
}

/** The parts of a note, nothing verified; or `note_malformed`. */
export function parseNote(note: string): Note | Refusal {
  if (note.length > maxCharacters || !isNoteText(note)) return refuse('note_malformed')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) return refuse('note_malformed')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > maxSignatures) return refuse('note_malformed')
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (!signature) return refuse('note_malformed')
    signatures.push(signature)
  }
  return { text: note.slice(0, split + 1), signatures }
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ')
  const bytes = fromBase64(encoded)
  if (dash !== '—' || rest.length > 0 || !isNoteKeyName(name) || !bytes || bytes.length < 5) return undefined
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

/** The note of a text and its signatures. Throws if the text does not end in a newline or has control characters. */
export function formatNote({ text, signatures }: Note): string {
  if (!text.endsWith('\n') || !isNoteText(text)) throw new Error('The text of a note ends in a newline.')
  const lines = signatures.map(({ name, id, signature }) => {
    return `— ${name} ${toBase64(concatBytes(fromHex(id) as Uint8Array, signature))}\n`
  })
  return `${text}\n${lines.join('')}`
}

/** A signature of type 0x01 over the text. */
export function signNoteText(text: string, { key, sign }: NoteSigner): NoteSignature {
  return { name: key.name, id: key.id, signature: sign(toUtf8(text)) }
}

/**
 * Which of the keys signed a note; keys of type 0x01 only. Refuses with `note_signature_invalid` if a line of one of the
 * keys does not hold. No key at all is an answer too: the text must not be used then.
 */
export function verifyNote(
  note: Note,
  keys: readonly NoteKey[],
  verify: VerifySignature,
): readonly NoteKey[] | Refusal {
  const message = toUtf8(note.text)
  return keysThatSigned(note, keys, (key, signature) => verify(key.jwk, message, signature))
}

/** The keys that have a line in the note, if every such line holds; else `note_signature_invalid`. */
export function keysThatSigned(
  note: Note,
  keys: readonly NoteKey[],
  holds: (key: NoteKey, signature: Uint8Array) => boolean,
): readonly NoteKey[] | Refusal {
  const signed: NoteKey[] = []
  for (const key of keys) {
    const lines = note.signatures.filter(({ name, id }) => name === key.name && id === key.id)
    if (!lines.every(({ signature }) => holds(key, signature))) return refuse('note_signature_invalid')
    if (lines.length > 0) signed.push(key)
  }
  return signed
}

function pointOf(jwk: Ed25519PublicJwk): Uint8Array {
  return fromBase64url(jwk.x) as Uint8Array
}

/** Whether a text may stand in a note: well-formed, and without ASCII control characters other than newline. */
function isNoteText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 && code !== 0x0a) return false
  }
  return !hasLoneSurrogate(text)
}
