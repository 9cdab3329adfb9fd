/** What the read model offers to the API, and what it asks of the node that runs it. */
import type { CommittedBlock, Presentation, Sql, StoredEvent } from '@chengxin/module-kit'

export interface ProjectionStatus {
  /** The last block folded and committed; −1 before genesis. */
  readonly height: number
  /** Blocks behind the ledger's head. */
  readonly lagBlocks: number
  /** How long the oldest block that is not yet folded has been waiting. */
  readonly lagMs: number
  /** `rebuilding` until the head is reached for the first time after tables were dropped; `failed` while trying again later. */
  readonly state: 'current' | 'catching_up' | 'rebuilding' | 'failed'
  readonly engine: 'pglite' | 'postgresql'
  /** One sentence of why, while not `current`. It names no secret: no URL, no row. */
  readonly detail?: string
}

export interface BlockSource {
  readonly groupId: string
  headHeight(): number
  /** Of a block at hand: agreed hash by height, so that a read model of another history is found out and rebuilt. */
  agreedHash(height: number): string | undefined
  blocks(fromHeight: number, signal: AbortSignal): AsyncIterable<CommittedBlock>
}

export interface Projection {
  /** Waits for a database that is still opening; throws `ReadModelUnavailable` where that takes too long. */
  readonly sql: Sql
  status(): ProjectionStatus
  /** Resolves when block `height` is in the read model. */
  reached(height: number, signal?: AbortSignal): Promise<void>
  /** Drops the tables of this group and folds from block zero; resolves when today's head is reached again. */
  rebuild(): Promise<void>
  close(): Promise<void>
}

/** The read model cannot be asked now. Nothing is lost: it opens, or is rebuilt, by itself. */
export class ReadModelUnavailable extends Error {}

export interface DecodedEvent {
  readonly domain: string
  readonly event: { readonly type: string }
}

export type ProjectionDatabase =
  | {
      readonly kind: 'postgresql'
      readonly url: string
      /** The SQL schema; by default `g_` and the first 16 hexadecimal digits of the group id. Members that share a database name their own. */
      readonly schema?: string
    }
  | {
      readonly kind: 'pglite'
      /** A directory of its own, or `memory://` for tests. */
      readonly directory: string
      /** PGlite computes synchronously, so it runs in a thread unless a test wants it `inline`. */
      readonly run?: 'worker' | 'inline'
      /** The worker's entry; by default `pglite-worker.js` beside this module. */
      readonly workerUrl?: URL
    }

export interface ProjectionOptions {
  readonly source: BlockSource
  readonly presentations: readonly Presentation[]
  /** Decodes a stored event back to the form rules wrote, per domain and type (`createEventDecoder`). */
  readonly decodeEvent: (stored: StoredEvent) => DecodedEvent
  readonly database: ProjectionDatabase
  /** Changes whenever the same blocks could fold to other rows, such as the hash of the program's views: a change rebuilds. */
  readonly revision?: string
  /** Events folded in one SQL transaction; more drains faster, less lets queries in sooner. */
  readonly batchEvents?: number
  /**
   * While much comes, blocks are gathered for so long and written as one: a statement costs as much for a block as for four.
   * A second if absent; whoever waits for a height is not made to wait for this.
   */
  readonly gatherMs?: number
  /** Told what an operator should read: one sentence, without secrets or data of anyone. */
  readonly notice?: (level: 'info' | 'warn' | 'error', sentence: string) => void
  readonly now?: () => number
}
