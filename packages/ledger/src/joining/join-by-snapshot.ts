/**
 * A member's first start from a snapshot: its engine syncs the state from the others and checks headers by itself, while
 * the application here takes only what enough members have signed. When both have the same height everything is stopped,
 * and the ledger is opened as after any other stop. What an attempt that ended has left is removed before the next.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { type EngineHome, type StateSync, writeEngineHome } from '../ordering/cometbft/engine-home.ts'
import { enginePart } from '../ordering/cometbft/engine-program.ts'
import { AbciServer } from '../ordering/cometbft/server.ts'
import type { EngineToRun } from '../pipeline/run-engine.ts'
import type { StoredHead } from '../storage/face.ts'
import { clearStore } from './clear-store.ts'
import type { EndorsedBoundary } from './endorsed-boundaries.ts'
import { type JoinStep, SnapshotJoin } from './snapshot-join.ts'

export interface JoinBySnapshotOptions {
  /** The group's own directory. What it has of a log and a state is removed. */
  readonly directory: string
  readonly group: string
  /** The engine's program, and each line of its log. */
  readonly program: Pick<EngineToRun, 'path' | 'onLine'>
  readonly home: EngineHome & { readonly stateSync: StateSync }
  readonly boundaries: readonly EndorsedBoundary[]
  readonly onStep?: (step: JoinStep) => void
  readonly signal: AbortSignal
}

/** It did not come to its end; the sentence says why. It may be tried again. */
export class JoinFailed extends Error {
  override readonly name = 'JoinFailed'
}

/** What the engine remembers of the chain. What it has signed is never touched. */
const engineParts = ['blockstore.db', 'state.db', 'evidence.db', 'tx_index.db', 'cs.wal']

/** Resolves with the head that was restored. Throws `JoinFailed`. */
export async function joinBySnapshot(options: JoinBySnapshotOptions): Promise<StoredHead> {
  const { directory, program, home, signal } = options
  clearStore(directory)
  for (const part of engineParts) fs.rmSync(join(home.directory, 'data', part), { recursive: true, force: true })
  writeEngineHome(home)
  const outcome = new Outcome<StoredHead>()
  const joining = new SnapshotJoin({
    directory,
    group: options.group,
    boundaries: options.boundaries,
    peers: { admitsAddress: () => true, admitsId: (id) => home.peers.some((peer) => peer.id === id) },
    ...(options.onStep && { onStep: options.onStep }),
    onRestored: (head) => outcome.succeed(head),
    onFailed: (error) => outcome.fail(error),
  })
  const server = new AbciServer({ address: home.abci, handle: joining.handle, onFault: (error) => outcome.fail(error) })
  await server.listen()
  const onLine = (line: string) => {
    program.onLine?.(line)
    // The engine says so and then waits for ever.
    if (/State sync failed/.test(line)) outcome.fail(new JoinFailed(`The engine gave up: ${line}`))
  }
  const running = await enginePart({ path: program.path, home: home.directory, rpc: home.rpc, onLine }).start()
  void running.ended.then(({ sentence }) => outcome.fail(new JoinFailed(sentence)))
  const abort = () => outcome.fail(new JoinFailed('It was stopped.'))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await outcome.settled
  } finally {
    signal.removeEventListener('abort', abort)
    // Without its application the engine ends by itself, wherever it stands.
    await server.close()
    await running.stop()
  }
}

/** The first thing that happens counts. */
class Outcome<T> {
  succeed: (value: T) => void = () => {}
  fail: (error: unknown) => void = () => {}
  readonly settled: Promise<T>

  constructor() {
    this.settled = new Promise<T>((resolve, reject) => {
      this.succeed = resolve
      this.fail = reject
    })
    this.settled.catch(() => {})
  }
}
