/**
 * The ordering of a group by CometBFT, with the face of the embedded one: transactions go in, blocks come out, and every
 * ticket gets one answer. The engine runs beside this process and connects to the socket that is opened here. An outcome
 * is told when its block is confirmed, and no sooner.
 */
import type { Transaction } from '../application.ts'
import type { EmbeddedObserver } from '../embedded.ts'
import type { CheckTxAnswer, TransactionResult } from '../port.ts'
import type { QueueLimits, Waiting } from '../queue.ts'
import {
  AbciDriver,
  type BlockSignatures,
  type DrivenApplication,
  type EngineChain,
  type OrderedBlock,
} from './driver.ts'
import type { BroadcastAnswer, EngineClient } from './engine-client.ts'
import { sendAlone, transactionIdOf } from './mempool-mirror.ts'
import { isParcel } from './parcel.ts'
import { ParcelSender } from './parcel-sender.ts'
import type { PeerFilter } from './peer-filter.ts'
import type { Misbehaviour } from './requests.ts'
import { type AbciAddress, AbciServer } from './server.ts'
import type { ValidatorSet } from './validators.ts'

export interface CometObserver<Ticket> extends EmbeddedObserver<Ticket> {
  /** No block has come for long: the transaction may still enter one. These tickets are answered; the outcome can be asked for. */
  onPending(tickets: readonly Ticket[], id: string): void
  /** Validators that were caught signing two things at once: evidence to keep. */
  onMisbehaviour(found: readonly Misbehaviour[]): void
  /** The engine was understood no longer, or spoke wrongly. It ends itself then. */
  onEngineFault(error: unknown): void
  /** Whether transactions can be handed to the engine has changed, or whether they will soon. */
  onState?(state: CometState): void
}

/** `away`: no engine is connected, or it lags behind the others. */
export type CometState = 'stopped' | 'away' | 'ready' | 'full' | 'halted'

export interface CometOptions<Ticket> {
  readonly application: DrivenApplication
  readonly chain: EngineChain
  readonly clock: () => number
  readonly queue: QueueLimits
  readonly observer: CometObserver<Ticket>
  /** Where the engine connects to. */
  readonly address: AbciAddress
  readonly client: EngineClient
  readonly validators?: () => ValidatorSet
  readonly peers?: PeerFilter
  readonly later: (step: () => void, milliseconds: number) => void
}

interface Submitted<Ticket> extends Waiting<Ticket> {
  readonly sinceMs: number
}

const askStatusEveryMs = 200
const lookForPendingEveryMs = 1_000
/** Above what an outage of one proposer costs, below what clients wait for. */
const pendingAfterMs = 30_000

export class CometOrdering<Ticket> {
  readonly #options: CometOptions<Ticket>
  readonly #driver: AbciDriver
  readonly #server: AbciServer
  readonly #submitted = new Map<string, Submitted<Ticket>>()
  readonly #parcels: ParcelSender<Submitted<Ticket>>
  #state: CometState = 'stopped'
  /** Counts connections of an engine, so that questions to a former one are not asked on. */
  #engines = 0
  #isLooking = false

