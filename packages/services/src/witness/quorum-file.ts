/**
 * The newest tree that a quorum cosigned, kept across restarts, so that receipts are given before the others are heard
 * again. What the file says is checked against our own log and the members' keys before it is used.
 */
import { parseCheckpointBody, parseNote, type VerifySignature, verifyCosignatures } from '@chengxin/crypto'
import { equalBytes, isRefusal } from '@chengxin/kernel'
import type { Kept } from '../kept-file.ts'
import type { QuorumTree } from './cosigned-trees.ts'
import { keysOfMember, type OwnLog } from './own-log.ts'

export interface KeptQuorum {
  readonly note: string
}

/** The tree of the file, if it is of our log and a quorum of today's members cosigned it. */
export async function restoredQuorum(
  kept: Kept<KeptQuorum>,
  log: OwnLog,
  verify: VerifySignature,
): Promise<QuorumTree | undefined> {
  // A file cut short by a crash costs no more than the wait for the others.
  const { note: text } = (await kept.load().catch(() => undefined)) ?? { note: '' }
  const note = parseNote(text)
  const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
  if (isRefusal(note) || isRefusal(body) || body.origin !== log.origin) return undefined
  const ours = body.size <= log.head().size ? log.rootAt(body.size) : undefined
  if (ours === undefined || !equalBytes(ours, body.root)) return undefined
  const { members, quorum } = log.membership()
  const cosigned = members.filter((member) => {
    const { cosigner } = keysOfMember(log.origin, member)
    const found = verifyCosignatures(note, [cosigner], verify)
    return member.status === 'active' && !isRefusal(found) && found.length > 0
  })
  if (cosigned.length < quorum) return undefined
  return { size: body.size, note: text, members: cosigned.map(({ memberId }) => memberId) }
}

/** Writes the newest tree now and then: each one alone is not worth a flush. */
export class QuorumWriter {
  readonly #kept: Kept<KeptQuorum>
  readonly #everyMs: number
  #next: string | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(kept: Kept<KeptQuorum>, everyMs = 2_000) {
    this.#kept = kept
    this.#everyMs = everyMs
  }

  keep({ note }: QuorumTree): void {
    this.#next = note
    this.#timer ??= setTimeout(() => this.#write(), this.#everyMs).unref()
  }

  async close(): Promise<void> {
    this.#write()
    await this.#writing
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const note = this.#next
    if (note === undefined) return
    this.#next = undefined
    // A disk that takes nothing is said elsewhere, and loudly; without this file a restart only waits.
    this.#writing = this.#writing.then(() => this.#kept.save({ note })).catch(() => undefined)
  }
}
