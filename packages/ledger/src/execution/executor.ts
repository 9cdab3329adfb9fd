/**
 * The state machine: judged transactions in, leaves and writes out. It holds the head it has reached and the rows
 * around it and stores nothing itself: a block that is begun ends in `settle` once it has been stored, or is dropped by
 * `discard` as if it had never been.
 */
import { hash } from 'node:crypto'
import {
  type Did,
  type Hash,
  isRefusal,
  type Refusal,
  refuse,
  type TimeMs,
  type TransactionId,
  toBase64url,
} from '@chengxin/kernel'
import type { GenesisDocument, Host, IdentityAnswers, MembershipAnswers, SigningKey } from '@chengxin/module-kit'
import { actionsOf, decodeActions, keyNameOf, lengthOf, type Opened, refuseAtTime } from '../admission/admitted.ts'
import type { TransactionResult } from '../ordering/port.ts'
import type { BlockToStore, LeafEntry, Store, StoredHead } from '../storage/face.ts'
import { ByteSlab } from './byte-slab.ts'
import { groupIdOf, runGenesis } from './genesis.ts'
import {
  agreedHashOf,
  eventsText,
  firstStateHash,
  hashOfNothing,
  hashText,
  hashWrites,
  type LeafFacts,
  leafEnds,
  StateChain,
} from './leaf.ts'
import { NonceMemory } from './nonce-memory.ts'
import { RecalledNonces } from './recalled-nonces.ts'
import { type RowSource, RowView } from './rows.ts'
import type { RulesIndex } from './rules-index.ts'
import { isRootDue, pendingBoundary, reachesBoundary } from './state-roots.ts'
import { type RunAction, TransactionRun } from './transaction-run.ts'

/** Leaves whose nonces are read again, at some 6 µs each, where each new nonce would else cost some 300 µs of looking it up. */
const recalledAtStart = 131_072
const recalledPerBlock = 32_768

/** What the executor asks of committed state. */
export type ExecutorStore = RowSource &
  Pick<Store, 'head' | 'leaf' | 'block' | 'usedNonce' | 'rootAfter' | 'stateRootAt' | 'settle'>

export interface ExecutorOptions {
  readonly genesis: GenesisDocument
  readonly store: ExecutorStore
  readonly host: Host
  /** The rules whose bundle has this hash. Throws a sentence that names the hash if this node does not carry them. */
  readonly rulesOf: (hash: string) => RulesIndex
  /** Judges the signature under this key: asked when admission has not seen it, or saw another key. */
  readonly refuseSignature: (transaction: Opened, key: SigningKey) => Refusal | undefined
  /** Decoded rows to keep, about. */
  readonly cachedRows: number
  /** Words of 32 bits in each half of the sieve before the used nonces; 8 MiB a half if absent. */
  readonly nonceWords?: number
}

export interface ExecutorHead {
  readonly height: number
  readonly timeMs: number
  readonly size: number
  readonly root: Hash
  readonly stateHash: Hash
  readonly agreedHash: Hash
  readonly rulesetHash: Hash
  readonly stateRoot?: { readonly size: number; readonly root: Hash }
}

interface Faces {
  readonly identity: IdentityAnswers
  readonly activation: { activeRuleset(leafIndex: number): string | undefined }
  readonly membership: MembershipAnswers | undefined
}

export class Executor {
  readonly group: string
  readonly #options: ExecutorOptions
  readonly #rows: RowView
  #rules: RulesIndex
  #faces: Faces
  #head: ExecutorHead | undefined

  /** The running block. */
  #height = 0
  #timeMs = 0
  readonly #stateChain = new StateChain()
  /** Of the rules under which the newest leaf was made: what fails admission may ask the next ones and changes nothing. */
  #rulesetHash = '' as Hash
  #leaves: LeafEntry[] = []
  readonly #bytes = new ByteSlab()
  readonly #nonces = new Set<string>()
  readonly #settledNonces: NonceMemory
  /** While the nonces of the process before are not all in memory. */
  #recalled: RecalledNonces | undefined

