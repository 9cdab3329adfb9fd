/** A ledger over several threads: one executes, some admit, one settles state. This is their one point of contact. */
import { setFlagsFromString } from 'node:v8'
import { MessageChannel, type TransferListItem, Worker } from 'node:worker_threads'
import type { Refusal } from '@chengxin/kernel'
import { groupIdOf } from '../execution/genesis.ts'
import type { Health } from '../face.ts'
import { AdmissionPool } from './admission-pool.ts'
import { type BlockReport, nobody } from './block-report.ts'
import type {
  AdmissionSetup,
  ExecutionSetup,
  FromAdmission,
  FromExecution,
  FromSettler,
  FromSnapshots,
  SettlerSetup,
  SnapshotSetup,
  ToSettler,
} from './messages.ts'
import type { Pipeline, PipelineListener } from './pipeline.ts'
import { snapshotTurn } from './snapshot-turn.ts'
import type { WorkerUrl } from './worker-url.ts'

export interface ThreadedOptions {
  readonly setup: ExecutionSetup
  readonly admissionThreads: number
  readonly workerUrl: WorkerUrl
}

/** Leaves that one step of settling should take: larger steps cost less a leaf, and more memory in each thread. */
const settledLeaves = 8_192

/** Divides the stretch between two boundaries: a root is due half a stretch after its boundary, so a step begins at each. */
function settledEvery(stateRootEvery: number): number {
  return stateRootEvery / Math.ceil(stateRootEvery / settledLeaves)
}

type Started = Extract<FromExecution, { kind: 'started' }>

/** Room for short-lived objects (MiB): transactions live for milliseconds, and should die young. */
const youngGenerationMb = 192

export class ThreadedPipeline implements Pipeline {
  readonly started: Started
  readonly #execution: Worker
  readonly #admission: readonly Worker[]
  readonly #settler: Worker
  readonly #snapshots: SnapshotThread | undefined
  readonly #pool: AdmissionPool
  readonly #every: number
  #listener: PipelineListener | undefined
  #rulesetHash: string
  #settledAt: number
  #settling = false
  readonly #filling = new Map<number, (refusal: Refusal | undefined) => void>()
  #fills = 0
  #closing: (() => void) | undefined

  /** Starts the threads; rejects with the sentence of the execution thread when it cannot start. */
  static async start({ setup, admissionThreads, workerUrl }: ThreadedOptions): Promise<ThreadedPipeline> {
    // Collecting young objects on several threads at once costs all of them more than it saves the one that waits.
    setFlagsFromString('--no-parallel-scavenge')
    const execution = startThread(workerUrl('execution-worker'), setup)
    const started = await new Promise<Started>((resolve, reject) => {
      execution.once('error', reject)
      execution.once('message', (message: FromExecution) => {
        if (message.kind === 'started') resolve(message)
        else reject(new Error('sentence' in message ? message.sentence : 'The execution thread did not start.'))
      })
    })
    const admission = Array.from({ length: admissionThreads }, () => {
      const { port1, port2 } = new MessageChannel()
      execution.postMessage({ kind: 'connect', port: port1 }, [port1])
      const { directory, genesis } = setup
      const data: AdmissionSetup = {
        directory,
        genesis,
        rulesetHash: started.report.head.rulesetHash,
        commits: started.commits,
        execution: port2,
      }
      return startThread(workerUrl('admission-worker'), data, [port2])
    })
    const { settler, snapshots } = startSettling(setup, workerUrl)
    return new ThreadedPipeline(setup, started, { execution, admission, settler, snapshots })
  }

  constructor(setup: ExecutionSetup, started: Started, { execution, admission, settler, snapshots }: Threads) {
    this.started = started
    this.#execution = execution
    this.#admission = admission
    this.#settler = settler
    this.#snapshots = snapshots
    this.#pool = new AdmissionPool(admission)
    this.#every = settledEvery(setup.genesis.stateRootEvery)
    this.#rulesetHash = started.report.head.rulesetHash
    this.#settledAt = started.report.head.size
  }

