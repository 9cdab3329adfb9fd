/** What the read model offers to the API. */
import type { CommittedBlock, Presentation, Sql } from '@chengxin/module-kit'

export interface ProjectionStatus {
  /** The last block folded and committed. */
  readonly height: number
  /** Blocks and milliseconds behind the ledger's head. */
  readonly lagBlocks: number
  readonly lagMs: number
  readonly state: 'current' | 'catching_up' | 'rebuilding' | 'failed'
  readonly engine: 'pglite' | 'postgresql'
}

export interface BlockSource {
  readonly groupId: string
  headHeight(): number
  /** Of a block at hand: agreed hash by height, so that a read model of another history is found out and rebuilt. */
  agreedHash(height: number): string | undefined
  blocks(fromHeight: number, signal: AbortSignal): AsyncIterable<CommittedBlock>
}

export interface Projection {
  readonly sql: Sql
  status(): ProjectionStatus
  /** Resolves when block `height` is in the read model. */
  reached(height: number, signal?: AbortSignal): Promise<void>
  /** Drops the tables of this group and folds from block zero. */
  rebuild(): Promise<void>
  close(): Promise<void>
}

export interface ProjectionOptions {
  readonly source: BlockSource
  readonly presentations: readonly Presentation[]
  /** Decodes a stored event back to the form rules wrote, per domain and type. */
  readonly decodeEvent: (stored: CommittedBlock['transactions'][number]['events'][number]) => {
    readonly domain: string
    readonly event: { readonly type: string }
  }
  /** A PostgreSQL URL, or a directory for PGlite. */
  readonly database:
    | { readonly kind: 'postgresql'; readonly url: string }
    | { readonly kind: 'pglite'; readonly directory: string }
}
