/**
 * A member's first start from a snapshot: its engine syncs the state from the others and checks headers by itself, while
 * the application here takes only what enough members have signed. When both have the same height everything is stopped,
 * and the ledger is opened as after any other stop. What an attempt that ended has left is removed before the next.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
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
  /** Asks members what they have signed by now: snapshots are pruned while an engine looks for them. */
  readonly askAgain?: () => Promise<readonly EndorsedBoundary[]>
  readonly onStep?: (step: JoinStep) => void
  readonly signal: AbortSignal
}

/** It did not come to its end; the sentence says why. It may be tried again. */
export class JoinFailed extends Error {
  override readonly name = 'JoinFailed'
}

const askAgainEveryMs = 10_000
/** Engines wait two minutes for a chunk before they turn to another snapshot. */
const longestSilenceMs = 300_000

/** What the engine remembers of the chain. What it has signed is never touched. */
const engineParts = ['blockstore.db', 'state.db', 'evidence.db', 'tx_index.db', 'cs.wal']

/** Resolves with the head that was restored. Throws `JoinFailed`. */
export async function joinBySnapshot(options: JoinBySnapshotOptions): Promise<StoredHead> {
  const { directory, program, home, signal } = options
  clearStore(directory)
  for (const part of engineParts) fs.rmSync(join(home.directory, 'data', part), { recursive: true, force: true })
  writeEngineHome(home)
  const outcome = new Outcome<StoredHead>()
  const silence = new Silence(() => outcome.fail(new JoinFailed('Nothing has come from the others for long.')))
  const joining = new SnapshotJoin({
    directory,
    group: options.group,
    boundaries: options.boundaries,
    peers: { admitsAddress: () => true, admitsId: (id) => home.peers.some((peer) => peer.id === id) },
    onStep: (step) => {
      silence.hear(step)
      options.onStep?.(step)
    },
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
  const asking = new AbortController()
  const asked = learnAgain(joining, options, asking.signal).then((isStale) => {
    if (isStale) outcome.fail(new JoinFailed('Members have signed newer snapshots than this member began with.'))
  })
  try {
    return await outcome.settled
  } finally {
    signal.removeEventListener('abort', abort)
    silence.end()
    asking.abort()
    await asked
    // Without its application the engine ends by itself, wherever it stands.
    await server.close()
    await running.stop()
  }
}

/** Asks now and then until the signal; true as soon as the engine must begin anew to be offered what is signed by now. */
async function learnAgain(
  joining: SnapshotJoin,
  { askAgain }: JoinBySnapshotOptions,
  signal: AbortSignal,
): Promise<boolean> {
  while (askAgain !== undefined && !signal.aborted) {
    await delay(askAgainEveryMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return false
    const boundaries = await untilAbort(askAgain(), signal)
    if (boundaries !== undefined && !joining.learn(boundaries)) return true
  }
  return false
}

/** Who is slow to answer holds up nobody who stops. */
function untilAbort<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    answer.then(resolve, reject)
  })
}

/** Ends an attempt in which nothing happens: who was asked for headers or chunks may be gone for good. */
class Silence {
  readonly #onLong: () => void
  #timer: NodeJS.Timeout

  constructor(onLong: () => void) {
    this.#onLong = onLong
    this.#timer = setTimeout(onLong, longestSilenceMs)
  }

  hear({ step }: JoinStep): void {
    clearTimeout(this.#timer)
    // What is complete is checked by the engine, which has all the time it wants.
    if (step !== 'complete') this.#timer = setTimeout(this.#onLong, longestSilenceMs)
  }

  end(): void {
    clearTimeout(this.#timer)
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
