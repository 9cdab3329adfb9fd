/**
 * One member of a consortium, as a program that a test can kill: the application over a real store under the till's
 * rules, and a real CometBFT beside it, supervised together. It is told by messages what to submit and tells what became
 * of it.
 */
import { join } from 'node:path'
import type { Ed25519PublicJwk } from '@chengxin/crypto'
import { createSigner } from '@chengxin/crypto/node'
import { lockRealm } from '../../packages/ledger/src/execution/realm.ts'
import type { ClaimedSnapshot } from '../../packages/ledger/src/joining/endorsed-boundaries.ts'
import { servedSnapshots } from '../../packages/ledger/src/joining/served-snapshots.ts'
import type { LedgerApplication, Transaction } from '../../packages/ledger/src/ordering/application.ts'
import type { BlockSignatures } from '../../packages/ledger/src/ordering/cometbft/driver.ts'
import { CometClient } from '../../packages/ledger/src/ordering/cometbft/engine-client.ts'
import { type EngineHome, writeEngineHome } from '../../packages/ledger/src/ordering/cometbft/engine-home.ts'
import { enginePart } from '../../packages/ledger/src/ordering/cometbft/engine-program.ts'
import { CometOrdering } from '../../packages/ledger/src/ordering/cometbft/ordering.ts'
import { type Ending, type Part, superviseTogether } from '../../packages/ledger/src/ordering/cometbft/supervise.ts'
import { openDrivenTill } from '../../packages/ledger/src/ordering/cometbft/testing/driven-till.ts'
import type { BlockRequest } from '../../packages/ledger/src/ordering/port.ts'
import { Checkpoints } from '../../packages/ledger/src/pipeline/checkpoints.ts'
import { type BlockToStore, type Store, StoreFull } from '../../packages/ledger/src/storage/face.ts'
import { describeSnapshots } from '../../packages/ledger/src/storage/snapshot/stored-snapshots.ts'
import { openStateSettler, openStore } from '../../packages/ledger/src/storage/store.ts'
import { eve, tillGenesis, tillGroup } from '../../packages/ledger/src/testing/till-group.ts'
import { logKeyOf, manneredSnapshots } from './snapshot-manners.ts'

/** What a member is given as its argument, as JSON. */
export interface MemberSettings {
  readonly directory: string
  readonly engine: string
  readonly home: EngineHome
  /** By how much its application's clock differs; the engine's own is the machine's. */
  readonly clockOffsetMs: number
  /** Absent: it takes no snapshots. */
  readonly snapshots?: SnapshotManners
}

/** How a member serves its snapshots: as they are, or with chunks or contents that are not those it took. */
export type SnapshotManners = 'honest' | 'truncates' | 'swaps' | 'oversizes' | 'renames' | 'forges'

export type ToMember =
  | { readonly ask: 'submit'; readonly ticket: number; readonly transaction: string }
  | { readonly ask: 'position'; readonly ticket: number }
  | { readonly ask: 'snapshots'; readonly ticket: number }
  /** From now on it serves its snapshots so. */
  | { readonly ask: 'manners'; readonly ticket: number; readonly manners: SnapshotManners }
  | { readonly ask: 'header'; readonly ticket: number; readonly height: number }
  | { readonly ask: 'crash'; readonly ticket: number; readonly at: CrashPoint }
  | { readonly ask: 'differ'; readonly ticket: number }
  /** From now on its disk has no room, or has room again. */
  | { readonly ask: 'disk'; readonly ticket: number; readonly isFull: boolean }

/** Where a member ends itself as a power cut would: before it has answered FinalizeBlock, or on either side of its commit. */
export type CrashPoint = 'in FinalizeBlock' | 'before the commit' | 'after the commit'

export type FromMember =
  | { readonly tell: 'ready' }
  | { readonly tell: 'engine'; readonly pid: number }
  | { readonly tell: 'ended'; readonly sentence: string }
  | { readonly tell: 'halted'; readonly sentence: string }
  | { readonly tell: 'stopped'; readonly sentence: string }
  | { readonly tell: 'answer'; readonly ticket: number; readonly answer: unknown }

export interface Outcome {
  readonly code: string
  readonly height?: number
  readonly leafIndex?: number
}

export interface Position {
  readonly height: number
  /** Votes that each validator has, by the last commit that the engine told of. */
  readonly powers: readonly number[]
  readonly size: number
  /** Agreed hashes of all blocks from zero. */
  readonly hashes: readonly string[]
}

