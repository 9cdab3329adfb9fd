/**
 * The port between a state machine and whatever puts transactions in order, as ABCI 2.0 has it (CometBFT 0.38, its calls
 * and what each side owes the other), in our words. Everything is synchronous, and a transaction is its JWS: only a driver
 * in the same thread may hand over what admission has made of it, and so spare a second look.
 *
 * The grammar of calls, held by `grammar.ts`: `info [initChain]`, then for each height any number of `prepareProposal`
 * and `processProposal`, then `finalizeBlock` (again with the same block after a crash, or without the rounds in replay)
 * and `commit`. `checkTx`, `info` and the snapshot calls may come at any time.
 */

export interface OrderingApplication<Transaction = string> {
  /** The last block whose `commit` completed, and what members agreed on after it. Height −1: not founded yet. */
  info(): { readonly height: number; readonly agreedHash: string | undefined }
  /** Founds the chain: block zero. May be called again until block one is committed, and answers the same. */
  initChain(): { readonly agreedHash: string }
  /** Whether a transaction may wait for a block. A weak answer: everything is judged again in its block. */
  checkTx(request: CheckTxRequest<Transaction>): CheckTxAnswer
  /** What an honest proposer puts into a block of this height and time, out of what waits, in order. Persists nothing. */
  prepareProposal<Proposed extends Transaction>(
    request: ProposalRequest<Proposed>,
  ): { readonly transactions: readonly Proposed[] }
  /** Judged from the block and committed state alone; every block that an honest `prepareProposal` can make is accepted. */
  processProposal(request: ProposalRequest<Transaction>): 'accept' | 'reject'
  /** Runs a block and answers one result per transaction. Persists nothing, and may be asked again for the same height. */
  finalizeBlock(request: BlockRequest<Transaction>): FinalizeAnswer
  /** Makes the finalized block durable: the only call that persists anything after `initChain`. */
  commit(): { readonly height: number }
  listSnapshots(): readonly SnapshotOffer[]
  loadSnapshotChunk(offer: SnapshotOffer, index: number): Uint8Array | undefined
  offerSnapshot(offer: SnapshotOffer, agreedHash: string): 'accept' | 'reject'
  applySnapshotChunk(index: number, chunk: Uint8Array): 'accept' | 'retry' | 'reject'
}

export interface CheckTxRequest<Transaction = string> {
  readonly transaction: Transaction
  /** `recheck`: it waited through a commit and is asked about again. */
  readonly kind: 'new' | 'recheck'
}

export interface CheckTxAnswer {
  /** `ok`, or the code of admission. `known`: the same transaction is in the log already. */
  readonly code: string
  readonly id?: string
  readonly at?: string
  /** Whose share of queue and block it counts against. */
  readonly sponsor?: string
  readonly notAfterMs?: number
}

export interface BlockRequest<Transaction = string> {
  readonly height: number
  readonly timeMs: number
  readonly transactions: readonly Transaction[]
}

export interface ProposalRequest<Transaction = string> extends BlockRequest<Transaction> {
  readonly maxBytes: number
  readonly maxTransactions: number
}

export interface TransactionResult {
  /** `ok`, a rule's refusal, or what would have failed admission: then there is no leaf. */
  readonly code: string
  readonly leafIndex?: number
  /** Canonical array of stored events. */
  readonly events?: string
  /** Types of the actions, and the principals beside the signer, joined by spaces; with a leaf only. */
  readonly types?: string
  readonly principals?: string
}

export interface FinalizeAnswer {
  readonly results: readonly TransactionResult[]
  readonly agreedHash: string
}

export interface SnapshotOffer {
  readonly height: number
  readonly chunks: number
  /** Names the contents: equal on all members that took it at the same height. */
  readonly hash: string
  readonly metadata: Uint8Array
}
