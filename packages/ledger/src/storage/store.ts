/**
 * The store's writer. A commit is: the log written and flushed, the tree's files written, then one transaction of
 * `state/recent`, whose flush is the moment from which the block exists. What lies beyond it in log and tiles is a killed
 * commit's and is cut away when the store is opened.
 */

import * as fs from 'node:fs'
import { join } from 'node:path'
import { equalBytes, type Refusal } from '@chengxin/kernel'
import { Backfill } from './backfill.ts'
import { createBlockEncoder } from './block-frames.ts'
import { type BlockPlace, readBlockPlace, writeBlockPlace } from './block-index.ts'
import { CommitWitness, witnessName } from './commit-witness.ts'
import { asStoreError, flushDirectory } from './disk.ts'
import {
  type BlockToStore,
  type Damage,
  type LeafEntry,
  type SettledBoundary,
  type StateSettler,
  type Store,
  StoreDamaged,
  StoreFull,
  type StoreHistory,
} from './face.ts'
import { traceLeaves } from './leaf-traces.ts'
import { numberKey, numberOfKey } from './lmdb-tables.ts'
import { logStart } from './log-files.ts'
import { type ChangesToStore, createChangesEncoder, decodeChanges } from './recent-block.ts'
import { writeBoundary } from './recent-database.ts'
import { settleStep } from './settle.ts'
import { readMark } from './settled-database.ts'
import { writeSnapshot } from './snapshot/write-snapshot.ts'
import { Reading } from './store-reader.ts'
import { type CommittedHead, readHead, writeHead } from './stored-head.ts'
import { checkTail } from './tail.ts'
import { restoreTiles } from './tile-recovery.ts'
import { growTree, type TreeGrowth, treeHasher } from './tree-growth.ts'

export interface OpenStoreOptions {
  /** Makes an empty store where the directory has none. */
  readonly createFresh: boolean
  /** Whether another thread settles (`openStateSettler`); then a commit does so itself only when that one is far behind. */
  readonly isSettledElsewhere?: boolean
}

const storeParts = ['log', 'tiles', 'state/recent', 'state/settled']

/** Changes (writes and leaves) that may gather before a commit settles them itself. */
const gatherLimit = 32_768
const gatherLimitElsewhere = 524_288

/** Opens a store for its one writer; cuts what a killed commit left, and checks the newest block and the tree's edge. */
export function openStore(directory: string, options: OpenStoreOptions): Store & StoreHistory {
  const isFresh = !fs.existsSync(join(directory, 'state', 'recent', 'data.mdb'))
  if (isFresh) {
    if (!options.createFresh) throw new Error(`There is no store in ${directory}.`)
    if (holdsLog(directory)) throw new StoreDamaged(lostState(directory))
    for (const part of storeParts) fs.mkdirSync(join(directory, part), { recursive: true })
  }
  const store = new Writing(directory, options.isSettledElsewhere ? gatherLimitElsewhere : gatherLimit)
  try {
    store.start()
  } catch (error) {
    store.close()
    throw asStoreError(error, directory)
  }
  // The names of new files must outlast a power cut as their contents do.
  if (isFresh) for (const part of [...storeParts, 'state', '.']) flushDirectory(join(directory, part))
  return store
}

function holdsLog(directory: string): boolean {
  const log = join(directory, 'log')
  return fs.existsSync(log) && fs.readdirSync(log).some((name) => fs.statSync(join(log, name)).size > 0)
}

/** A log without the state that says how far it is committed: a new store in its place would cut it away. */
function lostState(directory: string): Damage {
  const advice = 'The log is there and its state is not: compute it anew with `chengxin replay --rebuild`.'
  return { code: 'state_damaged', file: join(directory, 'state'), at: 'the whole folder', advice }
}

/** Opens a store for a thread that settles it. The writer must be open already. */
export function openStateSettler(directory: string): StateSettler {
  const reading = new Reading(directory, true)
  return { settle: (atBoundary, upTo) => settleAll(reading, atBoundary, upTo), close: () => reading.close() }
}

