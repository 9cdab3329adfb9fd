/**
 * The driver for CometBFT: answers the calls of ABCI 2.0 out of the ledger's application. The engine may repeat, skip and
 * reorder calls as the specification lets it; nothing persists but in `commit`, no call is answered by a guess, and
 * whatever the application throws halts this member, loudly, instead of letting it disagree.
 *
 * A block counts as confirmed when the next one is finalized: the engine has then verified a header, signed by more
 * than two thirds, that carries the agreed hash after it. A block that changes nothing is confirmed by its own header.
 */
import { limits, toBase64url } from '@chengxin/kernel'
import type { Admitted } from '../../admission/admitted.ts'
import { StoreFull } from '../../storage/face.ts'
import type { LedgerApplication, Transaction } from '../application.ts'
import type { CheckTxAnswer, CheckTxRequest, OrderingApplication, SnapshotOffer, TransactionResult } from '../port.ts'
import type { QueueLimits } from '../queue.ts'
import { fitting, MempoolMirror, transactionIdOf } from './mempool-mirror.ts'
import { isParcel, unpackParcel } from './parcel.ts'
import { admitsPeer, type PeerFilter } from './peer-filter.ts'
import type { AbciRequest, LastCommit, Misbehaviour, ProposedBlock } from './requests.ts'
import type { AbciResponse, WireResult } from './responses.ts'
import { type ValidatorSet, validatorUpdates } from './validators.ts'

/** The application as this driver needs it; `LedgerApplication` is one. */
export type DrivenApplication = OrderingApplication<Transaction> & Pick<LedgerApplication, 'forget'>

/** A block with one result for each of its transactions. */
export interface OrderedBlock {
  readonly height: number
  readonly timeMs: number
  readonly transactions: readonly string[]
  readonly results: readonly TransactionResult[]
  /** What members agreed on after it. */
  readonly agreedHash: string
}

/** What the driver tells, in order, on the thread of the application. */
export interface DriverListener {
  /** An engine has connected and asks where the application stands. */
  onHandshake(): void
  /** More than two thirds have signed what this block led to. Called while its head is still the application's. */
  onConfirmed(block: OrderedBlock): void
  /** The engine has asked about a new transaction, and does not get to keep it. */
  onRefused?(transaction: string, code: string): void
  /** Validators that the engine has caught. */
  onMisbehaviour(found: readonly Misbehaviour[]): void
  /** The store has no room: this member waits, the others go on. Called again for each failed attempt. */
  onFull(error: StoreFull): void
  onRoom(): void
  /** This member must not go on. */
  onHalt(error: unknown): void
}

/** What an engine's genesis must say to be of this group. */
export interface EngineChain {
  readonly chainId: string
  readonly genesisTimeMs: number
}

export interface DriverOptions {
  readonly application: DrivenApplication
  readonly chain: EngineChain
  /** Bounds of what may wait; the engine's own mempool must be larger, so that these decide. */
  readonly queue: QueueLimits
  readonly listener: DriverListener
  /**
   * Who validates by the state as it is now, a finalized block included. Absent: those of the engine's genesis, for good.
   */
  readonly validators?: () => ValidatorSet
  /** Which peers the engine may keep; absent: all. Asked only where its configuration filters peers. */
  readonly peers?: PeerFilter
  /** Runs a step after some milliseconds. */
  readonly later: (step: () => void, milliseconds: number) => void
}

/** How the engine saw the newest block: for metrics and the portal, never for decisions. */
export interface BlockSignatures {
  readonly height: number
  readonly proposer: string
  /** Who signed the block before it. */
  readonly lastCommit: LastCommit
}

/** Goes into every header from the first block on: to change it is to change all members at one height. */
export const appVersion = 1
export const snapshotFormat = 1
const retryFullDiskMs = 1_000
const noBytes = new Uint8Array(0)
const noValidators: ValidatorSet = new Map()

type Of<Call extends AbciRequest['call']> = Extract<AbciRequest, { readonly call: Call }>

export class AbciDriver {
  readonly #options: DriverOptions
  readonly #application: DrivenApplication
  readonly #mempool: MempoolMirror
  /** Transactions that this process has admitted and handed to the engine, by their text, so that they are judged once. */
  readonly #vouched = new Map<string, Admitted>()
  /** Parcels that were packed here and that the engine has not asked about yet. */
  readonly #ownParcels = new Set<string>()
  #halted: string | undefined
  /** Counts handshakes: what was begun for an engine that is gone must not go on beside its successor. */
  #engines = 0
  #finalized: OrderedBlock | undefined
  #unconfirmed: OrderedBlock | undefined
  #unconfirmedIds: ReadonlySet<string> | undefined
  /** What members agreed on after the last committed block. */
  #agreedHash: string | undefined
  #validators: ValidatorSet | undefined
  #signatures: BlockSignatures | undefined

