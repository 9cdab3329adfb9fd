/**
 * The grammar of calls between an ordering and an application (ABCI 2.0, "CometBFT's expected behaviour"), as an
 * automaton around an application. It lets every call through and throws at the first that the grammar does not know, or
 * that the application answers as it must not. Drivers are tested behind it; it costs a node nothing.
 */
import type {
  BlockRequest,
  CheckTxAnswer,
  CheckTxRequest,
  FinalizeAnswer,
  OrderingApplication,
  ProposalRequest,
  SnapshotOffer,
} from './port.ts'

export class GrammarBroken extends Error {
  override readonly name = 'GrammarBroken'
}

export class GrammarCheck<Transaction> implements OrderingApplication<Transaction> {
  readonly #application: OrderingApplication<Transaction> & { readonly forget?: (jws: string) => void }
  readonly #calls: string[] = []
  #state: 'new' | 'greeted' | 'founded' | 'finalized' = 'new'
  #height = -1
  #agreedHash: string | undefined
  #finalized: { readonly height: number; readonly agreedHash: string } | undefined

  constructor(application: OrderingApplication<Transaction> & { readonly forget?: (jws: string) => void }) {
    this.#application = application
  }

  /** The calls so far, without `checkTx`, in order. */
  get calls(): readonly string[] {
    return this.#calls
  }

  info() {
    const answer = this.#application.info()
    this.#calls.push('info')
    if (this.#state === 'new') {
      this.#height = answer.height
      this.#agreedHash = answer.agreedHash
      this.#state = answer.height < 0 ? 'greeted' : 'founded'
      return answer
    }
    // Whatever has been finalized, only what has been committed may be told.
    this.#expect(answer.height === this.#height, `info tells height ${answer.height} and not ${this.#height}`)
    this.#expect(answer.agreedHash === this.#agreedHash, 'info tells another agreed hash than the last commit had')
    return answer
  }

  initChain() {
    this.#expect(this.#state !== 'new', 'initChain comes before info')
    this.#expect(this.#height <= 0, 'initChain comes after block one')
    this.#calls.push('initChain')
    const answer = this.#application.initChain()
    this.#expect(this.#height < 0 || answer.agreedHash === this.#agreedHash, 'initChain answers another hash again')
    this.#height = 0
    this.#agreedHash = answer.agreedHash
    this.#state = 'founded'
    return answer
  }

  checkTx(request: CheckTxRequest<Transaction>): CheckTxAnswer {
    this.#expect(this.#state !== 'new' && this.#state !== 'greeted', 'checkTx comes before the chain is founded')
    return this.#application.checkTx(request)
  }

  prepareProposal<Proposed extends Transaction>(request: ProposalRequest<Proposed>) {
    this.#calls.push('prepareProposal')
    this.#expectNext(request, 'prepareProposal')
    const answer = this.#application.prepareProposal(request)
    const offered = new Set(request.transactions)
    this.#expect(
      answer.transactions.every((one) => offered.has(one)),
      'prepareProposal adds a transaction',
    )
    this.#expect(answer.transactions.length <= request.maxTransactions, 'prepareProposal exceeds the block')
    return answer
  }

  processProposal(request: ProposalRequest<Transaction>): 'accept' | 'reject' {
    this.#calls.push('processProposal')
    this.#expectNext(request, 'processProposal')
    return this.#application.processProposal(request)
  }

  finalizeBlock(request: BlockRequest<Transaction>): FinalizeAnswer {
    this.#calls.push('finalizeBlock')
    this.#expectNext(request, 'finalizeBlock')
    const answer = this.#application.finalizeBlock(request)
    this.#expect(
      answer.results.length === request.transactions.length,
      'finalizeBlock answers another number of results than there are transactions',
    )
    this.#finalized = { height: request.height, agreedHash: answer.agreedHash }
    this.#state = 'finalized'
    return answer
  }

  commit(): { readonly height: number } {
    this.#calls.push('commit')
    const finalized = this.#finalized
    if (this.#state !== 'finalized' || finalized === undefined) throw this.#broken('commit comes without finalizeBlock')
    this.#state = 'founded'
    this.#finalized = undefined
    const answer = this.#application.commit()
    this.#expect(answer.height === finalized.height, 'commit answers another height than was finalized')
    this.#height = finalized.height
    this.#agreedHash = finalized.agreedHash
    return answer
  }

  /** Not a call of the grammar: a driver tells what it dropped. */
  forget(jws: string): void {
    this.#application.forget?.(jws)
  }

  listSnapshots(): readonly SnapshotOffer[] {
    return this.#application.listSnapshots()
  }

  loadSnapshotChunk(offer: SnapshotOffer, index: number): Uint8Array | undefined {
    return this.#application.loadSnapshotChunk(offer, index)
  }

  offerSnapshot(offer: SnapshotOffer, agreedHash: string): 'accept' | 'reject' {
    this.#expect(this.#state === 'greeted', 'offerSnapshot comes to a chain that has begun')
    return this.#application.offerSnapshot(offer, agreedHash)
  }

  applySnapshotChunk(index: number, chunk: Uint8Array): 'accept' | 'retry' | 'reject' {
    return this.#application.applySnapshotChunk(index, chunk)
  }

  #expectNext({ height }: { readonly height: number }, call: string): void {
    this.#expect(this.#state === 'founded' || this.#state === 'finalized', `${call} comes before the chain is founded`)
    this.#expect(height === this.#height + 1, `${call} is for height ${height} and not ${this.#height + 1}`)
  }

  #expect(holds: boolean, otherwise: string): void {
    if (!holds) throw this.#broken(otherwise)
  }

  #broken(sentence: string): GrammarBroken {
    return new GrammarBroken(`${sentence}. Calls: ${this.#calls.slice(-12).join(' ')}`)
  }
}
