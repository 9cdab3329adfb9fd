/** The one application side of the ordering port: admission, execution and the store behind the calls of ABCI. */
import { isRefusal, limits, toBase64url } from '@chengxin/kernel'
import { type AdmissionView, admit, type Known, type Rejected } from '../admission/admit.ts'
import { type Admitted, lengthOf, type Opened, refuseAtTime } from '../admission/admitted.ts'
import { type EnvelopeRefusal, openEnvelope, openedOf } from '../admission/envelope.ts'
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

/** A transaction as text, or as admission has left it in this thread: then its form and signature are known to hold. */
export type Transaction = string | Admitted

export interface FinalizedBlock {
  readonly request: BlockRequest<Transaction>
  readonly block: BlockToStore
  readonly results: readonly TransactionResult[]
  /** What each transaction says; undefined for bytes that say nothing. */
  readonly opened: readonly (Opened | undefined)[]
}

/** Above what any queue holds; a driver that never says what it dropped costs memory up to here and no more. */
const vouchedLimit = 262_144

export class LedgerApplication implements OrderingApplication<Transaction> {
  readonly #store: Store
  readonly #executor: Executor
  readonly #clock: () => number
  readonly #verify: AdmissionView['verify']
  readonly #snapshots: SnapshotCalls | undefined
  /** Verdicts on waiting texts by their exact bytes, so that each signature is checked once. */
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

  /** Forgets a text that no longer waits. */
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

  checkTx({ transaction, kind }: CheckTxRequest<Transaction>): CheckTxAnswer {
    const nowMs = this.#clock()
    const vouched = typeof transaction === 'string' ? this.#vouched.get(transaction) : transaction
    const verdict =
      vouched === undefined ? admit(transaction as string, this.#view(nowMs)) : this.#checkAgain(vouched, nowMs, kind)
    if (isRefusal(verdict)) {
      if (typeof transaction === 'string') this.#vouched.delete(transaction)
      const { refused: code, at, id } = verdict
      return { code, ...(at !== undefined && { at }), ...(id !== undefined && { id }) }
    }
    if ('known' in verdict) return { code: 'known', id: verdict.known }
    if (typeof transaction === 'string') this.#vouch(verdict)
    const { id, notAfter, signer } = verdict
    return { code: 'ok', id, notAfterMs: notAfter, sponsor: this.#executor.identity.sponsorOf(signer) ?? '' }
  }

  prepareProposal<Proposed extends Transaction>({
    timeMs,
    transactions,
    maxBytes,
    maxTransactions,
  }: ProposalRequest<Proposed>): { readonly transactions: readonly Proposed[] } {
    const chosen: Proposed[] = []
    const ids = new Set<string>()
    let bytes = 0
    for (const transaction of transactions) {
      const admitted: Admitted | undefined =
        typeof transaction === 'string' ? this.#vouched.get(transaction) : transaction
      // Left out is not refused: what this block's time does not admit waits for another block, or expires waiting.
      if (admitted === undefined || refuseAtTime(admitted, timeMs) !== undefined) continue
      if (ids.has(admitted.id)) continue
      if (chosen.length === maxTransactions || bytes + lengthOf(admitted) > maxBytes) break
      ids.add(admitted.id)
      bytes += lengthOf(admitted)
      chosen.push(transaction)
    }
    return { transactions: chosen }
  }

  processProposal({ height, timeMs, transactions }: ProposalRequest<Transaction>): 'accept' | 'reject' {
    const { head } = this.#executor
    if (head === undefined || height !== head.height + 1 || timeMs < head.timeMs) return 'reject'
    if (transactions.length > limits.blockTransactions) return 'reject'
    const ids = new Set<string>()
    let bytes = 0
    for (const transaction of transactions) {
      bytes += typeof transaction === 'string' ? transaction.length : lengthOf(transaction)
      const opened = this.#open(transaction)
      if (bytes > limits.blockBytes || isRefusal(opened) || ids.has(opened.id)) return 'reject'
      if (refuseAtTime(opened, timeMs) !== undefined) return 'reject'
      ids.add(opened.id)
    }
    return 'accept'
  }

  finalizeBlock(request: BlockRequest<Transaction>): FinalizeAnswer {
    const { height, timeMs, transactions } = request
    const { head } = this.#executor
    if (head === undefined || height !== head.height + 1) {
      throw new Error(`Block ${height} does not follow ${head?.height ?? 'a founded chain'}.`)
    }
    if (this.#finalized !== undefined) this.#executor.discard()
    this.#finalized = undefined
    try {
      this.#finalized = this.#run(height, timeMs, transactions)
    } catch (error) {
      // Half a block must not be what the next one starts from.
      this.#executor.discard()
      throw error
    }
    const { results, block } = this.#finalized
    return { results, agreedHash: toBase64url(block.head.agreedHash) }
  }

  #run(height: number, timeMs: number, transactions: readonly Transaction[]): FinalizedBlock {
    this.#executor.begin(height, timeMs)
    const opened: (Opened | undefined)[] = []
    const results: TransactionResult[] = []
    for (let position = 0; position < transactions.length; position++) {
      const one = this.#open(transactions[position] as Transaction)
      opened.push(isRefusal(one) ? undefined : one)
      results.push(isRefusal(one) ? { code: one.refused } : this.#executor.execute(one, position))
    }
    const block = this.#executor.finish()
    return { request: { height, timeMs, transactions }, block, results, opened }
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
    if (this.#vouched.size > 0) for (const one of finalized.request.transactions) this.#vouched.delete(textOf(one))
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

  #vouch(admitted: Admitted): void {
    if (this.#vouched.size >= vouchedLimit) this.#vouched.delete(this.#vouched.keys().next().value as string)
    this.#vouched.set(admitted.jws, admitted)
  }

  #checkAgain(admitted: Admitted, nowMs: number, kind: CheckTxRequest['kind']): Admitted | Rejected | Known {
    const { id, nonceKey } = admitted
    const late = kind === 'recheck' ? refuseAtTime(admitted, nowMs) : undefined
    if (late !== undefined) return { ...late, id }
    const user = this.#executor.usedBy(nonceKey, nowMs)
    if (user === undefined) return admitted
    return user === id ? { known: id } : { refused: 'nonce_reused', id }
  }

  #view(nowMs: number): AdmissionView {
    const executor = this.#executor
    return {
      group: executor.group,
      nowMs,
      rules: executor.rules,
      verify: this.#verify,
      activeKey: (signer, keyId, atMs) => executor.identity.activeKey(signer, keyId, atMs),
      usedBy: (nonceKey) => executor.usedBy(nonceKey, nowMs),
    }
  }

  /** The transaction as it was vouched for, or opened now with its signature yet to be checked. */
  #open(transaction: Transaction): Opened | EnvelopeRefusal {
    if (typeof transaction !== 'string') return transaction
    const vouched = this.#vouched.get(transaction)
    if (vouched !== undefined) return vouched
    const envelope = openEnvelope(transaction, this.#executor.group)
    return isRefusal(envelope) ? envelope : openedOf(envelope)
  }
}

function textOf(transaction: Transaction): string {
  return typeof transaction === 'string' ? transaction : transaction.jws
}