  constructor(options: DriverOptions) {
    this.#options = options
    this.#application = options.application
    this.#mempool = new MempoolMirror(options.queue)
  }

  /** Transactions that wait in the engine's mempool, as far as known here. */
  get waiting(): number {
    return this.#mempool.size
  }

  get signatures(): BlockSignatures | undefined {
    return this.#signatures
  }

  /** Goes on from a block that was committed before this process began, and that no header is known to have confirmed. */
  resume(unconfirmed: OrderedBlock): void {
    this.#unconfirmed = unconfirmed
  }

  /** Until `forget`, this text need not be opened nor its signature checked again. */
  vouch(admitted: Admitted): void {
    this.#vouched.set(admitted.jws, admitted)
  }

  forget(text: string): void {
    this.#vouched.delete(text)
  }

  /** This parcel goes to the engine now: it is of this member, so it is kept whole or comes apart here. */
  expect(parcel: string): void {
    this.#ownParcels.add(parcel)
  }

  /** The engine will not ask about it. */
  expectNoMore(parcel: string): void {
    this.#ownParcels.delete(parcel)
  }

  /** Whether the newest block, which is committed here and not yet confirmed, holds the transaction of this id. */
  isUnconfirmed(id: string): boolean {
    if (this.#unconfirmed === undefined) return false
    this.#unconfirmedIds ??= new Set(this.#unconfirmed.transactions.map(transactionIdOf))
    return this.#unconfirmedIds.has(id)
  }

  #known(text: string): Transaction {
    return this.#vouched.get(text) ?? text
  }

  /** Answers a call; never throws. After a halt every call is answered by an exception, which ends the engine. */
  readonly handle = (request: AbciRequest): AbciResponse | Promise<AbciResponse> => {
    if (this.#halted !== undefined) return { call: 'exception', error: this.#halted }
    try {
      return this.#answer(request)
    } catch (error) {
      return this.#halt(error)
    }
  }

  #answer(request: AbciRequest): AbciResponse | Promise<AbciResponse> {
    switch (request.call) {
      case 'echo':
        return request
      case 'flush':
      case 'extendVote':
        return { call: request.call }
      case 'info':
        return this.#info()
      case 'query':
        return this.#query(request)
      case 'initChain':
        return this.#initChain(request)
      case 'checkTx':
        return this.#checkTx(request)
      case 'prepareProposal':
        return this.#prepareProposal(request)
      case 'processProposal':
        return this.#processProposal(request)
      case 'verifyVoteExtension':
        return { call: 'verifyVoteExtension', status: 'accept' }
      case 'finalizeBlock':
        return this.#finalizeBlock(request)
      case 'commit':
        return this.#commit()
      case 'insertTx':
      case 'reapTxs':
        return {
          call: 'exception',
          error: 'The application keeps no mempool: the engine must be set to mempool.type = "flood".',
        }
      default:
        return this.#answerSnapshots(request)
    }
  }

