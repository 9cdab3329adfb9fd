/**
 * The half of a ledger that one thread owns: the store, the rules and the order of transactions. It is told what to
 * submit and tells what became of it; what listens may be in this thread or in another.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { VerifySignature } from '@chengxin/crypto'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import { openEnvelope } from '../admission/envelope.ts'
import { refuseEnvelopeSignature } from '../admission/signature.ts'
import { Executor, type ExecutorHead, headOf } from '../execution/executor.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import type { Health, Misbehaved } from '../face.ts'
import { servedSnapshots } from '../joining/served-snapshots.ts'
import { LedgerApplication, type Transaction } from '../ordering/application.ts'
import { CometClient, type EngineClient } from '../ordering/cometbft/engine-client.ts'
import { CometOrdering } from '../ordering/cometbft/ordering.ts'
import type { Misbehaviour } from '../ordering/cometbft/requests.ts'
import { type EmbeddedBlock, type EmbeddedObserver, EmbeddedOrdering } from '../ordering/embedded.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import { type Store, StoreFull, type StoreHistory } from '../storage/face.ts'
import type { TicketedBatch } from './batch-order.ts'
import { type BlockReport, nobody } from './block-report.ts'
import {
  type ConsensusPlace,
  type ConsensusReport,
  consensusReport,
  createConsensus,
  type GroupPeers,
  loggedSigners,
  memberOfAddress,
  peerFilter,
  unconfirmedBlock,
} from './consensus.ts'
import { haltOf, healthOfState } from './engine-health.ts'
import { type CaughtValidator, keepMisbehaviour, readMisbehaviour } from './misbehaviour-file.ts'

/** What became of what was submitted, and how the ledger is. */
export interface EngineListener {
  onBlock(report: BlockReport): void
  onRejected(tickets: readonly number[], answer: RejectedAnswer): void
  /** The transaction is in the log already. */
  onKnown(ticket: number, id: string): void
  /** Waiting has been long. The transaction may still enter a block, and its outcome can be asked for. */
  onPending(tickets: readonly number[], id: string): void
  onHealth(health: Health): void
  /** How the members that order together are seen to do; never told where one process orders alone. */
  onConsensus(report: ConsensusReport): void
  onAlarm(alarm: Alarm): void
}

/** What an operator must hear of, though the ledger goes on. */
export interface Alarm {
  readonly code: 'engine_fault' | 'engine_ended' | 'validator_misbehaved' | 'snapshot_failed' | 'former_member_cut_off'
  readonly sentence: string
}

export interface RejectedAnswer {
  readonly code: string
  readonly id?: string
  readonly at?: string
}

export interface EngineOptions {
  readonly directory: string
  readonly store: Store & StoreHistory
  readonly genesis: GenesisDocument
  readonly rulesOf: (hash: string) => RulesIndex
  readonly host: Host
  readonly verify: VerifySignature
  readonly clock: () => number
  readonly queue: QueueLimits
  readonly cachedRows: number
  readonly listener: EngineListener
  /** Members order together; absent: this process orders alone. */
  readonly consensus?: ConsensusPlace | undefined
  /** Speaks to the engine instead of its RPC. */
  readonly engineClient?: EngineClient | undefined
}

/** How often a full disk is tried again, and what must fit: more than a block and its share of everything else. */
const probe = { everyMs: 1_000, bytes: 8 * 1024 * 1024 } as const

