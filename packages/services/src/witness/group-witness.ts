/**
 * One member's witnessing of its own group: every checkpoint is cosigned after the commit, the cosignatures of others are
 * collected, what others sign is held against our own log, and two stories of one log are kept as proof. What comes in
 * from other nodes is handed to `heard`; who fetches it is peer-loop.ts.
 */
import { encodeContradiction } from '@chengxin/audit'
import {
  addSignatures,
  type Checkpoint,
  encodeVkey,
  linesOf,
  type Note,
  type NoteKey,
  openStateCheckpoint,
  parseCheckpointBody,
  parseNote,
  type VerifySignature,
  verifyCosignatures,
  verifyNote,
} from '@chengxin/crypto'
import { equalBytes, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Contradictions, KnownContradiction } from './contradictions.ts'
import { CosignedTrees, type QuorumTree } from './cosigned-trees.ts'
import { type GroupMember, keysOfMember, type MemberKeys, type Membership, type OwnLog } from './own-log.ts'
import { answerLimits, type PeerAnswer } from './peer-answer.ts'

/** Checkpoints of one member that lie beyond our log and are held against it once it has grown. */
const aheadKept = 64

export interface GroupWitnessOptions {
  readonly log: OwnLog
  readonly contradictions: Contradictions
  readonly version: string
  readonly verify: VerifySignature
  readonly nowMs: () => number
  /**
   * Whether every block is signed at once, because others wait for it. Else a block is signed when somebody asks: where
   * nobody listens, the ledger should not be slowed down by it.
   */
  readonly isEager: boolean
  /** Told of each new proof that the log has told two stories. */
  readonly onContradiction: (found: KnownContradiction) => void
  /** Told when a newer tree has its quorum. */
  readonly onQuorum?: (quorum: QuorumTree) => void
}

/** What was last heard of a member. */
export interface HeardMember {
  readonly atMs: number
  readonly height: number
  readonly size: number
  readonly timeMs: number
  readonly version: string
  readonly ruleset: { readonly version: string; readonly hash: string }
}

/** Why no receipt is given yet. */
export interface QuorumPending {
  readonly needed: number
  readonly cosignedBy: readonly string[]
  readonly missing: readonly string[]
}

export class GroupWitness {
  readonly log: OwnLog
  readonly trees: CosignedTrees
  readonly contradictions: Contradictions
  readonly #options: GroupWitnessOptions
  readonly #heard = new Map<string, HeardMember>()
  readonly #ahead = new Map<string, Map<number, string>>()
  /** The word on a state root that each member gave last: it says the same until the next one. */
  readonly #stateOf = new Map<string, string>()
  readonly #stop: () => void
  readonly #onWanted = new Set<() => void>()
  /** How many wait for a quorum that is not there. */
  #wanting = 0
  #state: string | undefined
  #quorumTold = -1