function settleAll(reading: Reading, atBoundary?: (boundary: SettledBoundary) => void, upTo?: number): void {
  const { recent, settled, tiles } = reading
  const next = () => settleStep({ recent, settled, tiles, held: reading.held, ...(upTo !== undefined && { upTo }) })
  try {
    for (let step = next(); step; step = next()) {
      if (step === 'settled' || !atBoundary) continue
      const { height, size, root } = step
      const times = boundaryTimes(reading, height)
      atBoundary({
        height,
        size,
        ...times,
        root,
        writeSnapshot: (group) => writeSnapshot(reading, { group, height, size }),
      })
    }
  } catch (error) {
    throw asStoreError(error, reading.directory)
  }
}

function boundaryTimes({ recent, blocks }: Reading, height: number): Pick<SettledBoundary, 'timeMs' | 'previousMs'> {
  const timeOf = (at: number | undefined) => {
    const place = at === undefined ? undefined : readBlockPlace(recent, at)
    return place && blocks.header(place).head.timeMs
  }
  const [before] = [...recent.boundaries.range({ start: numberKey(height - 1), reverse: true, limit: 1 })]
  return { timeMs: timeOf(height) ?? 0, previousMs: timeOf(before && numberOfKey(before.key)) }
}

class Writing extends Reading implements Store, StoreHistory {
  readonly commits = new SharedArrayBuffer(4)
  readonly #commitCount = new Int32Array(this.commits)
  readonly #encodeBlock = createBlockEncoder()
  readonly #encodeChanges = createChangesEncoder()
  readonly #gatherLimit: number
  readonly #witness: CommitWitness
  readonly #backfill: Backfill
  #head: CommittedHead | undefined
  /** The newest block whose changes were removed from the recent ones, because they are settled. */
  #cleared = -1
  /** A commit failed for a reason that leaves open whether it reached the disk. */
  #isUncertain = false
  /** What rootAfter computed last: FinalizeBlock asks for the root, and the commit of the same leaves follows. */
  #planned: TreeGrowth | undefined

  constructor(directory: string, limit: number) {
    super(directory, true)
    this.#gatherLimit = limit
    this.#witness = new CommitWitness(directory)
    this.#backfill = new Backfill(this)
  }

  /** Finds where the last process ended, and puts right what it could not finish. */
  start(): void {
    const committed = readHead(this.recent)
    const mark = readMark(this.settled)
    this.#head = committed
    this.#expectAcknowledged(mark.height)
    this.#cutBack()
    const [oldest] = this.recent.changes.keys({ start: numberKey(0), limit: 1 })
    this.#cleared = oldest ? numberOfKey(oldest) - 1 : mark.height
    if (!committed) return
    restoreTiles(this.recent, this.tiles, mark, committed)
    this.takeInChanges(committed.head.height)
    checkTail(this, committed)
  }

  override committed(): CommittedHead | undefined {
    return this.#head
  }

  rootAfter(leafHashes: readonly Uint8Array[]): Uint8Array {
    this.#planned = growTree(treeHasher, this.frontier(), leafHashes)
    return this.#planned.root
  }

  settle(): void {
    settleAll(this)
    this.#letGo()
  }

