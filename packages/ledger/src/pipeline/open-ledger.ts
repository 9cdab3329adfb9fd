/** Opens a group's ledger and puts its parts together, in this thread or over several. */
import { availableParallelism } from 'node:os'
import { createVerifier } from '@chengxin/crypto/node'
import type { GenesisDocument, Host, Ruleset } from '@chengxin/module-kit'
import { shelveRuleset } from '../execution/bundle-shelf.ts'
import { indexRuleset, type RulesIndex } from '../execution/rules-index.ts'
import type { Health, Ledger } from '../face.ts'
import { CometClient, type EngineClient } from '../ordering/cometbft/engine-client.ts'
import { peerId } from '../ordering/cometbft/engine-home.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import { openStore } from '../storage/store.ts'
import { openStoreReader } from '../storage/store-reader.ts'
import { type CheckpointKeys, Checkpoints } from './checkpoints.ts'
import type { ConsensusPlace } from './consensus.ts'
import { ConsensusView } from './consensus-view.ts'
import { CutOff } from './cut-off.ts'
import { type Alarm, LedgerEngine } from './engine.ts'
import { holdToFirstLeaf, holdToGenesis } from './founding.ts'
import { InlinePipeline } from './inline-pipeline.ts'
import { LedgerFace } from './ledger-face.ts'
import type { SnapshotPolicy } from './messages.ts'
import { type EngineToRun, runEngine } from './run-engine.ts'
import { ThreadedPipeline } from './threaded-pipeline.ts'
import { type WorkerUrl, workerUrl } from './worker-url.ts'

export interface OpenLedgerOptions {
  /** The group's own directory: log, tiles, state, snapshots, rulesets and genesis.json lie in it. */
  readonly directory: string
  readonly genesis: GenesisDocument
  readonly keys: CheckpointKeys
  readonly queue?: QueueLimits
  /** Decoded rows that execution keeps at hand, about. */
  readonly cachedRows?: number
  /** Told once when the ledger stops for good: it must be said loudly. */
  readonly onStopped?: (health: Health) => void
  /** Told of what an operator must hear though the ledger goes on. */
  readonly onAlarm?: (alarm: Alarm) => void
  /** Snapshots for members that join: two, one each quarter of an hour, if absent. A ledger in one thread takes none. */
  readonly snapshots?: SnapshotPolicy
  /** How transactions are put in order: by members together where this is given, else by this process alone. */
  readonly consensus?: ConsensusChoice
}

/** CometBFT orders. */
export interface ConsensusChoice extends ConsensusPlace {
  /** The engine's name and version, for people. */
  readonly engine: string
  /** The engine to start, and to stop with the ledger. Absent: it is somebody else's to run. */
  readonly run?: EngineToRun
}

export interface InlineLedgerOptions extends OpenLedgerOptions {
  /** Every ruleset that the group ever activated, with the hash that names it. */
  readonly rulesets: readonly { readonly ruleset: Ruleset; readonly hash: string }[]
  /** Milliseconds since 1970; the system's clock if absent. */
  readonly clock?: () => number
  /** What rules may call. */
  readonly host: Host
  /** Speaks to the engine of consensus instead of its RPC. */
  readonly engineClient?: EngineClient
}

export interface ThreadedLedgerOptions extends OpenLedgerOptions {
  /** The built ruleset that this program carries: put on the group's shelf, where older ones stay. */
  readonly rulesetBundle: string
  /** Threads that admit; as many as there are processors if absent. */
  readonly admissionThreads?: number
  readonly workerUrl?: WorkerUrl
}

export const defaultQueue: QueueLimits = { transactions: 20_000, bytes: 32 * 1024 * 1024 }
export const defaultCachedRows = 200_000
const defaultSnapshots: SnapshotPolicy = { kept: 2, everyMs: 15 * 60_000 }

/** Everything in the calling thread, rules as they are imported: for unit tests and small tools. */
export async function openInlineLedger(options: InlineLedgerOptions): Promise<Ledger> {
  const { directory, genesis, keys, clock = Date.now, queue = defaultQueue, cachedRows = defaultCachedRows } = options
  holdToGenesis(directory, genesis)
  const store = openStore(directory, { createFresh: true })
  const verifier = createVerifier()
  const { consensus } = options
  let face: LedgerFace | undefined
  const engine = new LedgerEngine({
    directory,
    store,
    genesis,
    rulesOf: rulesByHash(options.rulesets),
    host: options.host,
    verify: verifier.verify,
    clock,
    queue,
    cachedRows,
    consensus,
    engineClient: options.engineClient,
    listener: {
      onBlock: (report) => face?.onBlock(report),
      onRejected: (tickets, answer) => face?.onRejected(tickets, answer),
      onKnown: (ticket, id) => face?.onKnown(ticket, id),
      onPending: (tickets, id) => face?.onPending(tickets, id),
      onHealth: (health) => face?.onHealth(health),
      onConsensus: (report) => face?.onConsensus(report),
      onAlarm: (alarm) => face?.onAlarm(alarm),
    },
  })
  face = new LedgerFace({
    genesis,
    directory,
    reader: store,
    checkpoints: new Checkpoints(genesis.origin, keys, clock),
    queue,
    verifier: verifier.backends.EdDSA,
    start: engine.start(),
    ...watchers(options, clock, options.engineClient),
  })
  await engine.listen()
  face.connect(new InlinePipeline(engine))
  return ofItsGroup(face, directory)
}

