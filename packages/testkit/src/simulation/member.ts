/**
 * One member: a disk, a process that comes and goes, and what its engine remembers. The process is the ledger's own
 * application behind the grammar of calls and behind the driver; only the engine is played.
 */
import { isRefusal, toBase64url } from '@chengxin/kernel'
import { admit } from '@chengxin/ledger/admission/admit'
import { openEnvelope } from '@chengxin/ledger/admission/envelope'
import { refuseEnvelopeSignature } from '@chengxin/ledger/admission/signature'
import { Executor } from '@chengxin/ledger/execution/executor'
import type { RulesIndex } from '@chengxin/ledger/execution/rules-index'
import { LedgerApplication, type SnapshotCalls, type Transaction } from '@chengxin/ledger/ordering/application'
import { AbciDriver, type DrivenApplication } from '@chengxin/ledger/ordering/cometbft/driver'
import type { AbciRequest, LastCommit, Misbehaviour } from '@chengxin/ledger/ordering/cometbft/requests'
import type { AbciResponse } from '@chengxin/ledger/ordering/cometbft/responses'
import { GrammarCheck } from '@chengxin/ledger/ordering/grammar'
import { Checkpoints } from '@chengxin/ledger/pipeline/checkpoints'
import type { Store } from '@chengxin/ledger/storage/face'
import { type Disk, ProcessEnded, type SimulatedStore } from './crash-store.ts'
import { Broken, nameOfMisbehaviour } from './invariants.ts'
import type { JoinerFault } from './joining.ts'
import type { Storage } from './storage.ts'
import {
  feeRules,
  logSignerOf,
  memberKeys,
  plainRules,
  startMs,
  townGenesis,
  townGroup,
  townHost,
  verify,
} from './town.ts'
import type { TownAnswers } from './town-rules.ts'
import { readByEngine, sentByEngine } from './wire.ts'

/** What a planted fault changes in the parts of a member: the proof that a simulation sees what it should. */
export interface Fault {
  readonly atOpen?: (disk: Disk) => void
  readonly store?: (store: SimulatedStore) => SimulatedStore
  readonly rules?: (rules: RulesIndex) => RulesIndex
  readonly application?: (application: LedgerApplication, store: SimulatedStore) => DrivenApplication
  /** The validators that the driver is told of. */
  readonly validators?: (set: ReadonlyMap<string, number>) => ReadonlyMap<string, number>
  /** What clients are told of a block that is final. */
  readonly told?: (block: Confirmed) => Confirmed
  /** What it notes of the misbehaviour that a block brings. */
  readonly noted?: (found: readonly Misbehaviour[]) => readonly Misbehaviour[]
  /** How it joins by a snapshot. */
  readonly joiner?: JoinerFault
}

export interface MemberOptions {
  readonly index: number
  readonly storage: Storage
  /** How far its clock is from the town's. */
  readonly skewMs: number
  readonly now: () => number
  readonly cachedRows: number
  readonly fault: Fault | undefined
  readonly onWire: boolean
  /** What it has of snapshots, for others. */
  readonly snapshots: (member: Member) => Pick<SnapshotCalls, 'listSnapshots' | 'loadSnapshotChunk'>
  /** A block that this member tells its clients about as final. */
  readonly onConfirmed: (member: Member, block: Confirmed) => void
}

export type Confirmed = Parameters<ConstructorParameters<typeof AbciDriver>[0]['listener']['onConfirmed']>[0]
export type Answer<Call extends AbciResponse['call'], Response = AbciResponse> = Response extends AbciResponse
  ? Call extends Response['call']
    ? Response
    : never
  : never

export interface Block {
  readonly height: number
  readonly timeMs: number
  readonly transactions: readonly string[]
  /** Who voted for the block before, who proposes this one, and whom the engines have caught. */
  readonly proposer: string
  readonly lastCommit: LastCommit
  readonly misbehaviour: readonly Misbehaviour[]
}

interface Process {
  readonly store: SimulatedStore
  readonly executor: Executor
  readonly driver: AbciDriver
}

/** So small that shares and a full queue are met. */
const queue = { transactions: 24, bytes: 24 * 1024 }
const noBytes = new Uint8Array(0)
/** Hash of a block, by which nothing here is decided. */
const someHash = new Uint8Array(32)