// As the thread does that owns a ledger: everything here must work among frozen intrinsics.
lockRealm()
const settings = JSON.parse(process.argv[2] as string) as MemberSettings
const clock = () => Date.now() + settings.clockOffsetMs
const client = new CometClient(settings.home.rpc)
const later = (step: () => void, milliseconds: number) => void setTimeout(step, milliseconds).unref()
let open: { readonly store: Store; readonly ordering: CometOrdering<number> } | undefined

function tell(message: FromMember): void {
  process.send?.(message)
}

function answer(ticket: number, value: unknown): void {
  tell({ tell: 'answer', ticket, answer: value })
}

let crashPoint: CrashPoint | undefined
let isDiskFull = false
let manners = settings.snapshots
/** From now on this member comes to another hash than the others, as one with other rules would. */
let isDiffering = false
const otherHash = Buffer.alloc(32, 1).toString('base64url')

function crashIf(at: CrashPoint): void {
  if (crashPoint === at) process.kill(process.pid, 'SIGKILL')
}

/** The store as it is, with points at which the process can end. */
function mortal(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target) as unknown
      if (typeof member !== 'function') return member
      if (name === 'rootAfter') crashIf('in FinalizeBlock')
      if (name !== 'commit') return member.bind(target) as unknown
      return (block: BlockToStore) => {
        crashIf('before the commit')
        if (isDiskFull) throw new StoreFull('There is no room left.')
        target.commit(block)
        crashIf('after the commit')
      }
    },
  })
}

/**
 * Who validates, as rules would have it: eve's till of more than a hundred gives the last member a second vote. Read from
 * what has been executed, the block that is not committed yet included.
 */
function followValidators(till: LedgerApplication, store: Store) {
  const { validators } = settings.home
  const last = validators.at(-1)?.key ?? ''
  let isRich = hasRichTill(store)
  const application = new Proxy(till, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target) as unknown
      if (typeof member !== 'function') return member
      if (name !== 'finalizeBlock') return member.bind(target) as unknown
      return (request: BlockRequest<Transaction>) => {
        const answer = target.finalizeBlock(request)
        isRich = hasRichTill(store) || answer.results.some(({ events }) => events?.includes('"amount":"101"'))
        return isDiffering ? { ...answer, agreedHash: otherHash } : answer
      }
    },
  })
  const set = () => new Map(validators.map(({ key, power }) => [key, key === last && isRich ? power + 1 : power]))
  return { application, validators: set }
}

function hasRichTill(store: Store): boolean {
  const row = store.row(`till/tills/${eve.did}`)
  return row !== undefined && Number((JSON.parse(row) as { readonly amount: string }).amount) > 100
}

/** Takes a snapshot at each boundary, in the thread of the application: here nobody waits for a commit. */
function takeSnapshots(directory: string): void {
  if (settings.snapshots === undefined) return
  const settler = openStateSettler(directory)
  settler.settle((boundary) => void boundary.writeSnapshot(tillGroup))
  settler.close()
}

/** The application with what this member has, or pretends to have, for members that join. */
function withSnapshots(application: LedgerApplication, directory: string): LedgerApplication {
  if (settings.snapshots === undefined) return application
  return new Proxy(application, {
    get: (target, name) => {
      const calls = manneredSnapshots(manners ?? 'honest', servedSnapshots(directory))
      const own = (calls as Partial<Record<PropertyKey, unknown>>)[name] ?? Reflect.get(target, name, target)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    },
  })
}

function claims(directory: string, store: Store): readonly ClaimedSnapshot[] {
  const index = settings.home.moniker
  const { jwk, sign } = createSigner(logKeyOf(index))
  const checkpoints = new Checkpoints(tillGenesis.origin, { log: { jwk: jwk as Ed25519PublicJwk, sign } }, clock)
  return describeSnapshots(directory).flatMap(({ height, size, timeMs }) => {
    const [root, state] = [store.headAt(height)?.root, store.stateRootAt(size)]
    const isAgreed = (store.head()?.stateRoot?.size ?? 0) >= size
    if (root === undefined || state === undefined || !isAgreed) return []
    const { state: stateNote, log } = checkpoints.ofBoundary(size, state, root, timeMs)
    return [{ memberId: index, height, notes: { state: stateNote, log } }]
  })
}