  /** The boundary whose state root has not entered the agreed hash yet, by its size. */
  #boundary: number | undefined

  constructor(options: ExecutorOptions) {
    this.#options = options
    const stored = options.store.head()
    const head = stored && headOf(stored)
    this.group = groupIdOf(options.genesis)
    this.#rows = new RowView(options.store, options.cachedRows)
    this.#rules = options.rulesOf(head?.rulesetHash ?? options.genesis.ruleset.hash)
    this.#faces = this.#facesOf(this.#rules)
    this.#head = head
    this.#boundary = pendingBoundary(options.store, options.genesis.stateRootEvery)
    this.#settledNonces = new NonceMemory(options.store, head?.timeMs ?? 0, (head?.size ?? 0) === 0, options.nonceWords)
    if (head && head.size > 0) {
      this.#recalled = new RecalledNonces(options.store, head.height)
      this.#recallNonces(recalledAtStart, head.timeMs)
    }
  }

  /** The head of the last settled block; undefined before genesis. */
  get head(): ExecutorHead | undefined {
    return this.#head
  }

  get rules(): RulesIndex {
    return this.#rules
  }

  /** Answers of the identity domain over the settled blocks, and over what the running one has done so far. */
  get identity(): IdentityAnswers {
    return this.#faces.identity
  }

  /** Who orders, where the rules say so; over the same rows. */
  get membership(): MembershipAnswers | undefined {
    return this.#faces.membership
  }

