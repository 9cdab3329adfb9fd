/**
 * This node as a witness of other logs (C2SP tlog-witness): it cosigns a checkpoint of a log on its list once it has seen
 * that it continues the one before, and never two that do not fit. What it cosigned last is on disk before it answers.
 */
import {
  type Checkpoint,
  cosign,
  createTreeHasher,
  formatNote,
  type Note,
  type NoteKey,
  type NoteSigner,
  parseCheckpointBody,
  parseNote,
  type VerifySignature,
  verifyConsistency,
  verifyNote,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, fromBase64url, isRefusal, toBase64url } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import { type AddCheckpoint, parseAddCheckpoint, sizeMediaType } from './add-checkpoint.ts'

/** A log that this witness was told to watch, and the keys that sign its checkpoints. */
export interface WatchedLog {
  readonly origin: string
  readonly keys: readonly NoteKey[]
}

/** What was cosigned last, by origin; the note is kept as evidence. */
export interface WitnessedLogs {
  readonly [origin: string]: { readonly size: number; readonly root: string; readonly note: string }
}

export interface WitnessDeskOptions {
  /** Signs as a cosigner, under the witness's own name. */
  readonly signer: NoteSigner
  readonly logs: readonly WatchedLog[]
  readonly kept: Kept<WitnessedLogs>
  readonly verify: VerifySignature
  readonly nowMs: () => number
}

/** An HTTP answer as the specification has it. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly mediaType: string
  readonly body: string
}

const plain = 'text/plain; charset=utf-8'
const hasher = createTreeHasher(sha256)

export class WitnessDesk {
  readonly #options: WitnessDeskOptions
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: WitnessDeskOptions) {
    this.#options = options
  }

  /** Answers one request. They wait for each other: two at once must not both be told yes. */
  addCheckpoint(text: string): Promise<WitnessAnswer> {
    const answered = this.#turn.then(() => this.#answer(text))
    this.#turn = answered.catch(() => undefined)
    return answered
  }

  async #answer(text: string): Promise<WitnessAnswer> {
    const request = parseAddCheckpoint(text)
    const note = request && parseNote(request.note)
    const body = note && !isRefusal(note) ? parseCheckpointBody(note.text) : undefined
    if (!request || !note || isRefusal(note) || !body || isRefusal(body)) return refused(400, 'request_malformed')
    const log = this.#options.logs.find(({ origin }) => origin === body.origin)
    if (log === undefined) return refused(404, 'log_not_watched')
    const signed = verifyNote(note, log.keys, this.#options.verify)
    if (isRefusal(signed) || signed.length === 0) return refused(403, 'checkpoint_not_signed')
    return this.#judge(request, note, body)
  }

  async #judge({ oldSize, hashes, note: text }: AddCheckpoint, note: Note, body: Checkpoint): Promise<WitnessAnswer> {
    if (oldSize > body.size) return refused(400, 'old_size_too_large')
    const all = (await this.#options.kept.load()) ?? {}
    const last = Object.hasOwn(all, body.origin) ? all[body.origin] : undefined
    const lastRoot = last && fromBase64url(last.root)
    if (oldSize !== (last?.size ?? 0)) return conflict(last?.size ?? 0)
    if (last && lastRoot && body.size === last.size && !equalBytes(lastRoot, body.root)) return conflict(last.size)
    const older = { size: oldSize, root: lastRoot ?? hasher.emptyRoot }
    if (!verifyConsistency(hasher, older, body, hashes)) return refused(422, 'not_consistent')
    const root = toBase64url(body.root)
    await this.#options.kept.save({ ...all, [body.origin]: { size: body.size, root, note: text } })
    const seconds = Math.floor(this.#options.nowMs() / 1000)
    return { status: 200, mediaType: plain, body: signatureLine(cosign(note.text, this.#options.signer, seconds)) }
  }
}

/** A signature as its line in a note. */
export function signatureLine(signature: ReturnType<typeof cosign>): string {
  return formatNote({ text: '\n', signatures: [signature] }).slice(2)
}

function refused(status: 400 | 403 | 404 | 422, code: string): WitnessAnswer {
  return { status, mediaType: plain, body: `${code}\n` }
}

function conflict(size: number): WitnessAnswer {
  return { status: 409, mediaType: sizeMediaType, body: `${size}\n` }
}
