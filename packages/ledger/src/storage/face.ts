/**
 * What execution needs of the disk. One `Store` belongs to one group and one writer: the execution worker. Other threads
 * open a `StoreReader` on the same directory.
 *
 * The commit of the state database is the commit point: log and tiles are flushed before it, and whatever lies beyond it
 * is cut away at the next start.
 */

import type { StateProof } from '@chengxin/crypto'
import type { Refusal } from '@chengxin/kernel'
import type { History } from './history.ts'

export interface StoredHead {
  readonly height: number
  readonly timeMs: number
  /** Leaves in the log. */
  readonly size: number
  /** 32 bytes each. */
  readonly root: Uint8Array
  readonly stateHash: Uint8Array
  readonly agreedHash: Uint8Array
  /** SHA-256 of the active ruleset's bundle. */
  readonly rulesetHash: Uint8Array
  /** The newest state root that has entered the agreed hash. */
  readonly stateRoot?: { readonly size: number; readonly root: Uint8Array }
}

/** Its bytes are lent: whoever executes uses their memory again for the next block, so a store keeps copies. */
export interface LeafEntry {
  /** 32 bytes: SHA-256 of the JWS signing input. */
  readonly transactionId: Uint8Array
  /** Canonical leaf (DESIGN.md), at most 65,535 bytes: the tlog entry. */
  readonly leaf: Uint8Array
  /** RFC 6962 leaf hash of `leaf`. */
  readonly leafHash: Uint8Array
  /** Canonical JSON array of stored events, kept beside the leaf; its hash is in the leaf. */
  readonly events: Uint8Array
  /** The pair that is now used: DID and nonce joined by a space. Remembered until `nonceUntilMs`. */
  readonly nonceKey: string
  readonly nonceUntilMs: number
}

/** One changed row: `key` is `<domain>/<table>/<key>`, the value canonical text, never empty; `undefined` removes the row. */
export interface StateWrite {
  readonly key: string
  readonly value: string | undefined
}

/** A block as execution finished it, to be made durable as one. */
export interface BlockToStore {
  readonly head: StoredHead
  readonly leaves: readonly LeafEntry[]
  /** Last value per key, any order. */
  readonly writes: readonly StateWrite[]
  /** Only for height 0: canonical JSON array of the genesis events. */
  readonly genesisEvents?: Uint8Array
  /** Whether a state root is taken of the state after this block: its size is the first to reach another multiple of K. */
  readonly boundary?: true
}

export interface UsedNonce {
  readonly transactionId: Uint8Array
  readonly leafIndex: number
  readonly untilMs: number
}

export interface StoredBlock {
  readonly height: number
  readonly timeMs: number
  readonly firstLeaf: number
  readonly size: number
  readonly root: Uint8Array
  readonly agreedHash: Uint8Array
  readonly leaves: readonly { readonly leaf: Uint8Array; readonly events: Uint8Array }[]
  readonly genesisEvents?: Uint8Array
}

/** A row as it was at a boundary, with what `verifyStateProof` of @chengxin/crypto needs. */
export interface ProvenRow {
  /** Leaves in the log at the boundary, and the state root there. */
  readonly size: number
  readonly root: Uint8Array
  readonly proof: StateProof
  /** The row, `null` where there was none; left out where it has changed since and only its hash is known. */
  readonly value?: string | null
}

/** What members give each other of the log. */
export interface StoreArchive {
  /** A block's bytes as they lie in the log. */
  rawBlock(height: number): Uint8Array | undefined
  /** What is absent, in a store that began with a snapshot. */
  history(): History | undefined
}

/** The rest of the log of a store that began with a snapshot. */
export interface StoreHistory extends StoreArchive {
  /** The height of the next block to fetch; nothing where the store has everything. */
  wantedHeight(): number | undefined
  /**
   * Takes blocks from the wanted height on, as a member's `rawBlock` gave them. `history_differs` where one does not
   * belong to this log: what was not verified by then is dropped, and asked for again. What the tree of leaves does not
   * cover, genesis events and the times of blocks without leaves, is whoever calls this to compare.
   */
  backfill(blocks: readonly Uint8Array[]): Refusal | undefined
}

