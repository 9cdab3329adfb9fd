/**
 * What a ledger offers to the rest of a node: the only part of this package that api, node and projection know.
 * Everything behind it — threads, files, ordering — can change without them.
 */
import type { Hash, Refusal, TimeMs, TransactionId } from '@chengxin/kernel'
import type { CommittedBlock, GenesisDocument, StoredEvent } from '@chengxin/module-kit'

/** One per submitted transaction, in order. */
export type Outcome =
  /** Refused before it could enter a block: nothing of it remains. `retryAfterMs` stands where the same bytes may pass later. */
  | {
      readonly status: 'rejected'
      readonly code: string
      readonly id?: TransactionId
      readonly at?: string
      readonly retryAfterMs?: number
    }
  | { readonly status: 'pending'; readonly id: TransactionId }
  | (Committed & { readonly status: 'committed' })
  /** In the log with a leaf and a code, its nonce used, domain state untouched. */
  | (Committed & { readonly status: 'refused'; readonly code: string })

export interface Committed {
  readonly id: TransactionId
  readonly height: number
  readonly position: number
  readonly leafIndex: number
  readonly timeMs: TimeMs
  readonly events: readonly StoredEvent[]
}

export interface Head {
  readonly height: number
  readonly timeMs: TimeMs
  /** Leaves in the log. */
  readonly size: number
  readonly root: Hash
  readonly stateHash: Hash
  readonly agreedHash: Hash
  /** The newest state root that entered the agreed hash, and the number of leaves it was taken at. */
  readonly stateRoot?: { readonly size: number; readonly root: Hash }
  readonly ruleset: { readonly version: string; readonly hash: Hash }
}

/** A checkpoint of this log that somebody has collected signatures for. */
export interface SignedTree {
  readonly size: number
  readonly note: string
}

export interface Health {
  readonly status: 'ok' | 'read_only' | 'stopped'
  /** Why, when not ok: a code such as `disk_full` or `hash_mismatch`, and one sentence. */
  readonly code?: string
  readonly sentence?: string
}

/** How members order together, as this node sees it: for people and metrics, never for decisions. */
export interface ConsensusStatus {
  /** The engine's name and version. */
  readonly engine: string
  /** `ready`: transactions can be handed in. `away`: the engine is not there, or lags behind the others. */
  readonly state: 'stopped' | 'away' | 'ready' | 'full' | 'halted'
  /** The newest block here, and the newest whose result more than two thirds have signed: what is shown. */
  readonly height: number
  readonly confirmedHeight: number
  /** Blocks that more than a third of the members say to have beyond ours: one of them at least is honest. */
  readonly behind: number
  /** Engines that ours is connected to. */
  readonly peers: number
  /** Those of them that belong to no member any more: for some seconds after one was removed. */
  readonly formerPeers: number
  /** How often this node has started its engine again to end such a connection. */
  readonly cutOffs: number
  /** Transactions in the engine's mempool, those of other members included. */
  readonly waiting: number
  /** Who proposed the newest block. */
  readonly proposer?: string
  readonly validators: readonly ValidatorStatus[]
  /** Validators that were caught signing two things at once, ever; each time. */
  readonly misbehaved: readonly Misbehaved[]
}

/** As the engine has proved it: the evidence stands in a block that all members have. */
export interface Misbehaved {
  /** The member, or the address of a key that the rules did not know. */
  readonly member: string
  readonly type: 'duplicate_vote' | 'light_client_attack' | 'unknown'
  /** Of the block about which it signed twice, and that block's time. */
  readonly height: number
  readonly timeMs: number
}

export interface ValidatorStatus {
  /** The member, or the address of a key that the rules do not know. */
  readonly member: string
  readonly power: number
  /** The newest block that it is known to have signed since this node began. */
  readonly signedHeight?: number
  /** It has not signed lately. */
  readonly isLate: boolean
}

export interface LedgerStats {
  /** Transactions accepted and not yet in a block. */
  readonly queued: number
  readonly queueLimit: number
  readonly admitted: number
  readonly rejected: { readonly [code: string]: number }
  readonly committed: number
  readonly refused: number
  readonly blocks: number
  readonly verifier: string
}

/** A snapshot that lies here for members that join. */
export interface SnapshotOffer {
  readonly height: number
  /** Leaves in the log then, and the time of its block. */
  readonly size: number
  readonly timeMs: number
  /** Names its contents: equal on all members that took it. */
  readonly hash: string
  readonly chunks: number
  /** On disk. */
  readonly bytes: number
  /**
   * This member's signed notes: the root of the state there, and of the log; once members have agreed on that root, which
   * is half an interval of leaves later.
   */
  readonly signed?: { readonly state: string; readonly log: string }
}