export class Member {
  readonly index: number
  readonly key: string
  storage: Storage
  readonly #options: MemberOptions
  /** The height whose state a snapshot has brought; nothing older is known here. */
  joinedAt = 0
  /** What the engine's block store holds: it keeps a block before it hands it to the application. */
  stored = 0
  /** Texts that wait in the engine's mempool. */
  mempool: string[] = []
  /** Misbehaviour that it has heard of, kept on its disk: by whom and where, each once. */
  readonly caught = new Set<string>()
  /** The height up to which `commit` has answered. */
  acknowledged = -1
  #process: Process | undefined
  /** Set while the store has no room: the engine waits for the answer of its commit. */
  #again: (() => void) | undefined
  #halted: unknown

  constructor(options: MemberOptions) {
    this.#options = options
    this.index = options.index
    this.key = memberKeys[options.index] as string
    this.storage = options.storage
  }

  get name(): string {
    return 'ABCDEFG'[this.index] as string
  }

  get isUp(): boolean {
    return this.#process !== undefined
  }

  get isWaitingForRoom(): boolean {
    return this.#again !== undefined
  }

  /** Its own opinion of what time it is. */
  get clock(): number {
    return this.#options.now() + this.#options.skewMs
  }

  /** Height of the last block that exists on its disk; −1 before genesis. */
  get height(): number {
    return this.storage.committed() - 1
  }

  get store(): SimulatedStore {
    return this.#running().store
  }

