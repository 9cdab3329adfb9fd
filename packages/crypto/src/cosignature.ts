/**
 * Cosignatures (C2SP tlog-cosignature, Ed25519, type 0x04): a member or witness states that, at a time, this was the
 * largest tree of the log that it had seen and that it continued every earlier one. The time is signed with the
 * checkpoint's body and stands before the signature. The message does not name the cosigner, so a key must be used for
 * nothing else.
 */
import { concatBytes, type Refusal, toUtf8 } from '@chengxin/kernel'
import {
  keysThatSigned,
  type Note,
  type NoteKey,
  type NoteSignature,
  type NoteSigner,
  noteSignatureTypes,
} from './note.ts'
import type { VerifySignature } from './verify.ts'

export interface Cosignature {
  readonly key: NoteKey
  /** Seconds since 1970-01-01T00:00:00Z, as the cosigner's clock had it. */
  readonly timeSeconds: number
}

/** Cosigns a checkpoint's body at a time. Throws if the key is not of type 0x04 or the time not a whole number ≥ 0. */
export function cosign(body: string, { key, sign }: NoteSigner, timeSeconds: number): NoteSignature {
  if (key.type !== noteSignatureTypes.cosignature) throw new Error(`${key.name} is not a cosigner's key.`)
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0) throw new Error('A cosignature has a time in seconds.')
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds))
  const signature = concatBytes(time, sign(cosignedMessage(body, timeSeconds)))
  return { name: key.name, id: key.id, signature }
}

/**
 * Which cosigners' keys cosigned a note, and when: the latest time, if a key did so twice. Refuses with
 * `note_signature_invalid` if a line of one of the keys does not hold. Times are not judged.
 */
export function verifyCosignatures(
  note: Note,
  keys: readonly NoteKey[],
  verify: VerifySignature,
): readonly Cosignature[] | Refusal {
  const times = new Map<NoteKey, number>()
  const signed = keysThatSigned(note, keys, (key, signature) => {
    if (signature.length !== 72) return false
    const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)
    if (time > BigInt(Number.MAX_SAFE_INTEGER)) return false
    const timeSeconds = Number(time)
    times.set(key, Math.max(timeSeconds, times.get(key) ?? 0))
    return verify(key.jwk, cosignedMessage(note.text, timeSeconds), signature.subarray(8))
  })
  if ('refused' in signed) return signed
  return signed.map((key) => ({ key, timeSeconds: times.get(key) as number }))
}

function cosignedMessage(body: string, timeSeconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timeSeconds}\n${body}`)
}