/** Execution, admission and settling in threads of their own, rules in their realm: what a node runs. */
export async function openLedger(options: ThreadedLedgerOptions): Promise<Ledger> {
  const { directory, genesis, keys, queue = defaultQueue, cachedRows = defaultCachedRows } = options
  const { snapshots = defaultSnapshots } = options
  holdToGenesis(directory, genesis)
  shelveRuleset(directory, options.rulesetBundle)
  const pipeline = await ThreadedPipeline.start({
    setup: { directory, genesis, queue, cachedRows, consensus: placeOf(options), snapshots },
    admissionThreads: options.admissionThreads ?? availableParallelism(),
    workerUrl: options.workerUrl ?? workerUrl,
  })
  const { started } = pipeline
  const watching = watchers(options, Date.now)
  const face = new LedgerFace({
    genesis,
    directory,
    reader: openStoreReader(directory, started.commits),
    checkpoints: new Checkpoints(genesis.origin, keys, Date.now),
    queue,
    verifier: started.verifier,
    start: started.report,
    ...watching,
  })
  face.connect(pipeline)
  pipeline.listen(face)
  return startEngine(await ofItsGroup(face, directory), options, queue, watching.consensus)
}

function watchers({ consensus, onStopped, onAlarm }: OpenLedgerOptions, clock: () => number, client?: EngineClient) {
  return {
    clock,
    onStopped: onStopped ?? (() => {}),
    onAlarm: onAlarm ?? (() => {}),
    consensus: consensus && new ConsensusView(consensus.engine, client ?? new CometClient(consensus.rpc)),
  }
}

/** Without what a thread cannot be given. */
function placeOf({ consensus }: OpenLedgerOptions): ConsensusPlace | undefined {
  if (consensus === undefined) return undefined
  const { abci, rpc, peers } = consensus
  return { abci, rpc, peers }
}

/** The engine is started last: it asks where the ledger stands, and is told at once. */
async function startEngine(
  face: LedgerFace,
  options: OpenLedgerOptions,
  queue: QueueLimits,
  view: ConsensusView | undefined,
): Promise<Ledger> {
  const { consensus, genesis } = options
  if (consensus?.run === undefined) return face
  try {
    const running = runEngine({
      genesis,
      place: consensus,
      queue,
      engine: consensus.run,
      onAlarm: (alarm) => face.onAlarm(alarm),
      onStopped: (health) => face.onHealth(health),
    })
    face.stopFirst(() => running.stop())
    view?.cutOffBy(
      new CutOff({
        self: peerId(consensus.run.home.keys.node),
        clock: Date.now,
        isAtHead: () => face.health().status === 'ok' && (face.consensus()?.behind ?? 0) <= 1,
        restart: (former) => {
          face.onAlarm({ code: 'former_member_cut_off', sentence: cutOffSentence(former) })
          running.restart()
        },
      }),
    )
    return face
  } catch (error) {
    await face.close()
    throw error
  }
}

function cutOffSentence(former: readonly string[]): string {
  return `Engines that belong to no member any more are connected: ${former.join(', ')}. Ours is started again to end that.`
}

async function ofItsGroup(face: LedgerFace, directory: string): Promise<LedgerFace> {
  try {
    holdToFirstLeaf({ groupId: face.groupId, leaf: (index) => face.leaf(index) }, directory)
    return face
  } catch (error) {
    await face.close()
    throw error
  }
}

function rulesByHash(rulesets: InlineLedgerOptions['rulesets']): (hash: string) => RulesIndex {
  const indexed = new Map(rulesets.map(({ ruleset, hash }) => [hash, indexRuleset(ruleset, hash)]))
  return (hash) => {
    const rules = indexed.get(hash)
    if (rules === undefined) throw new Error(`The group's rules ${hash} are not installed on this node.`)
    return rules
  }
}
