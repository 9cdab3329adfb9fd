/**
 * The read model follows its ledger: open the database, find the cursor or build anew, fold batches, and begin again
 * after any failure. Nothing here makes the ledger wait, and nothing here needs an operator.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommittedBlock, SqlValue } from '@chengxin/module-kit'
import { createBatchWriter } from './batch-writer.ts'
import { type BlockFeed, createBlockFeed } from './block-feed.ts'
import { beforeGenesis, type Cursor, cursorAfter, readCursor, recreateSteps } from './cursor.ts'
import { type Engine, EngineError } from './engine.ts'
import { type Projection, type ProjectionOptions, type ProjectionStatus, ReadModelUnavailable } from './face.ts'
import { createFolder } from './fold.ts'
import { openDatabase, schemaOf, setDatabaseAside } from './open-database.ts'
import { createGate, createHeightWaiters } from './waiting.ts'

const defaultBatchEvents = 5_000
const defaultGatherMs = 1_000
/** A batch of fewer rows is a sign of little load: the next is written as soon as it is there. */
const manyRows = 256
const retryMs = { first: 250, longest: 30_000 }
const queryWaitsMs = 10_000

/** Starts the read model; it opens, or is rebuilt, in the background. */
export async function openProjection(options: ProjectionOptions): Promise<Projection> {
  const { source, database, now = Date.now, notice = () => {}, batchEvents = defaultBatchEvents } = options
  const { gatherMs = defaultGatherMs } = options
  const schema = schemaOf(database, source.groupId)
  const folder = createFolder(options.presentations, options.decodeEvent, options.revision ?? '')
  const shape = createHash('sha256').update(folder.definition).digest('base64url')
  const closing = new AbortController()
  const waiters = createHeightWaiters()
  const gate = createGate()

  let engine: Engine | undefined
  let feed: BlockFeed | undefined
  let cursor: Cursor = beforeGenesis
  let firstUnfolded: CommittedBlock | undefined
  let rebuilding = false
  let failure: string | undefined
  /** Why what is stored must go: an operator asked, or a reader met corruption. */
  let distrust: 'asked' | EngineError | undefined
  const doubts = (): typeof distrust => distrust
  const rebuildWaiters: { begin(): void; giveUp(error: Error): void }[] = []

  /** Opens the database and finds where to go on; whatever cannot be trusted is dropped. */
  const start = async (): Promise<Engine> => {
    const opened = await openDatabase(database, schema)
    try {
      const known = distrust === undefined ? await readCursor(opened, source, shape) : undefined
      if (known === undefined) {
        rebuilding = true
        notice('info', 'The read model is missing, or of another shape or history: it is built from block zero.')
        await opened.transact(recreateSteps(schema, folder, source.groupId, shape))
        distrust = undefined
      }
      cursor = known ?? beforeGenesis
      if (known === undefined) for (const waiter of rebuildWaiters.splice(0)) waiter.begin()
      return opened
    } catch (error) {
      await opened.close()
      throw error
    }
  }

  const reach = (to: Cursor, blocks: BlockFeed): void => {
    cursor = to
    firstUnfolded = blocks.next()
    if (to.height >= source.headHeight()) rebuilding = false
    waiters.reached(to.height)
  }

  /** Folds until the feed is closed or something fails. One batch is written while the next is read and folded. */
  const follow = async (opened: Engine, blocks: BlockFeed): Promise<void> => {
    const writer = createBatchWriter(opened)
    let written: Promise<void> = Promise.resolve()
    let position = cursor
    let gatherUntilMs = 0
    for (;;) {
      const gatherForMs = gatherUntilMs - performance.now()
      if (gatherForMs > 0 && !waiters.wantBeyond(position.height))
        await Promise.race([blocks.gather(batchEvents, gatherForMs), failureOf(written)])
      const taken = await Promise.race([blocks.take(batchEvents), failureOf(written)])
      if (taken.length === 0) return written
      firstUnfolded ??= taken[0]
      const from = position
      position = cursorAfter(taken, from)
      const to = position
      const changes = await folder.fold(taken)
      await written
      const rows = changes.reduce((sum, change) => sum + change.rows.size, 0)
      gatherUntilMs = rows < manyRows ? 0 : performance.now() + gatherMs
      written = writer.write(changes, from, to).then(() => reach(to, blocks))
    }
  }

  const session = async (): Promise<void> => {
    const opened = await start()
    // Asked to rebuild or to close while it opened: begin again, or not at all.
    if (distrust !== undefined || closing.signal.aborted) return opened.close()
    const from = cursor.height + 1
    const blocks = createBlockFeed((signal) => source.blocks(from, signal), batchEvents * 2)
    engine = opened
    feed = blocks
    failure = undefined
    firstUnfolded = undefined
    gate.open()
    waiters.reached(cursor.height)
    if (cursor.height >= source.headHeight()) rebuilding = false
    try {
      await follow(opened, blocks)
    } finally {
      gate.shut()
      blocks.close()
      engine = undefined
      feed = undefined
      await opened.close().catch(() => {})
    }
    const reason = doubts()
    if (reason instanceof EngineError) throw reason
    if (reason === undefined && !closing.signal.aborted) throw new Error('The ledger gives no more blocks.')
  }

  const recover = (error: unknown): void => {
    const fault = error instanceof EngineError ? error.fault : 'refused'
    failure = error instanceof Error ? error.message : String(error)
    if (fault !== 'corrupted' && fault !== 'missing') {
      notice(fault === 'unavailable' ? 'warn' : 'error', `The read model waits and tries again. ${failure}`)
      return
    }
    notice('warn', `The read model cannot be trusted and is rebuilt. ${failure}`)
    distrust = 'asked'
    rebuilding = true
    if (fault === 'corrupted') setDatabaseAside(database)
  }

  const run = async (): Promise<void> => {
    let wait = retryMs.first
    while (!closing.signal.aborted) {
      const heightBefore = cursor.height
      try {
        await session()
      } catch (error) {
        if (closing.signal.aborted) return
        recover(error)
        // Progress since the last failure means that trying again soon is worth it.
        wait = cursor.height > heightBefore ? retryMs.first : Math.min(wait * 2, retryMs.longest)
        await sleep(wait, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }
  const running = run()

  const query = async (text: string, parameters: readonly SqlValue[] = []) => {
    if (engine === undefined && failure === undefined) await gate.passed(queryWaitsMs)
    if (engine === undefined) throw new ReadModelUnavailable(failure ?? 'The read model is not open yet.')
    try {
      return await engine.query(text, parameters)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      if (error.fault === 'corrupted') {
        distrust ??= error
        feed?.close()
      }
      if (error.fault === 'corrupted' || error.fault === 'unavailable') throw new ReadModelUnavailable(error.message)
      throw error
    }
  }

  return {
    sql: { query },
    status: () => {
      const lagBlocks = Math.max(0, source.headHeight() - cursor.height)
      const oldest = firstUnfolded ?? feed?.next()
      const lagMs = lagBlocks === 0 || oldest === undefined ? 0 : Math.max(0, now() - oldest.timeMs)
      const state: ProjectionStatus['state'] =
        failure !== undefined ? 'failed' : rebuilding ? 'rebuilding' : lagBlocks === 0 ? 'current' : 'catching_up'
      const detail = failure === undefined ? {} : { detail: failure }
      return { height: cursor.height, lagBlocks, lagMs, state, engine: database.kind, ...detail }
    },
    reached: (height, signal) => {
      feed?.hurry()
      return waiters.wait(height, () => cursor.height, signal)
    },
    rebuild: async () => {
      if (closing.signal.aborted) throw new Error('The read model is closed.')
      const head = source.headHeight()
      distrust ??= 'asked'
      const begun = new Promise<void>((begin, giveUp) => rebuildWaiters.push({ begin, giveUp }))
      feed?.close()
      await begun
      await waiters.wait(head, () => cursor.height)
    },
    close: async () => {
      closing.abort()
      feed?.close()
      waiters.end()
      for (const waiter of rebuildWaiters.splice(0)) waiter.giveUp(new Error('The read model is closed.'))
      await running
    },
  }
}

/** Never resolves: a failed write ends the wait for blocks, which on a silent ledger could be long. */
function failureOf(written: Promise<void>): Promise<never> {
  return new Promise((_resolve, reject) => {
    written.catch(reject)
  })
}