/** The state at a boundary, whose root has just been computed. */
export interface SettledBoundary {
  readonly height: number
  readonly size: number
  /** The time of its block, and of that of the boundary before it, if there is one in this store. */
  readonly timeMs: number
  readonly previousMs: number | undefined
  readonly root: Uint8Array
  /** Writes a snapshot of this state and returns its folder, during the call only; nothing if another thread went on. */
  writeSnapshot(group: string): string | undefined
}

/** Settles a store from a thread that is not its writer's. */
export interface StateSettler {
  /**
   * Settles what is committed now, up to a height if one is given; `atBoundary` is called at each boundary on the way,
   * before what comes after it.
   */
  settle(atBoundary?: (boundary: SettledBoundary) => void, upTo?: number): void
  close(): void
}

/** Damage found on disk: what, where, and what to do. Reading never returns damaged bytes; it throws this. */
export interface Damage {
  readonly code: 'log_damaged' | 'tile_damaged' | 'state_damaged' | 'index_damaged'
  readonly file: string
  readonly at: string
  readonly advice: string
}

export interface StoreReader {
  head(): StoredHead | undefined
  /** The head as it was after a block of the log. */
  headAt(height: number): StoredHead | undefined
  /**
   * The stored text of a row, its checksum verified. With a height, as it was after that block, which may be as old as
   * what is settled and no older.
   */
  row(key: string, atHeight?: number): string | undefined
  usedNonce(nonceKey: string): UsedNonce | undefined
  leafIndexOf(transactionId: Uint8Array): number | undefined
  leaf(index: number): { readonly leaf: Uint8Array; readonly events: Uint8Array; readonly height: number } | undefined
  block(height: number): StoredBlock | undefined
  /** Hash of the complete subtree at (level, index), for inclusion and consistency proofs. Throws `StoreIncomplete`. */
  nodeHash(level: number, index: number): Uint8Array
  /** A tlog-tiles resource for the committed size: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. */
  tile(path: string): Uint8Array | undefined
  /** The root over the whole state at a boundary, by its size; `undefined` until it is computed, or where none is taken. */
  stateRootAt(size: number): Uint8Array | undefined
  /** Proves a row's value, or that there is none, against a boundary's root: the newest computed one or the one before. */
  proveRow(size: number, key: string): ProvenRow | undefined
  /** Bytes on disk by part. */
  usage(): { readonly log: number; readonly tiles: number; readonly state: number }
  close(): void
}

export interface Store extends StoreReader {
  /** Makes a block durable; on return it survives a power cut. Throws `StoreFull` when the disk is full: nothing of the block remains. */
  commit(block: BlockToStore): void
  /** RFC 6962 root after these further leaf hashes, in memory of its own, without writing anything: what FinalizeBlock must answer. */
  rootAfter(leafHashes: readonly Uint8Array[]): Uint8Array
  /**
   * Moves what is committed into the tables sorted by key, and computes the roots of boundaries on the way. A commit does
   * it by itself when much has gathered; another thread that runs a `StateSettler` takes that work off it.
   */
  settle(): void
  /** Counts commits, in memory that threads share: what a `StoreReader` elsewhere needs to know that it is up to date. */
  readonly commits: SharedArrayBuffer
}

export class StoreFull extends Error {
  override readonly name = 'StoreFull'
}

/** Asked for what a store that began with a snapshot has not fetched yet. */
export class StoreIncomplete extends Error {
  override readonly name = 'StoreIncomplete'
}

export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged'
  readonly damage: Damage
  constructor(damage: Damage) {
    super(`${damage.code}: ${damage.file} at ${damage.at}. ${damage.advice}`)
    this.damage = damage
  }
}