const application: Part = {
  name: 'the application',
  start: async () => {
    const directory = join(settings.directory, 'ledger')
    const store = mortal(openStore(directory, { createFresh: true }))
    let end: (ending: Ending) => void = () => {}
    const ended = new Promise<Ending>((resolve) => {
      end = resolve
    })
    const ordering = new CometOrdering<number>({
      ...followValidators(withSnapshots(openDrivenTill(store, clock), directory), store),
      peers: { admitsAddress: () => true, admitsId: (id) => settings.home.peers.some((peer) => peer.id === id) },
      chain: { chainId: tillGroup, genesisTimeMs: tillGenesis.createdAtMs },
      clock,
      queue: settings.home.queue,
      address: settings.home.abci,
      client,
      later,
      observer: {
        onBlock: ({ height, transactions }) => {
          takeSnapshots(directory)
          for (const { tickets, result } of transactions) {
            for (const ticket of tickets) answer(ticket, { code: result.code, height, leafIndex: result.leafIndex })
          }
        },
        onRejected: (tickets, code) => {
          for (const ticket of tickets) answer(ticket, { code })
        },
        onPending: (tickets) => {
          for (const ticket of tickets) answer(ticket, { code: 'pending' })
        },
        onMisbehaviour: () => {},
        onEngineFault: (error) => console.error(error),
        onFull: (error) => console.error(error),
        onRoom: () => {},
        onHalt: (error) => {
          tell({ tell: 'halted', sentence: String(error) })
          end({ sentence: String(error), isFinal: true })
        },
      },
    })
    ordering.start()
    await ordering.listen()
    open = { store, ordering }
    void awaitReady(ordering)
    return {
      ended,
      stop: async () => {
        open = undefined
        await ordering.close()
        store.close()
        end({ sentence: 'It was stopped.' })
      },
    }
  },
}

async function awaitReady(ordering: CometOrdering<number>): Promise<void> {
  while (open?.ordering === ordering) {
    if (ordering.isReady) return tell({ tell: 'ready' })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function position(store: Store, signatures: BlockSignatures | undefined): Position {
  const { height = 0, size = 0 } = store.head() ?? {}
  const hashes = Array.from({ length: height + 1 }, (_none, at) =>
    Buffer.from(store.block(at)?.agreedHash ?? []).toString('base64url'),
  )
  const powers = (signatures?.lastCommit.votes ?? []).map(({ power }) => power).sort((one, other) => one - other)
  return { height, size, powers, hashes }
}

process.on('message', (message: ToMember) => {
  const { ticket } = message
  if (open === undefined) return answer(ticket, { code: 'catching_up' })
  if (message.ask === 'position') return answer(ticket, position(open.store, open.ordering.signatures))
  if (message.ask === 'snapshots') return answer(ticket, claims(join(settings.directory, 'ledger'), open.store))
  if (message.ask === 'manners') {
    manners = message.manners
    return answer(ticket, {})
  }
  if (message.ask === 'differ') {
    isDiffering = true
    return answer(ticket, {})
  }
  if (message.ask === 'disk') {
    isDiskFull = message.isFull
    return answer(ticket, {})
  }
  if (message.ask === 'crash') {
    crashPoint = message.at
    return answer(ticket, {})
  }
  if (message.ask === 'header') {
    void client.header(message.height).then((header) => answer(ticket, header ?? null))
    return
  }
  const { code } = open.ordering.submit(message.transaction, ticket)
  if (code !== 'ok') answer(ticket, { code })
})

const stop = new AbortController()
process.on('disconnect', () => stop.abort())
writeEngineHome(settings.home)
const end = await superviseTogether({
  parts: [
    application,
    enginePart({
      path: settings.engine,
      home: settings.home.directory,
      rpc: settings.home.rpc,
      onLine: (line) => console.error(line),
      onStarted: (pid) => tell({ tell: 'engine', pid }),
    }),
  ],
  signal: stop.signal,
  onEnd: ({ part, sentence }) => tell({ tell: 'ended', sentence: `${part}: ${sentence}` }),
  pauses: { firstMs: 300, longestMs: 2_000, forgetAfterMs: 5_000 },
})
if (end !== undefined) tell({ tell: 'stopped', sentence: `${end.part}: ${end.sentence}` })
process.exit(0)