export class LedgerEngine {
  readonly #options: EngineOptions
  readonly #application: LedgerApplication
  readonly #ordering: EmbeddedOrdering<number> | CometOrdering<number>
  readonly #executor: Executor
  #misbehaved: readonly Misbehaved[] = []
  #peers: GroupPeers | undefined
  #probing: NodeJS.Timeout | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    const { store, genesis, rulesOf, host, verify, clock, cachedRows } = options
    this.#executor = new Executor({
      genesis,
      store,
      host,
      rulesOf,
      cachedRows,
      refuseSignature: ({ jws }, key) => {
        const envelope = openEnvelope(jws, this.#executor.group)
        return isRefusal(envelope) ? envelope : refuseEnvelopeSignature(envelope, key, verify)
      },
    })
    const snapshots = servedSnapshots(options.directory)
    this.#application = new LedgerApplication({ store, executor: this.#executor, clock, verify, snapshots })
    this.#ordering = options.consensus === undefined ? this.#orderAlone() : this.#orderTogether(options.consensus)
  }

  #orderAlone(): EmbeddedOrdering<number> {
    const { clock, queue } = this.#options
    return new EmbeddedOrdering<number>({
      application: this.#application,
      clock,
      queue,
      observer: this.#observer(),
      soon: (step) => setImmediate(step),
      later: (step, milliseconds) => setTimeout(step, milliseconds),
    })
  }

  #orderTogether(place: ConsensusPlace): CometOrdering<number> {
    const { genesis, clock, queue, listener, directory } = this.#options
    this.#misbehaved = shown(readMisbehaviour(directory))
    this.#peers = peerFilter(place.peers, genesis.members, () => this.#executor.membership)
    return createConsensus({
      place,
      client: this.#options.engineClient ?? new CometClient(place.rpc),
      genesis,
      application: this.#application,
      executor: this.#executor,
      clock,
      queue,
      peers: this.#peers,
      observer: {
        ...this.#observer(),
        onPending: (tickets, id) => listener.onPending(tickets, id),
        onMisbehaviour: (found) => this.#keepMisbehaviour(found),
        onEngineFault: (error) => listener.onAlarm({ code: 'engine_fault', sentence: sentenceOf(error) }),
        onState: (state) => {
          const health = healthOfState(state)
          if (health !== undefined) listener.onHealth(health)
          this.#reportConsensus()
        },
      },
    })
  }

  #observer(): EmbeddedObserver<number> {
    const { listener } = this.#options
    return {
      onBlock: (block) => {
        this.#reportBlock(block)
        this.#reportConsensus()
      },
      onRejected: (tickets, code) => listener.onRejected(tickets, { code }),
      onFull: () => this.#sufferFullDisk(),
      onRoom: () => listener.onHealth({ status: 'ok' }),
      onHalt: (error) => listener.onHealth(haltOf(error)),
    }
  }

  /** Founds or continues, and reports the newest block that may be shown, so that everyone starts from the same head. */
  start(): BlockReport {
    const { store, genesis } = this.#options
    // A process that was killed while it probed has left its probe.
    fs.rmSync(this.#probePath(), { force: true })
    if (this.#ordering instanceof EmbeddedOrdering) {
      this.#ordering.start({ timeMs: store.head()?.timeMs ?? genesis.createdAtMs })
      return this.#startReport(this.#executor.head)
    }
    const unconfirmed = unconfirmedBlock(store)
    this.#ordering.start({ unconfirmed })
    if (unconfirmed === undefined) return this.#startReport(this.#executor.head)
    const shown = store.headAt(unconfirmed.height - 1)
    return this.#startReport(shown && headOf(shown))
  }

  #startReport(head: ExecutorHead | undefined): BlockReport {
    if (head === undefined) throw new Error('A founded ledger has a head.')
    const { version } = this.#options.rulesOf(head.rulesetHash).ruleset
    return { ...emptyReport, head, rulesetVersion: version, firstLeaf: head.size }
  }

  /** Resolves when an engine of consensus may connect; at once where this process orders alone. */
  async listen(): Promise<void> {
    if (this.#ordering instanceof CometOrdering) await this.#ordering.listen()
  }

  /** Judges and queues a transaction: its text, or what an admission thread has made of it. */
  submit(transaction: Transaction, ticket: number): void {
    const { code, id, at } = this.#ordering.submit(transaction, ticket)
    if (code === 'ok') return
    if (code === 'known') this.#options.listener.onKnown(ticket, id ?? '')
    else {
      const answer = { code, ...(id !== undefined && { id }), ...(at !== undefined && { at }) }
      this.#options.listener.onRejected([ticket], answer)
    }
  }

  /** Queues what an admission thread has judged. */
  submitBatch(batch: TicketedBatch): void {
    for (const [ticket, transaction] of batch) this.submit(transaction, ticket)
  }

  /** Writes older blocks that this ledger did not have; `history_differs` where they are not of its log. */
  fill(blocks: readonly Uint8Array[]): Refusal | undefined {
    try {
      return this.#options.store.backfill(blocks)
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error
      return refuse('disk_full')
    }
  }

  get queued(): number {
    return this.#ordering.queued
  }

  /** Stops; the store stays open for whoever opened it. */
  async stop(): Promise<void> {
    clearInterval(this.#probing)
    this.#ordering.stop()
    if (this.#ordering instanceof CometOrdering) await this.#ordering.close()
  }

  #reportBlock(block: EmbeddedBlock<number>): void {
    const { head, rules } = this.#executor
    if (head === undefined) return
    const { codes, leafless } = exceptionsOf(block)
    const { transactions } = block
    this.#options.listener.onBlock({
      head,
      rulesetVersion: rules.ruleset.version,
      firstLeaf: head.size - (transactions.length - leafless.length),
      tickets: transactions.map(({ tickets }) => tickets[0] ?? nobody),
      twins: twinsOf(block),
      ids: transactions.map(({ id }) => id).join(''),
      codes,
      leafless,
      signers: this.#signersOf(block.height).join('\n'),
      types: transactions.map(({ result: { types = '' } }) => types).join('\n'),
      principals: transactions.map(({ result: { principals = '' } }) => principals).join('\n'),
      events: transactions.map(({ result: { events = '[]' } }) => events).join('\n'),
    })
  }

  /** As execution saw them; from the log where the block is of a process that has ended. */
  #signersOf(height: number): readonly string[] {
    const { committed } = this.#application
    if (committed?.request.height !== height) return loggedSigners(this.#options.store, height)
    return committed.opened.map((one) => one?.signer ?? '')
  }

  #reportConsensus(): void {
    if (!(this.#ordering instanceof CometOrdering) || this.#peers === undefined) return
    const report = consensusReport(this.#ordering, this.#executor, this.#misbehaved, this.#peers)
    this.#options.listener.onConsensus(report)
  }

  #keepMisbehaviour(found: readonly Misbehaviour[]): void {
    const { directory } = this.#options
    const caught = found.map(({ type, address, height, timeMs }) => {
      return { member: memberOfAddress(this.#executor, address), type, address, height, timeMs }
    })
    for (const { member, type, height } of keepMisbehaviour(directory, caught)) {
      const sentence = `The validator of ${member} was caught at height ${height}: ${type}. The evidence is kept.`
      this.#options.listener.onAlarm({ code: 'validator_misbehaved', sentence })
    }
    this.#misbehaved = shown(readMisbehaviour(directory))
    this.#reportConsensus()
  }

  #sufferFullDisk(): void {
    this.#options.listener.onHealth({
      status: 'read_only',
      code: 'disk_full',
      sentence: `There is no room left under ${this.#options.directory}. Free some: writing goes on by itself.`,
    })
    this.#probing ??= setInterval(() => this.#probeDisk(), probe.everyMs)
  }

  /** Room is not asked for but tried: quotas and limits of all kinds look alike then. */
  #probeDisk(): void {
    const path = this.#probePath()
    try {
      fs.writeFileSync(path, Buffer.alloc(probe.bytes, 1), { flush: true })
      fs.rmSync(path)
    } catch {
      fs.rmSync(path, { force: true })
      return
    }
    clearInterval(this.#probing)
    this.#probing = undefined
    this.#options.listener.onHealth({ status: 'ok' })
  }

  #probePath(): string {
    return join(this.#options.directory, 'room.tmp')
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function shown(caught: readonly CaughtValidator[]): readonly Misbehaved[] {
  return caught.map(({ member, type, height, timeMs }) => ({ member, type, height, timeMs }))
}

const emptyReport: Omit<BlockReport, 'head' | 'rulesetVersion' | 'firstLeaf'> = {
  tickets: [],
  twins: [],
  ids: '',
  codes: [],
  leafless: [],
  signers: '',
  types: '',
  principals: '',
  events: '',
}

/** Positions whose code is not `ok`, and those that left nothing in the log. */
function exceptionsOf({ transactions }: EmbeddedBlock<number>): Pick<BlockReport, 'codes' | 'leafless'> {
  const codes: (readonly [number, string])[] = []
  const leafless: number[] = []
  for (let position = 0; position < transactions.length; position++) {
    const { result } = transactions[position] as EmbeddedBlock<number>['transactions'][number]
    if (result.code !== 'ok') codes.push([position, result.code])
    if (result.leafIndex === undefined) leafless.push(position)
  }
  return { codes, leafless }
}

function twinsOf({ transactions }: EmbeddedBlock<number>): (readonly [number, number])[] {
  const twins: (readonly [number, number])[] = []
  for (let position = 0; position < transactions.length; position++) {
    const { tickets } = transactions[position] as EmbeddedBlock<number>['transactions'][number]
    for (let index = 1; index < tickets.length; index++) twins.push([position, tickets[index] as number])
  }
  return twins
}