  constructor(options: GroupWitnessOptions) {
    this.#options = options
    this.log = options.log
    this.contradictions = options.contradictions
    this.trees = new CosignedTrees(options.log.memberId)
    this.refresh()
    this.#stop = options.log.onGrowth(() => {
      if (options.isEager || this.trees.waiting > 0) this.refresh()
    })
  }

  close(): void {
    this.#stop()
  }

  /** Whether somebody waits for a quorum, and so for the others' word. */
  get isWanted(): boolean {
    return this.#wanting > 0
  }

  /** Tells when somebody asks for a quorum that is not there; returns the way to stop. */
  onWanted(listener: () => void): () => void {
    this.#onWanted.add(listener)
    return () => this.#onWanted.delete(listener)
  }

  /** What this node tells the others. */
  answer(afterSize: number): PeerAnswer {
    this.refresh()
    const { height, size, timeMs, ruleset } = this.log.head()
    const state = this.log.stateCheckpoint()
    return {
      memberId: this.log.memberId,
      height,
      size,
      timeMs,
      version: this.#options.version,
      ruleset,
      checkpoints: this.trees.after(afterSize, answerLimits.checkpoints).map(({ note }) => note),
      ...(state !== undefined && { state }),
      contradictions: this.contradictions
        .all()
        .slice(-answerLimits.contradictions)
        .map(({ id }) => id),
    }
  }

  /** Resolves at once where there is a checkpoint of more leaves, else when there is or the time is over. */
  async answerAfter(afterSize: number, waitMs: number, signal?: AbortSignal): Promise<PeerAnswer> {
    const endMs = this.#options.nowMs() + waitMs
    for (;;) {
      this.refresh()
      const leftMs = endMs - this.#options.nowMs()
      if (leftMs <= 0 || signal?.aborted || (this.trees.newest?.size ?? 0) > afterSize) return this.answer(afterSize)
      await this.trees.changed(leftMs, signal)
    }
  }

  /** The checkpoint to show to strangers: the newest that a quorum has cosigned, or our own where none is yet. */
  checkpoint(): string {
    this.refresh()
    return this.trees.quorum?.note ?? this.log.checkpoint()
  }

  /** Our word on the newest state root, with that of every member that said the same. */
  stateCheckpoint(): string | undefined {
    const own = this.log.stateCheckpoint()
    if (own === undefined) return undefined
    return this.#state !== undefined && textOf(this.#state) === textOf(own) ? this.#state : own
  }

  /**
   * A receipt against a tree that a quorum has cosigned, waited for as long as is said; undefined for a transaction that
   * the log does not have.
   */
  async receipt(transactionId: string, waitMs: number): Promise<string | QuorumPending | undefined> {
    const tree = await this.#quorumOver(transactionId, waitMs)
    return tree !== undefined && 'note' in tree ? this.log.receipt(transactionId, tree) : tree
  }

  /** The same as a COSE receipt. */
  async coseReceipt(transactionId: string, waitMs: number): Promise<Uint8Array | QuorumPending | undefined> {
    const tree = await this.#quorumOver(transactionId, waitMs)
    return tree !== undefined && 'note' in tree ? this.log.coseReceipt(transactionId, tree) : tree
  }

  async #quorumOver(transactionId: string, waitMs: number): Promise<QuorumTree | QuorumPending | undefined> {
    const index = this.log.leafIndexOf(transactionId)
    if (index === undefined) return undefined
    const endMs = this.#options.nowMs() + waitMs
    for (;;) {
      this.refresh()
      const { quorum } = this.trees
      if (quorum !== undefined && quorum.size > index) return quorum
      const leftMs = endMs - this.#options.nowMs()
      for (const tell of [...this.#onWanted]) tell()
      if (leftMs <= 0) return this.#pendingSince(index)
      this.#wanting++
      await this.trees.changed(leftMs)
      this.#wanting--
    }
  }

  /** The height that more than a third of the members, and so an honest one, say to have reached; undefined before that. */
  othersHeight(): number | undefined {
    const active = this.log.membership().members.filter(({ status }) => status === 'active')
    const heights = active.flatMap(({ memberId }) => this.#heard.get(memberId)?.height ?? [])
    return heights.sort((one, other) => other - one)[Math.floor(active.length / 3)]
  }

  heardOf(memberId: string): HeardMember | undefined {
    return this.#heard.get(memberId)
  }

  /** Takes in what a member's node told, refusing what that member did not sign. */
  heard(memberId: string, answer: PeerAnswer): Refusal | undefined {
    const { height, size, timeMs, version, ruleset } = answer
    if (answer.memberId !== memberId) return refuse('peer_is_another_member')
    const membership = this.log.membership()
    const member = membership.members.find((one) => one.memberId === memberId)
    if (member === undefined || member.status === 'removed') return refuse('peer_is_no_member')
    for (const note of answer.checkpoints) {
      const refusal = this.#weighCheckpoint(member, note, membership)
      if (refusal !== undefined) return refusal
    }
    if (answer.state !== undefined) this.#weighState(member, answer.state)
    this.#heard.set(memberId, { atMs: this.#options.nowMs(), height, size, timeMs, version, ruleset })
    return undefined
  }

  /** Keeps a proof that another member found, if it is one. */
  heardContradiction(text: string): void {
    this.#keep(text)
  }

  /** Takes in our own newest checkpoint, and what others showed before we had got so far. */
  refresh(): void {
    if (this.trees.newest?.size === this.log.head().size) return
    const { quorum } = this.log.membership()
    const isNew = this.trees.addOwn(this.log.checkpoint(), quorum)
    if (!isNew) return
    this.#tellQuorum()
    for (const [memberId, notes] of this.#ahead) {
      const membership = this.log.membership()
      const member = membership.members.find((one) => one.memberId === memberId)
      for (const [size, note] of [...notes]) {
        if (size > this.log.head().size) continue
        notes.delete(size)
        if (member !== undefined) this.#weighCheckpoint(member, note, membership)
      }
    }
  }

  #weighCheckpoint(member: GroupMember, text: string, { members, quorum }: Membership): Refusal | undefined {
    const { origin } = this.log
    const note = parseNote(text)
    const body = isRefusal(note) ? note : parseCheckpointBody(note.text)
    if (isRefusal(note)) return note
    if (isRefusal(body)) return body
    if (body.origin !== origin || body.extensions.length > 0) return refuse('checkpoint_of_other_log')
    const active = members.filter(({ status }) => status === 'active')
    const keys = active.map((one) => [one.memberId, keysOfMember(origin, one)] as const)
    const signed = verifyNote(note, [keysOfMember(origin, member).log], this.#options.verify)
    if (isRefusal(signed)) return signed
    if (signed.length === 0) return refuse('log_signatures_too_few')
    if (body.size > this.log.head().size) {
      this.#keepAhead(member.memberId, body.size, text)
      return undefined
    }
    return this.#compare(note, text, body, keys, quorum)
  }

  #compare(
    note: Note,
    text: string,
    body: Checkpoint,
    keys: readonly (readonly [memberId: string, MemberKeys])[],
    quorum: number,
  ): Refusal | undefined {
    // Looked up in what was signed here before it is computed from the log, which reads and checks its hashes.
    const ours = this.trees.tree(body.size)?.root ?? this.log.rootAt(body.size)
    // What this node has not fetched yet it cannot judge; the member will show newer ones.
    if (ours === undefined) return undefined
    if (!equalBytes(ours, body.root)) {
      this.#keep(this.#contradictionWith(text, body, ours))
      return undefined
    }
    for (const [memberId, { cosigner }] of keys) {
      const cosigned = verifyCosignatures(note, [cosigner], this.#options.verify)
      if (isRefusal(cosigned)) return cosigned
      const [signature] = cosigned.length === 0 ? [] : linesOf(note.signatures, cosigner)
      if (signature !== undefined) this.trees.addMember(body.size, memberId, signature, quorum)
    }
    this.#tellQuorum()
    return undefined
  }

  /** Theirs and ours of the same size, or theirs and our newest with the root that our tree has at that size. */
  #contradictionWith(theirs: string, { size }: Checkpoint, root: Uint8Array): string {
    const same = this.trees.tree(size)
    if (same !== undefined) return encodeContradiction({ notes: [theirs, same.note] })
    const newest = this.log.head().size
    const hashes = this.log.consistency(size, newest) ?? []
    return encodeContradiction({ notes: [theirs, this.log.checkpoint()], link: { root, hashes } })
  }

  #weighState(member: GroupMember, text: string): void {
    const own = this.log.stateCheckpoint()
    if (own === undefined) return
    const { origin } = this.log
    const { state } = keysOfMember(origin, member)
    const both = `${own}\n${state.jwk.x}\n${text}`
    if (this.#stateOf.get(member.memberId) === both) return
    this.#stateOf.set(member.memberId, both)
    const opened = openStateCheckpoint(text, { origin, keys: [state], threshold: 1 }, this.#options.verify)
    if (isRefusal(opened)) return
    if (textOf(text) === textOf(own)) {
      const note = parseNote(text)
      const joined = isRefusal(note)
        ? note
        : addSignatures(this.stateCheckpoint() ?? own, linesOf(note.signatures, state))
      if (!isRefusal(joined)) this.#state = joined
      return
    }
    const ours = parseStateSize(own)
    if (ours === opened.size) this.#keep(encodeContradiction({ notes: [text, own] }))
  }

  #keepAhead(memberId: string, size: number, note: string): void {
    const notes = this.#ahead.get(memberId) ?? new Map<number, string>()
    this.#ahead.set(memberId, notes)
    notes.set(size, note)
    if (notes.size > aheadKept) notes.delete(notes.keys().next().value as number)
  }

  #keep(proof: string): void {
    const { origin } = this.log
    const keys = this.log.membership().members.map((member) => keysOfMember(origin, member))
    const [logKeys, cosignerKeys] = [keys.map(({ log }) => log), keys.map(({ cosigner }) => cosigner)]
    const found = this.contradictions.add(proof, { origin, logKeys, cosignerKeys }, this.#options.nowMs())
    if (typeof found !== 'string') this.#options.onContradiction(found)
  }

  #pendingSince(index: number): QuorumPending {
    const { members, quorum: needed } = this.log.membership()
    const newest = this.trees.newest
    const cosignedBy = newest === undefined || newest.size <= index ? [] : this.trees.membersOf(newest.size)
    const active = members.filter(({ status }) => status === 'active').map(({ memberId }) => memberId)
    return { needed, cosignedBy, missing: active.filter((memberId) => !cosignedBy.includes(memberId)) }
  }

  #tellQuorum(): void {
    const { quorum } = this.trees
    if (quorum === undefined || quorum.size === this.#quorumTold) return
    this.#quorumTold = quorum.size
    this.#options.onQuorum?.(quorum)
  }
}

/** The member of a key that signed, as its vkey. */
export function memberOfVkey(origin: string, members: readonly GroupMember[], vkey: string): string | undefined {
  const isOf = (key: NoteKey) => encodeVkey(key) === vkey
  return members.find((member) => Object.values(keysOfMember(origin, member)).some((key: NoteKey) => isOf(key)))
    ?.memberId
}

function textOf(note: string): string | undefined {
  const parsed = parseNote(note)
  return isRefusal(parsed) ? undefined : parsed.text
}

function parseStateSize(note: string): number | undefined {
  const body = parseCheckpointBody(textOf(note) ?? '')
  return isRefusal(body) ? undefined : body.size
}