/** What a ledger that began with a snapshot does not have of its log yet. It is fetched from the beginning upwards. */
export interface Lacking {
  /** The next block to fetch, and the first that came with the snapshot. */
  readonly fromHeight: number
  readonly toHeight: number
  /** Leaves that are absent: from the first up to, but without, the second. */
  readonly fromLeaf: number
  readonly toLeaf: number
}

/** An answer of the engine's RPC, or its refusal. */
export type EngineAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly message: string; readonly data: string } }

/** What members give to one that joins, and what this one still lacks itself. */
export interface LedgerArchive {
  /** Newest first. */
  snapshots(): readonly SnapshotOffer[]
  /** A block's bytes as they lie in the log; nothing where it is not here, or not shown yet. */
  rawBlock(height: number): Uint8Array | undefined
  /** Nothing where the log is whole. */
  lacking(): Lacking | undefined
  /**
   * Takes blocks from `lacking().fromHeight` on, as `rawBlock` of another member gave them, one behind the other. Refusals:
   * `history_differs` where they are not of this log, `disk_full`, `node_stopped`. Genesis events and the times of blocks
   * without leaves are not covered by the log's root: whoever calls this has compared them among members.
   */
  fill(blocks: Uint8Array): Promise<Refusal | undefined>
  /** Asks this member's engine of consensus; undefined where one process orders alone. Rejects where it does not answer. */
  askEngine(method: string, params: object): Promise<EngineAnswer> | undefined
}

export interface Ledger {
  readonly groupId: string
  readonly genesis: GenesisDocument
  readonly archive: LedgerArchive
  head(): Head
  health(): Health
  /** Undefined where one process orders alone. */
  consensus(): ConsensusStatus | undefined
  /** Names who knows how far the others are: the height that more than a third of the members say to have reached. */
  followOthers(height: () => number | undefined): void
  stats(): LedgerStats
  /**
   * Admits, orders, executes and makes durable; resolves when every transaction has an outcome, in the order given.
   * Never rejects for what a transaction contains. A full queue answers `rejected` with `queue_full` and `retryAfterMs`.
   */
  submit(transactions: readonly string[]): Promise<readonly Outcome[]>
  /** The outcome of a transaction known to this node: queued, or in the log. */
  outcome(id: TransactionId): Outcome | undefined
  /** The transaction's leaf as logged: canonical JSON (DESIGN.md, Leaf), or undefined beyond the log. */
  leaf(index: number): Uint8Array | undefined
  block(height: number): CommittedBlock | undefined
  /** Blocks from a height on, without end: what is there, then each new one after its commit. `signal` ends it. */
  blocks(fromHeight: number, signal: AbortSignal): AsyncIterable<CommittedBlock>
  /** This member's checkpoint (C2SP tlog-checkpoint as signed note) of the newest committed block, with its cosignature. */
  checkpoint(): string
  /** The root of the first so many leaves; undefined beyond the log, or where this node has not fetched them yet. */
  rootAt(size: number): Uint8Array | undefined
  /** What links the tree of the first so many leaves to that of more (RFC 9162); undefined beyond the log. */
  consistency(olderSize: number, newerSize: number): readonly Uint8Array[] | undefined
  /** This member's signed word on the newest agreed state root, once there is one. */
  stateCheckpoint(): string | undefined
  /**
   * A resource of C2SP tlog-tiles by its path below the log's prefix: `tile/0/000`, `tile/0/000.p/7`, `tile/entries/000`.
   * Undefined where the log has not grown that far.
   */
  tile(path: string): Uint8Array | undefined
  /**
   * A C2SP tlog-proof with the leaf as extra data, against a checkpoint of this log with the signatures that were collected
   * for it: a ledger knows no quorum, so it gives no receipt by itself. Undefined for a transaction that is unknown or not
   * covered by it.
   */
  receipt(id: TransactionId, against: SignedTree): string | undefined
  /** The same proof as a COSE receipt (RFC 9942), signed by this member's log key, with leaf and checkpoint beside it. */
  coseReceipt(id: TransactionId, against: SignedTree): Uint8Array | undefined
  /** A committed row in its stored form, by table name `<domain>/<table>` and key: for resolvers and tools, not for lists. */
  row(table: string, key: string): unknown
  /** Proof of a row's value or absence under the newest agreed state root (JSON), when there is one. */
  stateProof(table: string, key: string): unknown
  /** Told after each commit, in order. Returns the way to stop. */
  onCommit(listener: (block: CommittedBlock) => void): () => void
  close(): Promise<void>
}
