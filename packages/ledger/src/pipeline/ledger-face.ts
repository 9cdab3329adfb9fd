/** The ledger as the rest of a node sees it: submissions and their answers here, reading from the store directly. */
import { parseTilePath, tileWidth } from '@chengxin/crypto'
import { fromBase64url, isHash, type TransactionId, toBase64url } from '@chengxin/kernel'
import type { CommittedBlock, GenesisDocument } from '@chengxin/module-kit'
import { groupIdOf } from '../execution/genesis.ts'
import type { ConsensusStatus, Head, Health, Ledger, LedgerStats, Outcome, SignedTree } from '../face.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import type { StoreArchive, StoreReader } from '../storage/face.ts'
import { ArchiveFace } from './archive-face.ts'
import { BlockFeed } from './block-feed.ts'
import { type BlockReport, headOfReport, OpenedReport } from './block-report.ts'
import { type Checkpoints, consistencyOf, rootOfFirst, whereFetched } from './checkpoints.ts'
import type { ConsensusReport } from './consensus.ts'
import type { ConsensusView } from './consensus-view.ts'
import type { Alarm } from './engine.ts'
import { healthBehind, healthOfState } from './engine-health.ts'
import { committedBlockFrom, loggedOutcome } from './logged-blocks.ts'
import type { Pipeline, PipelineListener } from './pipeline.ts'
import { Submissions } from './submissions.ts'

/** A proof of a row under the newest agreed state root, as served: hashes as base64url, bucket rows as [key hash, value hash]. */
export interface StateProofJson {
  /** Leaves in the log when the root was taken. */
  readonly size: number
  readonly root: string
  /** `<domain>/<table>/<key>` */
  readonly key: string
  /** The row's stored text then, null where there was none; left out where it has changed since and only its hash is known. */
  readonly value?: string | null
  readonly rows: readonly (readonly string[])[]
  readonly path: readonly string[]
}

export interface LedgerFaceOptions {
  readonly genesis: GenesisDocument
  readonly directory: string
  readonly reader: StoreReader & StoreArchive
  readonly checkpoints: Checkpoints
  readonly queue: QueueLimits
  readonly verifier: string
  /** The head that the engine started from. */
  readonly start: BlockReport
  readonly onStopped: (health: Health) => void
  readonly onAlarm: (alarm: Alarm) => void
  readonly clock: () => number
  /** Where members order together. */
  readonly consensus?: ConsensusView | undefined
}

export class LedgerFace implements Ledger, PipelineListener {
  readonly groupId: string
  readonly genesis: GenesisDocument
  readonly archive: ArchiveFace
  readonly #reader: StoreReader
  readonly #checkpoints: Checkpoints
  readonly #feed: BlockFeed
  readonly #submissions: Submissions
  readonly #options: LedgerFaceOptions
  readonly #counts = { committed: 0, refused: 0, blocks: 0 }
  #pipeline: Pipeline | undefined
  #head: Head
  #health: Health
  #othersHeight: () => number | undefined = () => undefined
  #stopFirst: () => Promise<void> = () => Promise.resolve()

  constructor(options: LedgerFaceOptions) {
    this.#options = options
    this.genesis = options.genesis
    this.groupId = groupIdOf(options.genesis)
    this.#reader = options.reader
    this.#checkpoints = options.checkpoints
    this.#head = headOfReport(options.start)
    const isAlone = options.consensus === undefined
    this.#health = (isAlone ? undefined : healthOfState('away')) ?? { status: 'ok' }
    this.#submissions = new Submissions(options.queue)
    this.#feed = new BlockFeed(this.#head.height, (height) => this.#blockFromLog(height))
    this.archive = new ArchiveFace({
      directory: options.directory,
      reader: options.reader,
      checkpoints: options.checkpoints,
      head: () => this.#head,
      pipeline: () => this.#pipeline,
      onFilled: () => this.#feed.wake(),
      engine: options.consensus,
    })
  }

  /** Connects the face to what does the work. */
  connect(pipeline: Pipeline): void {
    this.#pipeline = pipeline
  }

