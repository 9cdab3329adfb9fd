/** The one application side of the ordering port: admission, execution and the store behind the calls of ABCI. */
import { isRefusal, limits, toBase64url } from '@chengxin/kernel'
import {
  type AdmissionView,
  admit,
  isKnown,
  type Known,
  type Rejected,
  refuseNonceOrActions,
} from '../admission/admit.ts'
import { type Admitted, type Opened, refuseAtTime } from '../admission/admitted.ts'
import { type EnvelopeRefusal, openEnvelope } from '../admission/envelope.ts'
import type { Executor } from '../execution/executor.ts'
import type { BlockToStore, Store } from '../storage/face.ts'
import type {
  BlockRequest,
  CheckTxAnswer,
  CheckTxRequest,
  FinalizeAnswer,
  OrderingApplication,
  ProposalRequest,
  SnapshotOffer,
  TransactionResult,
} from './port.ts'

export interface ApplicationOptions {
  readonly store: Store
  readonly executor: Executor
  /** The node's clock, for `checkTx` alone; blocks bring their own time. */
  readonly clock: () => number
  readonly verify: AdmissionView['verify']
  readonly snapshots?: SnapshotCalls
}

/** The snapshot half of the port, offered by whoever keeps snapshots. */
export type SnapshotCalls = Pick<
  OrderingApplication,
  'listSnapshots' | 'loadSnapshotChunk' | 'offerSnapshot' | 'applySnapshotChunk'
>

export interface FinalizedBlock {
  readonly request: BlockRequest
  readonly block: BlockToStore
  readonly results: readonly TransactionResult[]
  /** What each transaction says; undefined for bytes that say nothing. */
  readonly opened: readonly (Opened | undefined)[]
}

/** Above what any queue holds; a driver that never says what it dropped costs memory up to here and no more. */
const vouchedLimit = 262_144

export class LedgerApplication implements OrderingApplication {
  readonly #store: Store
  readonly #executor: Executor
  readonly #clock: () => number
  readonly #verify: AdmissionView['verify']
  readonly #snapshots: SnapshotCalls | undefined
  /** Verdicts on waiting transactions by their exact text, so that each signature is checked once. */
  readonly #vouched = new Map<string, Admitted>()
  #finalized: FinalizedBlock | undefined
  /** The block of the last `commit`, for whoever tells others about it. */
  committed: FinalizedBlock | undefined

  constructor({ store, executor, clock, verify, snapshots }: ApplicationOptions) {
    this.#store = store
    this.#executor = executor
    this.#clock = clock
    this.#verify = verify
    this.#snapshots = snapshots
  }