  /** Block zero, to be stored and settled like any other. */
  genesis(): BlockToStore {
    const { genesis, host } = this.#options
    const events = runGenesis(this.#rules, this.#rows, genesis, host)
    const writes = this.#rows.keep()
    this.#height = 0
    this.#timeMs = genesis.createdAtMs
    this.#stateChain.startFrom(firstStateHash(hashWrites(writes)))
    this.#rulesetHash = this.#rules.hash as Hash
    return { ...this.#finish(), genesisEvents: Buffer.from(eventsText(events)) }
  }

  begin(height: number, timeMs: number): void {
    if (this.#head === undefined) throw new Error('A block was begun before genesis.')
    this.#height = height
    this.#timeMs = timeMs
    this.#stateChain.startFrom(this.#head.stateHash)
    this.#rulesetHash = this.#head.rulesetHash
    this.#leaves = []
    this.#bytes.clear()
    this.#nonces.clear()
  }

  /** Judges a transaction again, in the order of admission, then runs it; `position` is its place in the block. */
  execute(transaction: Opened, position: number): TransactionResult {
    const leafIndex = this.#size() + this.#leaves.length
    this.#followActivation(leafIndex)
    const actions = this.#judge(transaction)
    if (isRefusal(actions)) return { code: actions.refused }

    const { id, signer, nonceKey, notAfter } = transaction
    const moment = {
      group: this.group,
      height: this.#height,
      timeMs: this.#timeMs as TimeMs,
      leafIndex,
      transactionId: id,
      signer,
    }
    const ran = new TransactionRun(this.#rules, this.#rows, this.#options.host, moment).run(actions)
    let code = 'ok'
    let writesHash = hashOfNothing
    if (isRefusal(ran)) {
      code = ran.refused
      this.#rows.undo()
    } else {
      const writes = this.#rows.keep()
      writesHash = hashWrites(writes)
      if (writes.length > 0) this.#stateChain.add(writesHash)
    }
    this.#nonces.add(nonceKey)
    const events = isRefusal(ran) ? '[]' : eventsText(ran)
    const eventsHash = events === '[]' ? hashOfNothing : hashText(events)
    const facts = { height: this.#height, timeMs: this.#timeMs, position, code, eventsHash, writesHash }
    const leaf = this.#prefixedLeaf(transaction, facts)
    this.#rulesetHash = this.#rules.hash as Hash
    this.#leaves.push({
      leaf: leaf.subarray(1),
      leafHash: this.#bytes.digest(hash('sha256', leaf, 'binary')),
      transactionId: this.#bytes.hash(id),
      events: this.#bytes.text(events),
      nonceKey,
      nonceUntilMs: notAfter,
    })
    return { code, leafIndex, events, types: typesOf(actions), principals: principalsOf(actions, signer) }
  }

  /** RFC 6962 hashes a leaf after a zero byte, so the leaf is written behind one and hashed where it lies. */
  #prefixedLeaf(transaction: Opened, facts: LeafFacts): Buffer {
    const [before, behind] = leafEnds(facts)
    const length = lengthOf(transaction)
    const leaf = this.#bytes.take(1 + before.length + length + behind.length)
    leaf[0] = 0
    leaf.write(before, 1, 'latin1')
    if (transaction.writeTo !== undefined) transaction.writeTo(leaf, 1 + before.length)
    else leaf.write(transaction.jws, 1 + before.length, 'latin1')
    leaf.write(behind, 1 + before.length + length, 'latin1')
    return leaf
  }

  /** The running block as it would be stored. The bytes of its leaves are its own until the next block begins. */
  finish(): BlockToStore {
    return this.#finish()
  }

  /** The block has been stored. */
  settle({ head, boundary }: BlockToStore): void {
    if (head.stateRoot?.size === this.#boundary) this.#boundary = undefined
    if (boundary) this.#boundary = head.size
    this.#head = headOf(head)
    this.#leaves = []
    this.#settledNonces.settle(this.#nonces, head.timeMs)
    this.#recallNonces(recalledPerBlock, head.timeMs)
    this.#nonces.clear()
    this.#rows.settle()
  }

  /** The block has not been stored. */
  discard(): void {
    this.#leaves = []
    this.#nonces.clear()
    this.#rows.discard()
    const active = this.#head?.rulesetHash ?? this.#options.genesis.ruleset.hash
    if (active !== this.#rules.hash) this.#use(active)
  }

  #size(): number {
    return this.#head?.size ?? 0
  }

  #recallNonces(leaves: number, nowMs: number): void {
    const recalled = this.#recalled?.next(leaves, nowMs)
    if (recalled === undefined) return
    this.#settledNonces.recall(recalled.nonceKeys, recalled.reached === 'all')
    if (recalled.reached !== 'some') this.#recalled = undefined
  }

  /** Rules change between two leaves, never inside one, and by what state says alone. */
  #followActivation(leafIndex: number): void {
    const active = this.#faces.activation.activeRuleset(leafIndex)
    if (active !== undefined && active !== this.#rules.hash) this.#use(active)
  }

  #use(rulesetHash: string): void {
    this.#rules = this.#options.rulesOf(rulesetHash)
    this.#faces = this.#facesOf(this.#rules)
  }

  /** The faces that execution asks for every transaction, made once: they read rows when they are asked, not before. */
  #facesOf({ ruleset }: RulesIndex): Faces {
    const { identity, activation, membership } = ruleset
    this.#rows.useRules(this.#rules)
    return {
      identity: identity.make(this.#rows.of(identity.domain).read),
      activation: activation.make(this.#rows.of(activation.domain).read),
      membership: membership?.make(this.#rows.of(membership.domain).read),
    }
  }

  #judge(transaction: Opened) {
    const { signer, nonceKey } = transaction
    return (
      refuseAtTime(transaction, this.#timeMs) ??
      this.#refuseKey(transaction) ??
      this.#refuseNonce(nonceKey) ??
      decodeActions(this.#rules, actionsOf(transaction), signer)
    )
  }

  #refuseKey(transaction: Opened): Refusal | undefined {
    const current = this.identity.activeKey(transaction.signer, transaction.keyId, this.#timeMs as TimeMs)
    if (isRefusal(current)) return current
    if (transaction.keyName === keyNameOf(current)) return undefined
    return this.#options.refuseSignature(transaction, current)
  }

  #refuseNonce(nonceKey: string): Refusal | undefined {
    const isUsed = this.#nonces.has(nonceKey) || this.usedBy(nonceKey, this.#timeMs) !== undefined
    return isUsed ? refuse('nonce_reused') : undefined
  }

  /** The settled transaction that used this nonce and is remembered at this time. */
  usedBy(nonceKey: string, nowMs: number): TransactionId | undefined {
    const used = this.#settledNonces.usedAt(nonceKey, nowMs)
    return used && (toBase64url(used.transactionId) as TransactionId)
  }

  #finish(): BlockToStore {
    const stateHash = this.#stateChain.hash
    const root = this.#options.store.rootAfter(this.#leaves.map(({ leafHash }) => leafHash))
    const { stateRootEvery } = this.#options.genesis
    const size = this.#size() + this.#leaves.length
    const stateRoot = this.#stateRootAt(size)
    const agreedHash = agreedHashOf({
      size,
      root: toBase64url(root) as Hash,
      stateHash,
      stateRoot,
      ruleset: this.#rulesetHash,
    })
    const head: StoredHead = {
      height: this.#height,
      timeMs: this.#timeMs,
      size,
      root,
      stateHash: Buffer.from(stateHash, 'base64url'),
      agreedHash: Buffer.from(agreedHash, 'base64url'),
      rulesetHash: Buffer.from(this.#rulesetHash, 'base64url'),
      ...(stateRoot && { stateRoot: { size: stateRoot.size, root: Buffer.from(stateRoot.root, 'base64url') } }),
    }
    return {
      head,
      leaves: this.#leaves,
      writes: this.#rows.pendingWrites().map(({ key, text }) => ({ key, value: text })),
      ...(reachesBoundary(stateRootEvery, this.#size(), size) && { boundary: true }),
    }
  }

  /** The state root that is agreed on by a block ending at this size: a new one if it is due, else the one before. */
  #stateRootAt(size: number): ExecutorHead['stateRoot'] {
    const { store, genesis } = this.#options
    const boundary = this.#boundary
    // A block that overshot a boundary may make its root due at once, but what is agreed on changes with leaves alone.
    if (size === this.#head?.size) return this.#head.stateRoot
    if (boundary === undefined || !isRootDue(genesis.stateRootEvery, boundary, size)) return this.#head?.stateRoot
    // Another thread computes it in time; where it has not, there is no way but to wait for it here.
    if (store.stateRootAt(boundary) === undefined) store.settle()
    const root = store.stateRootAt(boundary)
    if (root === undefined) throw new Error(`The state root at ${boundary} leaves cannot be computed.`)
    return { size: boundary, root: toBase64url(root) as Hash }
  }
}

/** A stored head with its hashes as text. */
export function headOf({ root, stateHash, agreedHash, rulesetHash, stateRoot, ...rest }: StoredHead): ExecutorHead {
  return {
    ...rest,
    root: toBase64url(root) as Hash,
    stateHash: toBase64url(stateHash) as Hash,
    agreedHash: toBase64url(agreedHash) as Hash,
    rulesetHash: toBase64url(rulesetHash) as Hash,
    ...(stateRoot && { stateRoot: { size: stateRoot.size, root: toBase64url(stateRoot.root) as Hash } }),
  }
}

function typesOf(actions: readonly RunAction[]): string {
  const [first] = actions
  if (actions.length === 1 && first !== undefined) return first.verb.verb.transaction.type
  return actions.map(({ verb }) => verb.verb.transaction.type).join(' ')
}

function principalsOf(actions: readonly RunAction[], signer: Did): string {
  let principals: Set<string> | undefined
  for (const { principal } of actions) {
    if (principal === signer) continue
    principals ??= new Set()
    principals.add(principal)
  }
  return principals === undefined ? '' : [...principals].join(' ')
}