  listen(listener: PipelineListener): void {
    this.#listener = listener
    this.#execution.on('message', (message: FromExecution) => this.#hear(message))
    this.#watch(this.#execution)
    for (const [index, worker] of this.#admission.entries()) {
      worker.on('message', ({ rejected, health }: FromAdmission) => {
        if (health !== undefined) listener.onHealth(health)
        for (const { tickets, answer } of rejected) listener.onRejected(tickets, answer)
        this.#pool.judged(index)
        if (rejected.length > 0) this.#pool.answered(rejected.length)
      })
      this.#watch(worker)
    }
    this.#settler.on('message', (message: FromSettler) => {
      this.#settling = false
      if (message.kind === 'health') listener.onHealth(message.health)
    })
    this.#watch(this.#settler)
    this.#watchSnapshots(listener)
  }

  /** Without this thread there are no new snapshots, and everything else goes on. */
  #watchSnapshots(listener: PipelineListener): void {
    const fail = (sentence: string) => {
      if (this.#closing === undefined) listener.onAlarm({ code: 'snapshot_failed', sentence })
    }
    this.#snapshots?.worker.on('message', (message: FromSnapshots) => {
      if (message.kind === 'taken') listener.onSnapshot()
      else fail(`A snapshot could not be taken: ${message.sentence}`)
    })
    this.#snapshots?.worker.on('error', (error) => fail(`The thread that takes snapshots failed: ${error.message}`))
  }

  send(tickets: readonly number[], transactions: readonly string[]): void {
    this.#pool.send(tickets, transactions)
  }

  fill(blocks: readonly Uint8Array[]): Promise<Refusal | undefined> {
    const ticket = ++this.#fills
    return new Promise((resolve) => {
      this.#filling.set(ticket, resolve)
      this.#execution.postMessage({ kind: 'fill', ticket, blocks })
    })
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#closing = resolve
    })
    for (const worker of this.#admission) await worker.terminate()
    // These two hold the database: they end by themselves, between two transactions of it.
    const settled = new Promise((resolve) => this.#settler.once('exit', resolve))
    this.#tellSettler('close')
    await this.#snapshots?.end()
    this.#execution.postMessage({ kind: 'close' })
    await Promise.all([closed, settled])
    await this.#execution.terminate()
  }

  #hear(message: FromExecution): void {
    const listener = this.#listener
    switch (message.kind) {
      case 'block':
        this.#pool.answered(answeredBy(message.report))
        listener?.onBlock(message.report)
        this.#follow(message.report)
        return
      case 'answers':
        for (const { tickets, answer } of message.rejected) {
          this.#pool.answered(tickets.length)
          listener?.onRejected(tickets, answer)
        }
        for (const [ticket, id] of message.known) listener?.onKnown(ticket, id)
        this.#pool.answered(message.known.length)
        return
      case 'pending':
        this.#pool.answered(message.tickets.length)
        listener?.onPending(message.tickets, message.id)
        return
      case 'health':
        listener?.onHealth(message.health)
        return
      case 'consensus':
        listener?.onConsensus(message.report)
        return
      case 'alarm':
        listener?.onAlarm(message.alarm)
        return
      case 'filled':
        this.#filling.get(message.ticket)?.(message.refusal)
        this.#filling.delete(message.ticket)
        return
      case 'closed':
        this.#closing?.()
        return
      case 'started':
      case 'failed':
        throw new Error('The execution thread has started twice.')
    }
  }

  /** What the other threads must know of a block. */
  #follow({ head }: BlockReport): void {
    if (head.rulesetHash !== this.#rulesetHash) {
      this.#rulesetHash = head.rulesetHash
      this.#pool.useRules(head.rulesetHash)
    }
    const reached = Math.floor(head.size / this.#every) > Math.floor(this.#settledAt / this.#every)
    if (this.#settling || !reached) return
    this.#settledAt = head.size
    this.#settling = true
    // What is not shown yet stays among the recent changes: those are what readers of the block before it see through.
    this.#tellSettler({ settleUpTo: head.height })
  }

  #tellSettler(message: ToSettler): void {
    this.#settler.postMessage(message)
  }

  /** A thread that dies takes the ledger with it: what it was doing is unknown, and on disk everything is in order. */
  #watch(worker: Worker): void {
    const stop = (sentence: string) => {
      if (this.#closing !== undefined) return
      const health: Health = { status: 'stopped', code: 'thread_lost', sentence }
      this.#listener?.onHealth(health)
    }
    worker.on('error', (error) => stop(`A thread of the ledger failed: ${error.message}`))
    worker.on('exit', (code) => {
      stop(`A thread of the ledger ended with code ${code}.`)
      if (worker === this.#execution) this.#closing?.()
    })
  }
}

interface Threads {
  readonly execution: Worker
  readonly admission: readonly Worker[]
  readonly settler: Worker
  readonly snapshots: SnapshotThread | undefined
}

interface SnapshotThread {
  readonly worker: Worker
  /** Gives up what it is writing; resolves when it is gone. */
  end(): Promise<void>
}

/** The thread that settles, and beside it the one that writes snapshots where some are to be kept. */
function startSettling(
  { directory, genesis, snapshots: { kept: keep, everyMs } }: ExecutionSetup,
  workerUrl: WorkerUrl,
): Pick<Threads, 'settler' | 'snapshots'> {
  if (keep === 0) return { settler: startThread(workerUrl('state-root-worker'), { directory }), snapshots: undefined }
  const turn = snapshotTurn.create()
  const { port1: ask, port2: asked } = new MessageChannel()
  const settling: SettlerSetup = { directory, snapshots: { turn, ask, everyMs } }
  const writing: SnapshotSetup = { directory, group: groupIdOf(genesis), keep, turn, asked }
  const worker = startThread(workerUrl('snapshot-worker'), writing, [asked])
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const end = () => {
    snapshotTurn.end(new Int32Array(turn))
    worker.postMessage('close')
    return gone
  }
  return { settler: startThread(workerUrl('state-root-worker'), settling, [ask]), snapshots: { worker, end } }
}

function startThread(url: URL, workerData: unknown, transferList: TransferListItem[] = []): Worker {
  return new Worker(url, {
    workerData,
    transferList,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  })
}

/** How many of those who wait here a block answers. */
function answeredBy({ tickets, twins }: BlockReport): number {
  let answered = twins.length
  for (const ticket of tickets) if (ticket !== nobody) answered++
  return answered
}