  /** Who validates by the state as this process sees it. */
  validators(): ReadonlyMap<string, number> {
    return (this.#running().executor.identity as TownAnswers).validators()
  }

  /** A new process over what the disk holds. The engine connects with `info`. */
  open(): void {
    const { fault } = this.#options
    const opened = this.storage.open()
    const store = fault?.store?.(opened) ?? opened
    const executor: Executor = new Executor({
      genesis: townGenesis,
      store,
      host: townHost,
      rulesOf: (hash) => fault?.rules?.(rulesOf(hash)) ?? rulesOf(hash),
      cachedRows: this.#options.cachedRows,
      // Small enough that the sieve is often wrong on its safe side.
      nonceWords: 32,
      refuseSignature: ({ jws }, key) => {
        const envelope = openEnvelope(jws, executor.group)
        return isRefusal(envelope) ? envelope : refuseEnvelopeSignature(envelope, key, verify)
      },
    })
    // The application only ever commits to it.
    const whole = store as Store
    const snapshots: SnapshotCalls = {
      ...this.#options.snapshots(this),
      offerSnapshot: () => 'reject',
      applySnapshotChunk: () => 'reject',
    }
    const application = new LedgerApplication({ store: whole, executor, clock: () => this.clock, verify, snapshots })
    const checked = new GrammarCheck<Transaction>(fault?.application?.(application, store) ?? application)
    const driver = new AbciDriver({
      application: checked,
      chain: { chainId: townGroup, genesisTimeMs: startMs },
      queue,
      validators: () => {
        const set = (executor.identity as TownAnswers).validators()
        return fault?.validators?.(set) ?? set
      },
      later: (step) => {
        this.#again = step
      },
      listener: {
        onHandshake: () => {},
        onConfirmed: (block) => this.#options.onConfirmed(this, fault?.told?.(block) ?? block),
        onMisbehaviour: (found) => {
          for (const one of fault?.noted?.(found) ?? found) this.caught.add(nameOfMisbehaviour(one))
        },
        onFull: () => {},
        onRoom: () => {},
        onHalt: (error) => {
          this.#halted = error
        },
      },
    })
    this.#halted = undefined
    this.#process = { store, executor, driver }
  }

  /** The process ends between two calls, or has ended inside one. */
  end(): void {
    this.#process = undefined
    this.#again = undefined
    this.mempool = []
    this.storage.end()
    this.storage.plan.dieAt = undefined
    this.storage.plan.full = 0
  }

  /** The engine alone ends and connects again: its mempool is empty, and a commit that it waited for is nobody's. */
  loseEngine(): void {
    this.#again = undefined
    this.mempool = []
  }

  /** The machine is lost, with everything that its disk knew; or another disk takes its place. */
  changeDisk(storage: Storage, joinedAt: number): void {
    this.end()
    this.storage.remove()
    this.storage = storage
    this.joinedAt = joinedAt
    this.stored = joinedAt
    this.acknowledged = storage.committed() - 1
    this.caught.clear()
  }

  get joinerFault(): JoinerFault | undefined {
    return this.#options.fault?.joiner
  }

  /** Whether it took a snapshot there: it was a member by then, and had the time for it, which not everybody always has. */
  hasSnapshot(height: number): boolean {
    return height > this.joinedAt && height <= this.height && (height + this.index * 5) % 11 !== 0
  }

  listSnapshots(): Answer<'listSnapshots'>['snapshots'] {
    return this.#call<'listSnapshots'>({ call: 'listSnapshots' }).snapshots
  }

  /** No bytes where it does not have the chunk, or no more. */
  loadChunk(height: number, chunk: number): Uint8Array {
    return this.#call<'loadSnapshotChunk'>({ call: 'loadSnapshotChunk', height, format: 1, chunk }).chunk
  }

  /** Its word on the roots of state and log at a boundary. */
  signBoundary(size: number, stateRoot: Uint8Array, logRoot: Uint8Array, timeMs: number) {
    const log = logSignerOf(this.index)
    return new Checkpoints(townGenesis.origin, { log }, () => timeMs).ofBoundary(size, stateRoot, logRoot, timeMs)
  }

  info(): Answer<'info'> {
    return this.#call<'info'>({ call: 'info', version: '', abciVersion: '' })
  }

  initChain(): Answer<'initChain'> {
    const request = { chainId: townGroup, timeMs: startMs, validators: [], initialHeight: 1 }
    return this.#call<'initChain'>({ call: 'initChain', ...request })
  }

  check(transaction: string, kind: 'new' | 'recheck'): Answer<'checkTx'> {
    return this.#call<'checkTx'>({ call: 'checkTx', transaction, kind })
  }

  /** The node has judged a text at its own door and hands it over, so that it is not judged from its bytes again. */
  vouch(transaction: string): void {
    const { executor, driver } = this.#running()
    const nowMs = this.clock
    const admitted = admit(transaction, {
      group: executor.group,
      nowMs,
      rules: executor.rules,
      verify,
      activeKey: (signer, keyId, atMs) => executor.identity.activeKey(signer, keyId, atMs),
      usedBy: (nonceKey) => executor.usedBy(nonceKey, nowMs),
    })
    if (!isRefusal(admitted) && !('known' in admitted)) driver.vouch(admitted)
  }

  forget(transaction: string): void {
    this.#process?.driver.forget(transaction)
  }

  /** The transactions that it proposes for a block that is given but for them. */
  prepare(given: Omit<Block, 'transactions'>, maxBytes: number): readonly string[] {
    const block = { ...given, hash: noBytes, transactions: this.mempool }
    return this.#call<'prepareProposal'>({ call: 'prepareProposal', maxBytes, ...block }).transactions
  }

  process(block: Block): 'accept' | 'reject' {
    return this.#call<'processProposal'>({ call: 'processProposal', hash: someHash, ...block }).status
  }

  finalize(block: Block): Answer<'finalizeBlock'> {
    return this.#call<'finalizeBlock'>({ call: 'finalizeBlock', hash: someHash, ...block })
  }

  /** False: there is no room, and the engine waits; `makeRoom` goes on. */
  commit(): boolean {
    const { driver } = this.#running()
    const answer = driver.handle(this.#sent({ call: 'commit' }))
    if (answer instanceof Promise) return false
    this.#expect(answer, 'commit')
    return true
  }

  /** Another attempt of the commit that found no room. True when it has answered. */
  makeRoom(): boolean {
    const again = this.#again
    this.#again = undefined
    again?.()
    if (this.#halted !== undefined) this.#fail('commit')
    return this.#again === undefined
  }

  agreedHash(): string | undefined {
    const head = this.store.head()
    return head && toBase64url(head.agreedHash)
  }

  #call<Call extends AbciResponse['call']>(request: AbciRequest): Answer<Call> {
    return this.#expect(this.#running().driver.handle(this.#sent(request)), request.call) as Answer<Call>
  }

  #sent(request: AbciRequest): AbciRequest {
    return this.#options.onWire ? sentByEngine(request) : request
  }

  #expect(answer: AbciResponse | Promise<AbciResponse>, call: string): AbciResponse {
    if (answer instanceof Promise) throw new Broken('member_halted', `${this.name} answers ${call} late.`)
    const read = this.#options.onWire ? readByEngine(answer) : answer
    if (read.call === 'exception') this.#fail(call)
    return read
  }

  #fail(call: string): never {
    const error = this.#halted
    if (error instanceof ProcessEnded) throw error
    if (error instanceof Broken) throw error
    const sentence = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const isGrammar = error instanceof Error && error.name === 'GrammarBroken'
    throw new Broken(isGrammar ? 'grammar' : 'member_halted', `${this.name} halts in ${call}. ${sentence}`)
  }

  #running(): Process {
    if (this.#process === undefined) throw new Error(`${this.name} is not running.`)
    return this.#process
  }
}

function rulesOf(hash: string): RulesIndex {
  const rules = [plainRules, feeRules].find((one) => one.hash === hash)
  if (rules === undefined) throw new Error(`The town has no rules ${hash}.`)
  return rules
}