  commit(block: BlockToStore): void {
    if (this.#isUncertain) throw new Error('An earlier commit failed; the store must be opened again.')
    const growth = this.#growthBy(block.leaves)
    this.#expectNext(block, growth)
    if (this.state.changes > this.#gatherLimit) this.settle()
    const changes: ChangesToStore = {
      height: block.head.height,
      timeMs: block.head.timeMs,
      firstLeaf: this.frontier().size,
      frontier: growth.frontier,
      traces: traceLeaves(block.leaves),
      writes: block.writes,
    }
    this.#letGo()
    const encoded = this.#encodeChanges(changes)
    try {
      const place = this.#writeFiles(block, changes, growth)
      const logEnd = { segment: place.segment, offset: place.offset + place.length }
      const next: CommittedHead = { head: block.head, frontier: growth.frontier, logEnd }
      this.#writeState(block, encoded, place, next)
      this.#head = next
    } catch (error) {
      const reason = asStoreError(error, this.directory)
      // Without room nothing was committed. After any other failure only the disk knows: see what it says at the next start.
      if (reason instanceof StoreFull) this.#cutBackIfPossible()
      else this.#isUncertain = true
      throw reason
    }
    this.#witness.remember(block.head.height)
    // The bytes stay at hand and not the texts they were made of: most are never looked at before they are settled.
    this.state.add(decodeChanges(changes.height, Buffer.from(encoded)))
    Atomics.add(this.#commitCount, 0, 1)
  }

  wantedHeight(): number | undefined {
    return this.#backfill.wantedHeight()
  }

  backfill(blocks: readonly Uint8Array[]): Refusal | undefined {
    try {
      return this.#backfill.take(blocks)
    } catch (error) {
      throw asStoreError(error, this.directory)
    } finally {
      this.forgetHistory()
      Atomics.add(this.#commitCount, 0, 1)
    }
  }

  #growthBy(leaves: readonly LeafEntry[]): TreeGrowth {
    const planned = this.#planned
    this.#planned = undefined
    const isPlanned =
      planned?.leafHashes.length === leaves.length &&
      leaves.every(({ leafHash }, index) => equalBytes(leafHash, planned.leafHashes[index] as Uint8Array))
    if (planned && isPlanned) return planned
    const leafHashes = leaves.map(({ leafHash }) => leafHash)
    return growTree(treeHasher, this.frontier(), leafHashes)
  }

  /** A block that does not continue the log is our own bug, and must not reach the disk. */
  #expectNext({ head }: BlockToStore, growth: TreeGrowth): void {
    const height = this.#head ? this.#head.head.height + 1 : 0
    const { size } = growth.frontier
    if (head.height !== height) throw new Error(`Height ${head.height} does not follow ${height - 1}.`)
    if (head.size !== size) throw new Error(`Size ${head.size} is not the log's ${size}.`)
    if (!equalBytes(head.root, growth.root)) throw new Error(`The root at height ${height} is not the log's.`)
  }

  #writeFiles(block: BlockToStore, { firstLeaf, traces }: ChangesToStore, growth: TreeGrowth): BlockPlace {
    const bytes = this.#encodeBlock(block, firstLeaf, traces)
    const at = this.log.place(this.#head?.logEnd ?? logStart, bytes.length)
    this.log.write(at, bytes)
    for (const part of growth.tiles) this.tiles.write(part)
    this.log.flush()
    return { ...at, height: block.head.height, firstLeaf, count: traces.count, length: bytes.length }
  }

  #writeState({ head, boundary }: BlockToStore, changes: Buffer, place: BlockPlace, next: CommittedHead): void {
    const { recent } = this
    const settled = readMark(this.settled).height
    recent.environment.transact(() => {
      for (let height = this.#cleared + 1; height <= settled; height++) recent.changes.remove(numberKey(height))
      recent.changes.put(numberKey(head.height), changes)
      if (boundary) writeBoundary(recent, head.height, head.size)
      writeBlockPlace(recent, place)
      writeHead(recent, next)
    })
    this.#cleared = settled
  }

  /** Lets go of what is settled, here or in another thread. */
  #letGo(): void {
    this.settled.environment.renew()
    this.state.settledUpTo(readMark(this.settled).height)
  }

  /** Nothing is cut away before it is certain that it was never acknowledged. What is settled had been committed too. */
  #expectAcknowledged(settled: number): void {
    const acknowledged = Math.max(this.#witness.height() ?? -1, settled)
    const head = this.#head?.head.height ?? -1
    if (acknowledged <= head) return
    throw new StoreDamaged({
      code: 'state_damaged',
      file: 'state/recent/data.mdb',
      at: `height ${head}`,
      advice:
        `Block ${acknowledged} was acknowledged (state/${witnessName}) and the state database does not know it any more. ` +
        'Nothing was changed. Keep a copy of the directory and rebuild the state from the log, which has the block.',
    })
  }

  #cutBack(): void {
    this.log.cut(this.#head?.logEnd ?? logStart)
    this.tiles.cut(this.frontier().size)
  }

  /** After a failed commit. What cannot be cut now is overwritten by the next commit, or cut at the next start. */
  #cutBackIfPossible(): void {
    try {
      this.#cutBack()
    } catch {}
  }

  override close(): void {
    super.close()
    this.#witness.close()
  }
}
