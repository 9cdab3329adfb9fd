/**
 * This member's newest checkpoints and the cosignatures that others gave for them. All members write the same body for
 * one size, so a cosignature that a member gave for its own checkpoint holds for ours. The newest size that a quorum of
 * members has cosigned is what receipts are given against.
 */
import { addSignatures, type NoteSignature, parseCheckpointBody, parseNote } from '@chengxin/crypto'
import { isRefusal } from '@chengxin/kernel'
import type { SignedTree } from './own-log.ts'

/** Sizes that are remembered: members differ by some blocks, and who is further away catches up first. */
const remembered = 256

export interface OwnTree {
  readonly size: number
  readonly root: Uint8Array
  /** As this member signed it. */
  readonly note: string
}

interface TreeSignatures extends OwnTree {
  /** By member, then those of outside witnesses by key name. */
  readonly members: Map<string, NoteSignature>
  readonly witnesses: Map<string, NoteSignature>
}

export interface QuorumTree extends SignedTree {
  /** Members whose cosignatures the note carries. */
  readonly members: readonly string[]
}

export class CosignedTrees {
  readonly #trees = new Map<number, TreeSignatures>()
  readonly #waiting = new Set<() => void>()
  readonly #memberId: string
  #newest: OwnTree | undefined
  #quorum: QuorumTree | undefined

  constructor(memberId: string) {
    this.#memberId = memberId
  }

  /** The newest tree that this member has signed. */
  get newest(): OwnTree | undefined {
    return this.#newest
  }

  /** The newest tree that a quorum has cosigned. */
  get quorum(): QuorumTree | undefined {
    return this.#quorum
  }

  tree(size: number): OwnTree | undefined {
    return this.#trees.get(size)
  }

  /** This member's trees of more leaves than that, the newest so many. */
  after(size: number, limit: number): readonly OwnTree[] {
    return [...this.#trees.values()].filter((tree) => tree.size > size).slice(-limit)
  }

  /** Takes in this member's own checkpoint. Whether it is of a size that was not there. */
  addOwn(note: string, needed: number): boolean {
    const tree = openOwn(note)
    if (this.#trees.has(tree.size)) return false
    const own = parsedSignatures(note).filter(({ name }) => name.endsWith(`/${this.#memberId}`))
    const members = new Map(own.map((signature) => [this.#memberId, signature]))
    this.#trees.set(tree.size, { ...tree, members, witnesses: new Map() })
    this.#newest = tree
    if (this.#trees.size > remembered) this.#trees.delete(this.#trees.keys().next().value as number)
    this.#promote(tree.size, needed)
    this.#wake()
    return true
  }

  /** A cosignature, already verified, by a member over the body of this size and root. */
  addMember(size: number, memberId: string, signature: NoteSignature, needed: number): void {
    const tree = this.#trees.get(size)
    if (tree === undefined || tree.members.has(memberId)) return
    tree.members.set(memberId, signature)
    this.#promote(size, needed)
  }

  /** A cosignature, already verified, by a witness that is no member: carried along, and counted by nobody here. */
  addWitness(size: number, signature: NoteSignature, needed: number): void {
    const tree = this.#trees.get(size)
    if (tree === undefined) return
    tree.witnesses.set(signature.name, signature)
    this.#promote(size, needed)
  }

  /** A tree that had its quorum before this node was started again. */
  restore(quorum: QuorumTree): void {
    if (quorum.size >= (this.#quorum?.size ?? 0)) this.#quorum = quorum
  }

  /** Who has cosigned a size, as far as it is known here. */
  membersOf(size: number): readonly string[] {
    const known = this.#trees.get(size)
    return known === undefined ? [] : [...known.members.keys()]
  }

  /** Resolves at the next change, or after a time. */
  changed(waitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      this.#waiting.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  get waiting(): number {
    return this.#waiting.size
  }

  #promote(size: number, needed: number): void {
    const tree = this.#trees.get(size)
    if (tree === undefined || tree.members.size < needed || size < (this.#quorum?.size ?? 0)) return
    const note = addSignatures(tree.note, [...tree.members.values(), ...tree.witnesses.values()])
    if (isRefusal(note)) throw new Error(`Our own checkpoint is refused: ${note.refused}.`)
    this.#quorum = { size, note, members: [...tree.members.keys()] }
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

function openOwn(text: string): OwnTree {
  const note = parseNote(text)
  const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
  if (isRefusal(body)) throw new Error(`Our own checkpoint is refused: ${body.refused}.`)
  return { size: body.size, root: body.root, note: text }
}

function parsedSignatures(text: string): readonly NoteSignature[] {
  const note = parseNote(text)
  return isRefusal(note) ? [] : note.signatures
}