  constructor(options: CometOptions<Ticket>) {
    this.#options = options
    const { application, chain, queue, validators, peers, later, observer, address } = options
    this.#driver = new AbciDriver({
      application,
      chain,
      queue,
      later,
      ...(validators && { validators }),
      ...(peers && { peers }),
      listener: {
        onHandshake: () => this.#awaitEngine(),
        onConfirmed: (block) => this.#report(block),
        onRefused: (jws, code) => this.#refuse(jws, code),
        onMisbehaviour: (found) => observer.onMisbehaviour(found),
        onFull: (error) => {
          this.#become('full')
          observer.onFull(error)
        },
        onRoom: () => {
          this.#become(this.#server.connected > 0 ? 'ready' : 'away')
          observer.onRoom()
        },
        onHalt: (error) => this.#halt(error),
      },
    })
    this.#parcels = new ParcelSender({
      broadcast: (entry) => this.#broadcast(entry),
      onAnswer: (sent, { code }) => {
        if (code !== 'ok') for (const { jws } of sent) this.#refuse(jws, code)
      },
      onFault: (sent, error) => this.#sendLater(sent, error),
      later,
    })
    this.#server = new AbciServer({
      address,
      handle: this.#driver.handle,
      onFault: (error) => observer.onEngineFault(error),
      onAbandoned: () => {
        if (this.#state === 'ready') this.#become('away')
      },
    })
  }

  /**
   * Founds the chain if it has none, as the embedded ordering does. The engine is served from `listen` on. Named is the
   * newest block if it was committed before this process began and may not be confirmed.
   */
  start({ unconfirmed }: { readonly unconfirmed?: OrderedBlock | undefined } = {}): void {
    const { application } = this.#options
    if (application.info().height < 0) application.initChain()
    if (unconfirmed !== undefined) this.#driver.resume(unconfirmed)
    this.#become('away')
  }

  /** Resolves when an engine may connect. */
  listen(): Promise<void> {
    return this.#server.listen()
  }

  get queued(): number {
    return this.#submitted.size
  }

  /** Transactions that wait in the engine's mempool, those of other members included. */
  get waiting(): number {
    return this.#driver.waiting
  }

  get state(): CometState {
    return this.#state
  }

  /** Whether the engine is there and has caught up with the others. */
  get isReady(): boolean {
    return this.#state === 'ready'
  }

  get signatures(): BlockSignatures | undefined {
    return this.#driver.signatures
  }

  /**
   * Hands a transaction to the engine, or says why not: the codes of `checkTx`, `disk_full`, `node_stopped`, and
   * `catching_up` while the engine is away or behind. `queue_full` and `sponsor_quota` may also come as an answer later.
   */
  submit(transaction: Transaction, ticket: Ticket): CheckTxAnswer {
    if (this.#state === 'stopped' || this.#state === 'halted') return { code: 'node_stopped' }
    if (this.#state !== 'ready') return { code: this.#state === 'full' ? 'disk_full' : 'catching_up' }
    const answer = this.#options.application.checkTx({ transaction, kind: 'new' })
    const { id = '', sponsor = '', notAfterMs = 0 } = answer
    // What is logged here and not confirmed has no outcome yet: whoever asks waits for it with the others.
    const isLogged = answer.code === 'known' && this.#driver.isUnconfirmed(id)
    if (answer.code !== 'ok' && !isLogged) return answer
    const jws = typeof transaction === 'string' ? transaction : transaction.jws
    const same = this.#submitted.get(id)
    if (same !== undefined) {
      same.tickets.push(ticket)
      if (same.jws !== jws) this.#options.application.forget(jws)
      return { ...answer, code: 'ok' }
    }
    const sinceMs = this.#options.clock()
    const submitted = { jws, id, sponsor, notAfterMs, tickets: [ticket], sinceMs }
    this.#submitted.set(id, submitted)
    if (typeof transaction !== 'string') this.#driver.vouch(transaction)
    if (!isLogged) this.#parcels.send(submitted)
    this.#lookForPending()
    return { ...answer, code: 'ok' }
  }

  /** What still waits is answered `node_stopped`; it may enter a block all the same. */
  stop(): void {
    this.#become('stopped')
    this.#rejectAll('node_stopped')
  }

  /** Ends the connections; the engine ends itself then. */
  async close(): Promise<void> {
    if (this.#state !== 'halted') this.stop()
    this.#options.client.close()
    await this.#server.close()
  }

  #become(state: CometState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.observer.onState?.(state)
  }

  /** An engine serves its RPC some time after its handshake, and takes transactions once it has caught up. */
  #awaitEngine(): void {
    if (this.#state !== 'away' && this.#state !== 'ready') return
    this.#become('away')
    const engine = ++this.#engines
    const ask = () => {
      if (engine !== this.#engines || this.#state !== 'away') return
      this.#options.client.status().then(
        ({ isCatchingUp }) => {
          if (engine !== this.#engines || this.#state !== 'away') return
          if (isCatchingUp) this.#options.later(ask, askStatusEveryMs)
          else this.#greetEngine()
        },
        () => this.#options.later(ask, askStatusEveryMs),
      )
    }
    this.#options.later(ask, askStatusEveryMs)
  }

  /** An engine's mempool dies with it, so a new one is handed what has not been seen in a block. */
  #greetEngine(): void {
    this.#become('ready')
    for (const submitted of this.#submitted.values()) this.#parcels.send(submitted)
  }

  async #broadcast(entry: string): Promise<BroadcastAnswer> {
    if (isParcel(entry)) this.#driver.expect(entry)
    const answer = await this.#options.client.broadcast(entry)
    if (answer.code !== 'ok') this.#driver.expectNoMore(entry)
    return answer
  }

  #sendAlone(submitted: Submitted<Ticket>): void {
    this.#options.client.broadcast(submitted.jws).then(
      ({ code }) => {
        if (code !== 'ok') this.#refuse(submitted.jws, code)
      },
      (error: unknown) => this.#sendLater([submitted], error),
    )
  }

  /** Whether the engine has these is unknown: they are not gathered with others again. */
  #sendLater(sent: readonly Submitted<Ticket>[], error: unknown): void {
    if (this.#state !== 'ready') return
    this.#options.observer.onEngineFault(error)
    this.#options.later(() => {
      if (this.#state !== 'ready') return
      for (const one of sent) if (this.#submitted.get(one.id) === one) this.#sendAlone(one)
    }, askStatusEveryMs * 5)
  }

  /** What the engine does not keep is answered, if it was handed in here and spelled so. */
  #refuse(jws: string, code: string): void {
    // Known means logged since we looked: the block that holds it answers.
    if (code === 'already_waiting' || code === 'known') return
    const submitted = this.#submitted.get(transactionIdOf(jws))
    if (submitted?.jws !== jws) return
    if (code === sendAlone) this.#sendAlone(submitted)
    else this.#reject(submitted, code)
  }

  #report({ height, timeMs, transactions: texts, results }: OrderedBlock): void {
    const transactions = texts.map((jws, position) => {
      const result = results[position] as TransactionResult
      const id = transactionIdOf(jws)
      const submitted = this.#submitted.get(id)
      if (submitted === undefined) return { jws, id, sponsor: '', notAfterMs: 0, tickets: [], result }
      this.#remove(submitted)
      return { ...submitted, jws, result }
    })
    this.#options.observer.onBlock({ height, timeMs, transactions })
    // No later block has an earlier time, so these can enter none.
    for (const submitted of this.#submitted.values()) {
      if (submitted.notAfterMs <= timeMs) this.#reject(submitted, 'expired')
    }
  }

  #lookForPending(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#options.later(() => {
      this.#isLooking = false
      const long = this.#options.clock() - pendingAfterMs
      for (const { id, sinceMs, tickets } of this.#submitted.values()) {
        if (sinceMs <= long && tickets.length > 0) this.#options.observer.onPending(tickets.splice(0), id)
      }
      if (this.#submitted.size > 0 && this.#state !== 'stopped') this.#lookForPending()
    }, lookForPendingEveryMs)
  }

  #halt(error: unknown): void {
    this.#become('halted')
    this.#options.observer.onHalt(error)
    this.#rejectAll('node_stopped')
  }

  #rejectAll(code: string): void {
    for (const submitted of this.#submitted.values()) this.#reject(submitted, code)
  }

  #reject(submitted: Submitted<Ticket>, code: string): void {
    this.#remove(submitted)
    if (submitted.tickets.length > 0) this.#options.observer.onRejected(submitted.tickets, code)
  }

  #remove({ id, jws }: Submitted<Ticket>): void {
    this.#submitted.delete(id)
    this.#driver.forget(jws)
  }
}