  head(): Head {
    return this.#head
  }

  health(): Health {
    if (this.#health.status !== 'ok') return this.#health
    return healthBehind(this.consensus()?.behind ?? 0, this.#head.height) ?? this.#health
  }

  consensus(): ConsensusStatus | undefined {
    return this.#options.consensus?.status(this.#head.height, this.#othersHeight() ?? this.#head.height)
  }

  followOthers(height: () => number | undefined): void {
    this.#othersHeight = height
  }

  stats(): LedgerStats {
    const { queued, admitted, rejected } = this.#submissions
    return {
      queued,
      queueLimit: this.#options.queue.transactions,
      admitted,
      rejected: Object.fromEntries(rejected),
      ...this.#counts,
      verifier: this.#options.verifier,
    }
  }

  submit(transactions: readonly string[]): Promise<readonly Outcome[]> {
    const { status, code } = this.health()
    if (status !== 'ok' || this.#pipeline === undefined) {
      const reason = status === 'read_only' ? code : undefined
      return Promise.resolve(this.#submissions.refuseAll(transactions, reason ?? 'node_stopped'))
    }
    return this.#submissions.add(transactions, this.#pipeline)
  }

  outcome(id: TransactionId): Outcome | undefined {
    return this.#loggedOutcome(id) ?? this.#submissions.pendingOutcome(id, this.#options.clock())
  }

  leaf(index: number): Uint8Array | undefined {
    return index < this.#head.size ? this.#reader.leaf(index)?.leaf : undefined
  }

  block(height: number): CommittedBlock | undefined {
    return this.#feed.block(height)
  }

  blocks(fromHeight: number, signal: AbortSignal): AsyncIterable<CommittedBlock> {
    return this.#feed.from(fromHeight, signal)
  }

  checkpoint(): string {
    return this.#checkpoints.of(this.#head)
  }

  tile(path: string): Uint8Array | undefined {
    return isWithin(path, this.#head.size) ? this.#reader.tile(path) : undefined
  }

  rootAt(size: number): Uint8Array | undefined {
    return size <= this.#head.size ? rootOfFirst(this.#reader, size) : undefined
  }

  consistency(olderSize: number, newerSize: number): readonly Uint8Array[] | undefined {
    if (olderSize > newerSize || newerSize > this.#head.size) return undefined
    return consistencyOf(this.#reader, olderSize, newerSize)
  }

  stateCheckpoint(): string | undefined {
    const { stateRoot } = this.#head
    return stateRoot && this.#checkpoints.ofState(stateRoot, () => this.#timeOfLeaf(stateRoot.size - 1))
  }

  #timeOfLeaf(index: number): number | undefined {
    const leaf = this.#reader.leaf(index)
    return leaf && this.#reader.block(leaf.height)?.timeMs
  }

  receipt(id: TransactionId, tree: SignedTree): string | undefined {
    const index = this.#leafIndexOf(id)
    if (index === undefined || index >= tree.size) return undefined
    const leaf = this.#reader.leaf(index)
    // A leaf that was just fetched may be there before the hashes beside it.
    return leaf && whereFetched(() => this.#checkpoints.receipt(this.#reader, index, leaf.leaf, tree))
  }

  coseReceipt(id: TransactionId, tree: SignedTree): Uint8Array | undefined {
    const index = this.#leafIndexOf(id)
    if (index === undefined || index >= tree.size) return undefined
    // A member that joined by a snapshot may have the head before it has the leaf.
    const leaf = this.#reader.leaf(index)
    return leaf && whereFetched(() => this.#checkpoints.coseReceipt(this.#reader, index, leaf.leaf, tree))
  }

  row(table: string, key: string): unknown {
    // A block that other members have not confirmed is in the store, and shown to nobody.
    const text = this.#reader.row(`${table}/${key}`, this.#head.height)
    return text === undefined ? undefined : JSON.parse(text)
  }

  stateProof(table: string, key: string): StateProofJson | undefined {
    const agreed = this.#head.stateRoot
    const proven = agreed && this.#reader.proveRow(agreed.size, `${table}/${key}`)
    if (proven === undefined) return undefined
    const { size, root, value, proof } = proven
    return {
      size,
      root: toBase64url(root),
      key: `${table}/${key}`,
      ...(value !== undefined && { value }),
      rows: proof.rows.map(({ keyHash, valueHash }) => [toBase64url(keyHash), toBase64url(valueHash)]),
      path: proof.path.map(toBase64url),
    }
  }

  onCommit(listener: (block: CommittedBlock) => void): () => void {
    return this.#feed.listen(listener)
  }

  /** What must be gone before the ledger is closed. */
  stopFirst(stop: () => Promise<void>): void {
    this.#stopFirst = stop
  }

  async close(): Promise<void> {
    await this.#stopFirst()
    await this.#pipeline?.close()
    this.#options.consensus?.close()
    this.#health = { status: 'stopped', code: 'node_stopped', sentence: 'The ledger has been closed.' }
    this.#submissions.abandon('node_stopped')
    this.#reader.close()
  }

  onBlock(report: BlockReport): void {
    const agreedAt = this.#head.stateRoot?.size
    this.#head = headOfReport(report)
    // A root that members have agreed on is signed at once, for the snapshot that was taken with it.
    if (this.#head.stateRoot?.size !== agreedAt) this.archive.snapshots()
    this.#counts.blocks++
    const failed = report.codes.length
    this.#counts.committed += report.tickets.length - failed
    this.#counts.refused += failed - report.leafless.length
    const opened = new OpenedReport(report)
    this.#feed.add(opened)
    this.#submissions.settle(opened)
  }

  onRejected(
    tickets: readonly number[],
    answer: { readonly code: string; readonly id?: string; readonly at?: string },
  ): void {
    for (const ticket of tickets) this.#submissions.reject(ticket, answer)
  }

  onKnown(ticket: number, id: string): void {
    const outcome = this.#loggedOutcome(id as TransactionId)
    if (outcome === undefined) throw new Error(`The log does not have the transaction ${id}, which has used its nonce.`)
    this.#submissions.answer(ticket, outcome)
  }

  onPending(tickets: readonly number[], id: string): void {
    this.#submissions.tellPending(tickets, id, this.#options.clock())
  }

  onConsensus(report: ConsensusReport): void {
    this.#options.consensus?.take(report)
  }

  onSnapshot(): void {
    this.archive.forget()
  }

  onAlarm(alarm: Alarm): void {
    this.#options.onAlarm(alarm)
  }

  onHealth(health: Health): void {
    if (this.#health.status === 'stopped') return
    this.#health = health
    if (health.status !== 'stopped') return
    // An engine has nothing to do beside a ledger that answers it no more.
    void this.#stopFirst()
    this.#submissions.abandon('node_stopped')
    this.#options.onStopped(health)
  }

  #loggedOutcome(id: TransactionId): Outcome | undefined {
    const index = this.#leafIndexOf(id)
    if (index === undefined) return undefined
    if (index >= this.#head.size) return { status: 'pending', id }
    const leaf = this.#reader.leaf(index)
    return leaf && loggedOutcome(id, index, leaf)
  }

  #leafIndexOf(id: TransactionId): number | undefined {
    if (!isHash(id)) return undefined
    // Asking for the head makes the reader look at the newest state, which another thread may just have written.
    this.#reader.head()
    return this.#reader.leafIndexOf(fromBase64url(id) as Uint8Array)
  }

  #blockFromLog(height: number): CommittedBlock | undefined {
    this.#reader.head()
    const block = this.#reader.block(height)
    return block && committedBlockFrom(block)
  }
}

/** Whether everything that a tile of the log shows lies before this size. */
function isWithin(path: string, size: number): boolean {
  const tile = parseTilePath(path)
  if (tile === undefined) return false
  const leavesEach = tile.level === 'entries' ? 1 : tileWidth ** tile.level
  return (tile.index * tileWidth + tile.width) * leavesEach <= size
}
