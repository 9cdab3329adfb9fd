/** A block as everything downstream of the ledger sees it. */
import type { Did, Hash, TimeMs, TransactionId } from '@chengxin/kernel'
import type { StoredEvent } from './events.ts'

export interface CommittedTransaction {
  readonly id: TransactionId
  readonly position: number
  readonly leafIndex: number
  /** `ok`, or the code of the refusal. */
  readonly code: string
  readonly signer: Did
  /** The principals named by actions, the signer left out. */
  readonly principals: readonly Did[]
  /** Types of the actions, in order. */
  readonly types: readonly string[]
  readonly events: readonly StoredEvent[]
}

export interface CommittedBlock {
  /** 0 is genesis: events without transactions, under `genesisEvents`. */
  readonly height: number
  readonly timeMs: TimeMs
  /** Leaves before this block. */
  readonly firstLeaf: number
  /** What members agree on after this block, base64url. */
  readonly agreedHash: Hash
  readonly root: Hash
  readonly transactions: readonly CommittedTransaction[]
  readonly genesisEvents?: readonly StoredEvent[]
}
