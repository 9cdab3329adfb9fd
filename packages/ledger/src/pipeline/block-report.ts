/**
 * A committed block on its way from the thread that made it to everyone else: flat lists of texts, because those cross
 * a thread cheaply, and opened only when somebody asks.
 */
import type { Did, TimeMs, TransactionId } from '@chengxin/kernel'
import type { CommittedBlock, CommittedTransaction, StoredEvent } from '@chengxin/module-kit'
import type { ExecutorHead } from '../execution/executor.ts'
import type { Head } from '../face.ts'

export interface BlockReport {
  readonly head: ExecutorHead
  readonly rulesetVersion: string
  readonly firstLeaf: number
  /** One of each per transaction of the block, those without a leaf included; leaf index −1 there. */
  readonly tickets: readonly (readonly number[])[]
  readonly ids: readonly string[]
  readonly codes: readonly string[]
  readonly leafIndexes: readonly number[]
  readonly signers: readonly string[]
  /** Types of the actions, and principals beside the signer, joined by commas. */
  readonly types: readonly string[]
  readonly principals: readonly string[]
  /** Canonical arrays of stored events. */
  readonly events: readonly string[]
  readonly genesisEvents?: string
}

export function headOfReport({ head, rulesetVersion }: BlockReport): Head {
  const { height, timeMs, size, root, stateHash, agreedHash, stateRoot, rulesetHash } = head
  return {
    height,
    timeMs: timeMs as TimeMs,
    size,
    root,
    stateHash,
    agreedHash,
    ...(stateRoot && { stateRoot }),
    ruleset: { version: rulesetVersion, hash: rulesetHash },
  }
}

/** The block as its readers see it; transactions are opened at the first look. */
export function committedBlockOf(report: BlockReport): CommittedBlock {
  const { head, firstLeaf, genesisEvents } = report
  let transactions: readonly CommittedTransaction[] | undefined
  return {
    height: head.height,
    timeMs: head.timeMs as TimeMs,
    firstLeaf,
    agreedHash: head.agreedHash,
    root: head.root,
    get transactions() {
      transactions ??= openTransactions(report)
      return transactions
    },
    ...(genesisEvents !== undefined && { genesisEvents: JSON.parse(genesisEvents) as StoredEvent[] }),
  }
}

function openTransactions(report: BlockReport): readonly CommittedTransaction[] {
  const transactions: CommittedTransaction[] = []
  for (const [position, leafIndex] of report.leafIndexes.entries()) {
    if (leafIndex < 0) continue
    transactions.push({
      id: report.ids[position] as TransactionId,
      position,
      leafIndex,
      code: report.codes[position] as string,
      signer: report.signers[position] as Did,
      principals: split(report.principals[position]) as Did[],
      types: split(report.types[position]),
      events: openEvents(report.events[position]),
    })
  }
  return transactions
}

export function openEvents(text: string | undefined): readonly StoredEvent[] {
  return text === undefined || text === '[]' ? [] : (JSON.parse(text) as StoredEvent[])
}

function split(joined: string | undefined): string[] {
  return joined === undefined || joined === '' ? [] : joined.split(',')
}