  /** Takes over a verdict that was reached elsewhere (in an admission worker): the form and the signature hold. */
  vouch(admitted: Admitted): void {
    if (this.#vouched.size >= vouchedLimit) this.#vouched.delete(this.#vouched.keys().next().value as string)
    this.#vouched.set(admitted.jws, admitted)
  }

  /** Forgets what no longer waits. */
  forget(jws: string): void {
    this.#vouched.delete(jws)
  }

  info(): { readonly height: number; readonly agreedHash: string | undefined } {
    const head = this.#executor.head
    return { height: head?.height ?? -1, agreedHash: head?.agreedHash }
  }

  initChain(): { readonly agreedHash: string } {
    const { head } = this.#executor
    if (head !== undefined && head.height > 0) throw new Error('A chain is founded once.')
    if (head !== undefined) return { agreedHash: head.agreedHash }
    const block = this.#executor.genesis()
    this.#store.commit(block)
    this.#executor.settle(block)
    return { agreedHash: toBase64url(block.head.agreedHash) }
  }

  checkTx({ transaction, kind }: CheckTxRequest): CheckTxAnswer {
    const vouched = this.#vouched.get(transaction)
    const view = this.#view(this.#clock())
    const verdict = vouched === undefined ? admit(transaction, view) : this.#checkAgain(vouched, view, kind)
    if (isRefusal(verdict)) {
      this.#vouched.delete(transaction)
      const { refused: code, at, id } = verdict
      return { code, ...(at !== undefined && { at }), ...(id !== undefined && { id }) }
    }
    if (isKnown(verdict)) return { code: 'known', id: verdict.known }
    this.vouch(verdict)
    const sponsor = this.#executor.identity().sponsorOf(verdict.signer)
    return {
      code: 'ok',
      id: verdict.id,
      notAfterMs: verdict.payload.notAfter,
      ...(sponsor !== undefined && { sponsor }),
    }
  }

  prepareProposal({ timeMs, transactions, maxBytes, maxTransactions }: ProposalRequest) {
    const chosen: string[] = []
    const ids = new Set<string>()
    let bytes = 0
    for (const transaction of transactions) {
      const admitted = this.#vouched.get(transaction)
      // Left out is not refused: what this block's time does not admit waits for another block, or expires waiting.
      if (admitted === undefined || refuseAtTime(admitted.payload, timeMs) !== undefined) continue
      if (ids.has(admitted.id)) continue
      if (chosen.length === maxTransactions || bytes + transaction.length > maxBytes) break
      ids.add(admitted.id)
      bytes += transaction.length
      chosen.push(transaction)
    }
    return { transactions: chosen }
  }

  processProposal({ height, timeMs, transactions }: ProposalRequest): 'accept' | 'reject' {
    const { head } = this.#executor
    if (head === undefined || height !== head.height + 1 || timeMs < head.timeMs) return 'reject'
    if (transactions.length > limits.blockTransactions) return 'reject'
    const ids = new Set<string>()
    let bytes = 0
    for (const transaction of transactions) {
      bytes += transaction.length
      const opened = this.#open(transaction)
      if (bytes > limits.blockBytes || isRefusal(opened) || ids.has(opened.id)) return 'reject'
      if (refuseAtTime(opened.payload, timeMs) !== undefined) return 'reject'
      ids.add(opened.id)
    }
    return 'accept'
  }

  finalizeBlock(request: BlockRequest): FinalizeAnswer {
    const { head } = this.#executor
    if (head === undefined || request.height !== head.height + 1) {
      throw new Error(`Block ${request.height} does not follow ${head?.height ?? 'a founded chain'}.`)
    }
    if (this.#finalized !== undefined) this.#executor.discard()
    this.#finalized = undefined
    this.#executor.begin(request.height, request.timeMs)
    const opened = request.transactions.map((transaction) => this.#open(transaction))
    const results = opened.map(
      (transaction, position): TransactionResult =>
        isRefusal(transaction) ? { code: transaction.refused } : this.#executor.execute(transaction, position),
    )
    const block = this.#executor.finish()
    this.#finalized = { request, block, results, opened: opened.map((one) => (isRefusal(one) ? undefined : one)) }
    return { results, agreedHash: toBase64url(block.head.agreedHash) }
  }

  commit(): { readonly height: number } {
    const finalized = this.#finalized
    if (finalized === undefined) throw new Error('There is no finalized block to commit.')
    this.#finalized = undefined
    try {
      this.#store.commit(finalized.block)
    } catch (error) {
      this.#executor.discard()
      throw error
    }
    this.#executor.settle(finalized.block)
    this.committed = finalized
    for (const transaction of finalized.request.transactions) this.#vouched.delete(transaction)
    return { height: finalized.request.height }
  }

  listSnapshots(): readonly SnapshotOffer[] {
    return this.#snapshots?.listSnapshots() ?? []
  }

  loadSnapshotChunk(offer: SnapshotOffer, index: number): Uint8Array | undefined {
    return this.#snapshots?.loadSnapshotChunk(offer, index)
  }

  offerSnapshot(offer: SnapshotOffer, agreedHash: string): 'accept' | 'reject' {
    return this.#snapshots?.offerSnapshot(offer, agreedHash) ?? 'reject'
  }

  applySnapshotChunk(index: number, chunk: Uint8Array): 'accept' | 'retry' | 'reject' {
    return this.#snapshots?.applySnapshotChunk(index, chunk) ?? 'reject'
  }

  #checkAgain(vouched: Admitted, view: AdmissionView, kind: CheckTxRequest['kind']): Admitted | Rejected | Known {
    const late = kind === 'recheck' ? refuseAtTime(vouched.payload, view.nowMs) : undefined
    return late ?? refuseNonceOrActions(vouched, view) ?? vouched
  }

  #view(nowMs: number): AdmissionView {
    const executor = this.#executor
    return {
      group: executor.group,
      nowMs,
      rules: executor.rules,
      verify: this.#verify,
      activeKey: (signer, keyId, atMs) => executor.identity().activeKey(signer, keyId, atMs),
      usedBy: (nonceKey) => executor.usedBy(nonceKey, nowMs),
    }
  }

  /** The transaction as it was vouched for, or opened now with its signature yet to be checked. */
  #open(transaction: string): Opened | EnvelopeRefusal {
    return this.#vouched.get(transaction) ?? openEnvelope(transaction, this.#executor.group)
  }
}
