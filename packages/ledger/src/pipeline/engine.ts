/**
 * The half of a ledger that one thread owns: the store, the rules and the order of transactions. It is told what to
 * submit and tells what became of it; what listens may be in this thread or in another.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { VerifySignature } from '@chengxin/crypto'
import { type Did, isRefusal, type TransactionId } from '@chengxin/kernel'
import type { GenesisDocument, Host } from '@chengxin/module-kit'
import type { Admitted } from '../admission/admitted.ts'
import { openEnvelope } from '../admission/envelope.ts'
import { refuseEnvelopeSignature } from '../admission/signature.ts'
import { Executor } from '../execution/executor.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import type { Health } from '../face.ts'
import { type FinalizedBlock, LedgerApplication, type Transaction } from '../ordering/application.ts'
import { type EmbeddedBlock, EmbeddedOrdering } from '../ordering/embedded.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import type { Store } from '../storage/face.ts'
import type { BlockReport } from './block-report.ts'
import { haltOf } from './engine-health.ts'
import type { AdmittedBatch } from './messages.ts'

/** What became of what was submitted, and how the ledger is. */
export interface EngineListener {
  onBlock(report: BlockReport): void
  onRejected(tickets: readonly number[], answer: RejectedAnswer): void
  /** The transaction is in the log already. */
  onKnown(ticket: number, id: string): void
  onHealth(health: Health): void
}

export interface RejectedAnswer {
  readonly code: string
  readonly id?: string
  readonly at?: string
}

export interface EngineOptions {
  readonly directory: string
  readonly store: Store
  readonly genesis: GenesisDocument
  readonly rulesOf: (hash: string) => RulesIndex
  readonly host: Host
  readonly verify: VerifySignature
  readonly clock: () => number
  readonly queue: QueueLimits
  readonly cachedRows: number
  readonly listener: EngineListener
}

/** How often a full disk is tried again, and what must fit: more than a block and its share of everything else. */
const probe = { everyMs: 1_000, bytes: 8 * 1024 * 1024 } as const

export class LedgerEngine {
  readonly #options: EngineOptions
  readonly #application: LedgerApplication
  readonly #ordering: EmbeddedOrdering<number>
  readonly #executor: Executor
  #probing: NodeJS.Timeout | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    const { store, genesis, rulesOf, host, verify, clock, queue, cachedRows } = options
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
    this.#application = new LedgerApplication({ store, executor: this.#executor, clock, verify })
    this.#ordering = new EmbeddedOrdering<number>({
      application: this.#application,
      clock,
      queue,
      observer: {
        onBlock: (block) => this.#reportBlock(block),
        onRejected: (tickets, code) => options.listener.onRejected(tickets, { code }),
        onFull: () => this.#sufferFullDisk(),
        onRoom: () => options.listener.onHealth({ status: 'ok' }),
        onHalt: (error) => options.listener.onHealth(haltOf(error)),
      },
      soon: (step) => setImmediate(step),
      later: (step, milliseconds) => setTimeout(step, milliseconds),
    })
  }

  /** Founds or continues, and reports the newest block so that everyone starts from the same head. */
  start(): BlockReport {
    // A process that was killed while it probed has left its probe.
    fs.rmSync(this.#probePath(), { force: true })
    this.#ordering.start({ timeMs: this.#options.store.head()?.timeMs ?? this.#options.genesis.createdAtMs })
    const { head, rules } = this.#executor
    if (head === undefined) throw new Error('A founded ledger has a head.')
    return { ...emptyReport, head, rulesetVersion: rules.ruleset.version, firstLeaf: head.size }
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
  submitBatch(batch: AdmittedBatch): void {
    for (let index = 0; index < batch.tickets.length; index++) {
      this.submit(admittedOf(batch, index), batch.tickets[index] as number)
    }
  }

  get queued(): number {
    return this.#ordering.queued
  }

  /** Stops; the store stays open for whoever opened it. */
  stop(): void {
    clearInterval(this.#probing)
    this.#ordering.stop()
  }

  #reportBlock(block: EmbeddedBlock<number>): void {
    const { head, rules } = this.#executor
    const committed = this.#application.committed as FinalizedBlock
    if (head === undefined) return
    const { opened, results } = committed
    this.#options.listener.onBlock({
      head,
      rulesetVersion: rules.ruleset.version,
      firstLeaf: head.size - committed.block.leaves.length,
      tickets: block.transactions.map(({ tickets }) => tickets[0] as number),
      twins: twinsOf(block),
      ids: block.transactions.map(({ id }) => id).join(''),
      codes: results.flatMap(({ code }, position) => (code === 'ok' ? [] : [[position, code] as const])),
      leafless: results.flatMap(({ leafIndex }, position) => (leafIndex === undefined ? [position] : [])),
      signers: opened.map((one) => one?.signer ?? '').join('\n'),
      types: results.map(({ types = '' }) => types).join('\n'),
      principals: results.map(({ principals = '' }) => principals).join('\n'),
      events: results.map(({ events = '[]' }) => events).join('\n'),
    })
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

function twinsOf({ transactions }: EmbeddedBlock<number>): (readonly [number, number])[] {
  const twins: (readonly [number, number])[] = []
  for (const [position, { tickets }] of transactions.entries()) {
    for (let index = 1; index < tickets.length; index++) twins.push([position, tickets[index] as number])
  }
  return twins
}

function admittedOf(batch: AdmittedBatch, index: number): Admitted {
  return {
    jws: batch.transactions[index] as string,
    id: batch.ids[index] as TransactionId,
    signer: batch.signers[index] as Did,
    keyId: batch.keyIds[index] as string,
    notAfter: batch.notAfters[index] as number,
    nonceKey: batch.nonceKeys[index] as string,
    payloadText: batch.payloads[index] as string,
    keyName: batch.keyNames[index] as string,
  }
}