  #info(): AbciResponse {
    const { height, agreedHash } = this.#application.info()
    this.#agreedHash = agreedHash
    this.#engines++
    this.#mempool.forgetParcels()
    this.#ownParcels.clear()
    this.#options.listener.onHandshake()
    return {
      call: 'info',
      version: 'chengxin-ledger',
      appVersion,
      // A chain that is not founded and one at its genesis are the same to the engine: it founds, which may be repeated.
      height: Math.max(height, 0),
      appHash: agreedHash === undefined ? noBytes : hashBytes(agreedHash),
    }
  }

  /** Reads are served by the node from another thread; all that an engine may ask here is about peers. */
  #query({ path }: Of<'query'>): AbciResponse {
    const admitted = admitsPeer(path, this.#options.peers)
    if (admitted === undefined) return { call: 'query', code: 1, log: 'not_served_here' }
    return admitted ? { call: 'query', code: 0, log: '' } : { call: 'query', code: 1, log: 'peer_not_admitted' }
  }

  #initChain({ chainId, timeMs, initialHeight, validators }: Of<'initChain'>): AbciResponse {
    const { chain } = this.#options
    if (chainId !== chain.chainId || timeMs !== chain.genesisTimeMs || initialHeight > 1) {
      throw new Error(`The engine's genesis is of the chain ${chainId} and not of the group ${chain.chainId}.`)
    }
    // Until block one is there the engine founds at each of its starts; the chain was founded at the first.
    const { height, agreedHash: standing } = this.#application.info()
    const agreedHash = height === 0 && standing !== undefined ? standing : this.#application.initChain().agreedHash
    this.#agreedHash = agreedHash
    const ours = this.#validatorsBefore()
    return {
      call: 'initChain',
      validators: ours === undefined ? validators : validatorUpdates(noValidators, ours),
      appHash: hashBytes(agreedHash),
    }
  }

  #checkTx({ transaction, kind }: Of<'checkTx'>): AbciResponse {
    if (isParcel(transaction)) return this.#checkParcel(transaction, kind)
    const { code, at = '' } = this.check({ transaction, kind })
    if (code !== 'ok' && kind === 'new') this.#options.listener.onRefused?.(transaction, code)
    return { call: 'checkTx', code: code === 'ok' ? 0 : 1, log: code === 'ok' ? '' : code, info: at }
  }

  /** The application's verdict, and whether there is room; what is refused here is forgotten there. */
  check(request: CheckTxRequest): CheckTxAnswer {
    const { transaction, kind } = request
    const judged = this.#application.checkTx({ transaction: this.#known(transaction), kind })
    const answer = this.#mempool.judge(request, judged)
    if (judged.code === 'ok' && answer.code !== 'ok') this.#application.forget(transaction)
    return answer
  }

  /** One entry of the engine with several transactions: it is kept as long as one of them waits. */
  #checkParcel(parcel: string, kind: CheckTxRequest['kind']): AbciResponse {
    if (kind === 'recheck') {
      return parcelAnswer(this.#mempool.recheckParcel(parcel, (transaction) => this.#isStillGood(transaction)))
    }
    const transactions = unpackParcel(parcel)
    if (transactions === undefined) return { call: 'checkTx', code: 1, log: 'parcel_malformed', info: '' }
    const lines = transactions.map((transaction) => {
      return { transaction, answer: this.#application.checkTx({ transaction: this.#known(transaction), kind }) }
    })
    const answers = this.#mempool.judgeParcel(parcel, lines, this.#ownParcels.delete(parcel))
    for (const [index, { transaction, answer }] of lines.entries()) {
      const { code } = answers[index] as CheckTxAnswer
      if (code === 'ok') continue
      if (answer.code === 'ok' && code !== 'already_waiting') this.#application.forget(transaction)
      this.#options.listener.onRefused?.(transaction, code)
    }
    return parcelAnswer(answers.some(({ code }) => code === 'ok'))
  }

  #isStillGood(transaction: string): boolean {
    return this.#application.checkTx({ transaction: this.#known(transaction), kind: 'recheck' }).code === 'ok'
  }

  #prepareProposal({ height, timeMs, transactions, maxBytes }: Of<'prepareProposal'>): AbciResponse {
    const room = Math.min(maxBytes, limits.blockBytes)
    const prepared = this.#application.prepareProposal({
      height,
      timeMs,
      transactions: this.#mempool.candidates(transactions, room).map((text) => this.#known(text)),
      maxBytes: room,
      maxTransactions: limits.blockTransactions,
    })
    return { call: 'prepareProposal', transactions: fitting(prepared.transactions.map(textOf), room) }
  }

  #processProposal({ height, timeMs, transactions }: ProposedBlock): AbciResponse {
    const status = this.#application.processProposal({
      height,
      timeMs,
      transactions: transactions.map((text) => this.#known(text)),
      maxBytes: limits.blockBytes,
      maxTransactions: limits.blockTransactions,
    })
    return { call: 'processProposal', status }
  }

  #finalizeBlock(block: Of<'finalizeBlock'>): AbciResponse {
    this.#confirm()
    const before = this.#validatorsBefore()
    const { results, agreedHash } = this.#finalize(block)
    const { height, proposer, lastCommit, misbehaviour } = block
    this.#signatures = { height, proposer, lastCommit }
    if (misbehaviour.length > 0) this.#options.listener.onMisbehaviour(misbehaviour)
    return {
      call: 'finalizeBlock',
      results: results.map(wireResult),
      validatorUpdates: before === undefined ? [] : validatorUpdates(before, this.#options.validators?.() ?? before),
      appHash: hashBytes(agreedHash),
    }
  }

  #finalize({ height, timeMs, transactions }: Pick<ProposedBlock, 'height' | 'timeMs' | 'transactions'>): OrderedBlock {
    this.#finalized = undefined
    const known = transactions.map((text) => this.#known(text))
    const answer = this.#application.finalizeBlock({ height, timeMs, transactions: known })
    this.#finalized = { height, timeMs, transactions, ...answer }
    return this.#finalized
  }

  /** The set of the committed state, and at first of genesis. A block that was finalized before and not committed must not show in it. */
  #validatorsBefore(): ValidatorSet | undefined {
    const { validators } = this.#options
    if (validators === undefined) return undefined
    this.#validators ??= new Map(validators())
    return this.#validators
  }

  #commit(): AbciResponse | Promise<AbciResponse> {
    const block = this.#finalized
    if (block === undefined) throw new Error('A block was to be committed that had not been finalized.')
    try {
      this.#application.commit()
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error
      return this.#commitWhenThereIsRoom(block, error)
    }
    this.#settle(block)
    return { call: 'commit' }
  }

  /** The engine waits for the answer, so its copy of the chain stays where ours is until the block is durable. */
  #commitWhenThereIsRoom(block: OrderedBlock, full: StoreFull): Promise<AbciResponse> {
    const { listener, later } = this.#options
    const engine = this.#engines
    listener.onFull(full)
    return new Promise((resolve) => {
      const again = () => {
        if (engine !== this.#engines) return resolve({ call: 'exception', error: 'Another engine has taken over.' })
        try {
          this.#finalize(block)
          this.#application.commit()
          this.#settle(block)
        } catch (error) {
          if (!(error instanceof StoreFull)) return resolve(this.#halt(error))
          listener.onFull(error)
          return later(again, retryFullDiskMs)
        }
        listener.onRoom()
        resolve({ call: 'commit' })
      }
      later(again, retryFullDiskMs)
    })
  }

  #settle(block: OrderedBlock): void {
    this.#finalized = undefined
    this.#validators = undefined
    this.#mempool.settle(block)
    this.#unconfirmed = block
    const isUnchanged = block.agreedHash === this.#agreedHash
    this.#agreedHash = block.agreedHash
    if (isUnchanged) this.#confirm()
  }

  #confirm(): void {
    const block = this.#unconfirmed
    this.#unconfirmed = undefined
    this.#unconfirmedIds = undefined
    if (block !== undefined) this.#options.listener.onConfirmed(block)
  }

  #answerSnapshots(
    request: Of<'listSnapshots' | 'offerSnapshot' | 'loadSnapshotChunk' | 'applySnapshotChunk'>,
  ): AbciResponse {
    const application = this.#application
    switch (request.call) {
      case 'listSnapshots':
        return { call: 'listSnapshots', snapshots: application.listSnapshots().map(wireSnapshot) }
      case 'loadSnapshotChunk': {
        const { height, format, chunk } = request
        const offer = application.listSnapshots().find((one) => one.height === height && format === snapshotFormat)
        const bytes = offer && application.loadSnapshotChunk(offer, chunk)
        return { call: 'loadSnapshotChunk', chunk: bytes ?? noBytes }
      }
      case 'offerSnapshot': {
        const { format, hash, ...offered } = request.snapshot
        if (format !== snapshotFormat) return { call: 'offerSnapshot', result: 'reject_format' }
        const offer = { ...offered, hash: toBase64url(hash) }
        return { call: 'offerSnapshot', result: application.offerSnapshot(offer, toBase64url(request.appHash)) }
      }
      case 'applySnapshotChunk': {
        const { index, chunk, sender } = request
        const result = application.applySnapshotChunk(index, chunk)
        if (result === 'retry') return { call: 'applySnapshotChunk', result, refetch: [index], rejectSenders: [sender] }
        const answer = result === 'accept' ? result : 'reject_snapshot'
        return { call: 'applySnapshotChunk', result: answer, refetch: [], rejectSenders: [] }
      }
    }
  }

  #halt(error: unknown): AbciResponse {
    this.#halted = error instanceof Error ? error.message : String(error)
    this.#options.listener.onHalt(error)
    return { call: 'exception', error: this.#halted }
  }
}

/** Why one of its transactions was refused is told to whoever handed it in: the engine asks nobody. */
function parcelAnswer(isKept: boolean): AbciResponse {
  return { call: 'checkTx', code: isKept ? 0 : 1, log: isKept ? '' : 'parcel_settled', info: '' }
}

function textOf(transaction: Transaction): string {
  return typeof transaction === 'string' ? transaction : transaction.jws
}

function hashBytes(hash: string): Uint8Array {
  return Buffer.from(hash, 'base64url')
}

/** The code is agreed on beside the leaves: results differ at the very transaction where two members do. */
function wireResult({ code }: TransactionResult): WireResult {
  return code === 'ok' ? { code: 0, data: noBytes, log: '' } : { code: 1, data: Buffer.from(code), log: code }
}

function wireSnapshot({ height, chunks, hash, metadata }: SnapshotOffer) {
  return { height, format: snapshotFormat, chunks, hash: hashBytes(hash), metadata }
}
