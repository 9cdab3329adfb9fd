/** Blocks into rows, with every domain's views and the ledger's own tables. */
import { setImmediate as othersTurn } from 'node:timers/promises'
import { canonicalize, type Did, type TransactionId } from '@chengxin/kernel'
import type {
  CommittedBlock,
  CommittedTransaction,
  EventMeta,
  Presentation,
  StoredEvent,
  ViewTable,
} from '@chengxin/module-kit'
import { Batch, type TableChanges } from './batch.ts'
import { weightOf } from './block-feed.ts'
import type { DecodedEvent } from './face.ts'
import { foldLedgerTables, ledgerTables } from './ledger-tables.ts'

export interface Folder {
  readonly tables: readonly ViewTable[]
  /** Canonical text of everything that decides which rows blocks come to. */
  readonly definition: string
  /** Lets others have the thread in between: a long fold must not hold up who submits. */
  fold(blocks: readonly CommittedBlock[]): Promise<TableChanges[]>
}

/** Some milliseconds of folding. */
const turnWeight = 500

/** Raised when the ledger's own fold changes without its tables changing. */
const ledgerFoldRevision = 1

export function createFolder(
  presentations: readonly Presentation[],
  decodeEvent: (stored: StoredEvent) => DecodedEvent,
  revision: string,
): Folder {
  const byDomain = new Map(presentations.map((presentation) => [presentation.domain, presentation.views]))
  const tables = [...ledgerTables, ...presentations.flatMap(({ views }) => views.tables)]
  const names = new Set(tables.map(({ name }) => name))
  if (names.size !== tables.length) throw new Error('Two views declare a table of the same name.')

  const foldEvent = (stored: StoredEvent, meta: EventMeta, batch: Batch): void => {
    const { domain, event } = decodeEvent(stored)
    byDomain.get(domain)?.fold(event, meta, batch)
  }
  const foldBlock = (block: CommittedBlock, batch: Batch): void => {
    foldLedgerTables(block, batch)
    const { height, timeMs } = block
    block.genesisEvents?.forEach((stored, eventIndex) => {
      // Genesis events stand before the first leaf.
      const noTransaction = { position: 0, leafIndex: -1, transactionId: undefined, signer: undefined }
      foldEvent(stored, { height, timeMs, eventIndex, ...noTransaction }, batch)
    })
    for (const transaction of block.transactions) {
      for (let eventIndex = 0; eventIndex < transaction.events.length; eventIndex++) {
        const stored = transaction.events[eventIndex] as StoredEvent
        foldEvent(stored, metaOf(block, transaction, eventIndex), batch)
      }
    }
  }
  return {
    tables,
    definition: canonicalize({ ledgerFoldRevision, revision, tables }),
    fold: async (blocks) => {
      const batch = new Batch(tables)
      let folded = 0
      for (const block of blocks) {
        foldBlock(block, batch)
        folded += weightOf(block)
        if (folded < turnWeight) continue
        folded = 0
        await othersTurn()
      }
      return batch.changes()
    },
  }
}

function metaOf(block: CommittedBlock, transaction: CommittedTransaction, eventIndex: number): EventMeta {
  const id: TransactionId = transaction.id
  const signer: Did = transaction.signer
  return {
    height: block.height,
    timeMs: block.timeMs,
    position: transaction.position,
    eventIndex,
    leafIndex: transaction.leafIndex,
    transactionId: id,
    signer,
  }
}
