/**
 * The members of a simulated consortium and their engines, call by call: what CometBFT asks of an application when it
 * starts, when it brings a block, and when a text is at the door. Nothing here is left to chance but where a process ends.
 */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Misbehaviour, Vote } from '@chengxin/ledger/ordering/cometbft/requests'
import type { BlockToStore } from '@chengxin/ledger/storage/face'
import { lastMoments, ProcessEnded } from './crash-store.ts'
import { Broken, nameOfMisbehaviour, Witness } from './invariants.ts'
import { Joining } from './joining.ts'
import { type Block, type Fault, Member } from './member.ts'
import { firstBlockMs } from './proposals.ts'
import type { Random } from './random.ts'
import { SnapshotShelf } from './snapshot-shelf.ts'
import { memoryStorage, newDirectory, realStorage } from './storage.ts'
import { startMs } from './town.ts'

export interface ConsortiumOptions {
  /** What is wrong on purpose with a member. Asked once for each. */
  readonly faults?: (member: number) => Fault | undefined
  /** Puts the first member on the real store. */
  readonly onRealStore?: boolean
  /** Every call and answer travels as bytes; told directly if absent, which is faster. */
  readonly onWire?: boolean
  /** Told what happens, in words. */
  readonly trace?: (line: string) => void
}

export class Consortium {
  readonly #options: ConsortiumOptions
  readonly witness = new Witness()
  readonly members: Member[] = []
  /** Blocks that some member has committed, genesis first. */
  readonly #blocks: BlockToStore[] = []
  readonly #shelf = new SnapshotShelf(this.#blocks)
  /** Members that join by a snapshot and have not done so yet, each with the place where its store will stand. */
  readonly #joining = new Map<Member, { readonly joining: Joining; readonly home: string }>()
  /** How often something happened, by name. */
  readonly happened = new Map<string, number>()
  /** The town's time, from which each member's clock is off by as much as it is. */
  nowMs = firstBlockMs
  /** How often a process ended. */
  ends = 0

  constructor(options: ConsortiumOptions) {
    this.#options = options
  }

  say(line: string): void {
    this.#options.trace?.(`  ${line}`)
  }

  count(name: string): void {
    this.happened.set(name, (this.happened.get(name) ?? 0) + 1)
  }

  add(random: Random): Member {
    const index = this.members.length
    const fault = this.#options.faults?.(index)
    const member = new Member({
      index,
      storage: this.#options.onRealStore && index === 0 ? realStorage() : memoryStorage(fault?.atOpen),
      skewMs: random.pick([0, 0, 3, -3, 400, -400, 10_000, -10_000]),
      now: () => this.nowMs,
      // Sometimes so few that rows fall out while they are needed.
      cachedRows: random.pick([6, 24, 1_000, 1_000]),
      fault,
      onWire: this.#options.onWire ?? false,
      snapshots: (told) => this.#shelf.served((height) => told.hasSnapshot(height)),
      onConfirmed: (told, block) => {
        this.witness.confirmed(told, block)
        for (const text of block.transactions) told.forget(text)
      },
    })
    this.members.push(member)
    return member
  }

  remove(): void {
    for (const { storage } of this.members) storage.remove()
    for (const { home } of this.#joining.values()) rmSync(home, { recursive: true, force: true })
    this.#shelf.remove()
  }

  get up(): Member[] {
    return this.members.filter(({ isUp, isWaitingForRoom }) => isUp && !isWaitingForRoom)
  }

  /** Runs calls of a member; false when its process has ended in them. */
  with(member: Member, calls: () => void): boolean {
    try {
      calls()
      return true
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
      this.say(`${member.name} ends: ${error.message}`)
      this.ends++
      member.end()
      return false
    }
  }

  /** A process starts, its engine asks where it stands, founds the chain if it must, and brings what it has kept. */
  start(member: Member): void {
    this.with(member, () => {
      member.open()
      this.greet(member)
    })
  }

  /** The handshake: an engine that connects brings the application up to the blocks that it has kept. */
  greet(member: Member): void {
    const answer = member.info()
    this.say(`${member.name} tells ${answer.height} of ${member.stored}`)
    this.witness.greeted(member, answer)
    if (answer.height === 0) this.witness.founded(member, member.initChain())
    this.#keep(member)
    for (let height = answer.height + 1; height <= member.stored; height++) {
      this.count('replayed block')
      if (!this.#run(member, this.witness.decided[height] as Block)) return
    }
  }

  /** Finalizes and commits a decided block. False when the member has to wait for room on its disk. */
  #run(member: Member, block: Block): boolean {
    const answer = member.finalize(block)
    this.witness.finalized(member, block, answer)
    if (!member.commit()) return false
    this.#settle(member, block)
    return true
  }

  #settle(member: Member, block: Block): void {
    this.witness.committed(member, block)
    this.#keep(member)
    if (member.mempool.length === 0) return
    const gone = new Set(block.transactions)
    const waiting = member.mempool.filter((text) => !gone.has(text))
    member.mempool = waiting.filter((text) => member.check(text, 'recheck').code === 0)
  }

  /** Blocks as execution made them, from whoever still has them so: snapshots are written of these. */
  #keep(member: Member): void {
    while (this.#blocks.length <= member.height) {
      const made = member.storage.made(this.#blocks.length)
      if (made === undefined) return
      this.#blocks.push(made)
    }
  }

  /** A member's machine is lost, or new: it is to begin with a snapshot. */
  letJoin(member: Member): void {
    this.say(`${member.name} is to begin with a snapshot`)
    member.changeDisk(memoryStorage(), 0)
    const home = newDirectory()
    const { witness, say, count, up } = {
      ...{ witness: this.witness, up: () => this.up },
      ...{ say: (line: string) => this.say(line), count: (what: string) => this.count(what) },
    }
    const joining = new Joining({
      ...{ member, directory: join(home, 'group'), shelf: this.#shelf, witness, peers: up, say, count },
      ...{ fault: member.joinerFault, onWire: this.#options.onWire ?? false },
    })
    this.#joining.set(member, { joining, home })
  }

  isJoining(member: Member): boolean {
    return this.#joining.has(member)
  }

  get joiners(): readonly Member[] {
    return [...this.#joining.keys()]
  }

  /** One step of a member that joins; false where it waits. When it has the state it is opened as any other, and goes on by blocks. */
  advance(member: Member, random: Random, isCalm = false): boolean {
    const { joining, home } = this.#joining.get(member) as { readonly joining: Joining; readonly home: string }
    const isAlive = this.with(member, () => {
      const head = joining.step(random, isCalm)
      if (head === undefined) return
      this.#joining.delete(member)
      member.changeDisk(realStorage(join(home, 'group'), head.height + 1, home), head.height)
      member.open()
      this.witness.restored(member, this.#shelf.rowsAfter(head.height))
      this.greet(member)
    })
    if (!isAlive) joining.end()
    return joining.hasBegun
  }

  /** Its process ends, and whatever it was told. */
  endJoining(member: Member): void {
    this.#joining.get(member)?.joining.end()
  }

  /** The operator asks for no snapshot any more: what was begun goes, and the log is replayed. */
  replayInstead(member: Member): void {
    const { joining, home } = this.#joining.get(member) as { readonly joining: Joining; readonly home: string }
    if (joining.hasBegun) throw new Broken('join_clean', `${member.name} does not join though everybody helps.`)
    rmSync(home, { recursive: true, force: true })
    this.#joining.delete(member)
    this.start(member)
  }

  /** The next block that a member lacks, by whatever way it came. Its process may end on the way. */
  deliver(member: Member, random: Random): void {
    const block = this.witness.decided[member.height + 1]
    if (block === undefined) return
    member.stored = Math.max(member.stored, block.height)
    if (random.oneIn(20)) member.storage.plan.dieAt = random.pick(lastMoments)
    if (random.oneIn(40)) member.storage.plan.full = random.between(1, 3)
    this.with(member, () => {
      if (random.oneIn(10)) return this.#dawdle(member, block, random)
      if (this.#run(member, block)) this.say(`${member.name} has ${block.height}`)
      else this.count('full disk')
    })
    member.storage.plan.dieAt = undefined
  }

  /** Things that an engine may do between finalize and commit. */
  #dawdle(member: Member, block: Block, random: Random): void {
    this.count('dawdled block')
    this.witness.finalized(member, block, member.finalize(block))
    const done = random.below(4)
    if (done === 0) this.witness.finalized(member, block, member.finalize(block))
    if (done === 1 && member.mempool.length > 0) member.check(random.pick(member.mempool), 'recheck')
    if (done === 2) {
      // The engine comes back to a process that has finalized and not committed: nothing of it may show.
      member.loseEngine()
      return this.greet(member)
    }
    if (done === 3) throw new ProcessEnded('between finalize and commit')
    if (member.commit()) this.#settle(member, block)
  }

  /** A text comes to a member's mempool. */
  check(member: Member, text: string): void {
    // Every fourth text comes through the node's own door, the others from other members' engines.
    if (text.length % 4 === 0 && !text.includes('\n')) member.vouch(text)
    const { code, log } = member.check(text, 'new')
    this.witness.admitted(member, text, code === 0 ? 'ok' : log)
    this.count(`door: ${code === 0 ? 'ok' : log}`)
    if (code === 0 && !member.mempool.includes(text)) member.mempool.push(text)
  }

  /** Another attempt of a commit that found no room. */
  makeRoom(member: Member): void {
    const block = this.witness.decided[member.height + 1] as Block
    this.with(member, () => {
      if (member.makeRoom()) this.#settle(member, block)
    })
  }

  /** All blocks that it lacks, with nothing in their way. */
  catchUp(member: Member): void {
    while (member.height < this.witness.tip) {
      const block = this.witness.decided[member.height + 1] as Block
      member.stored = Math.max(member.stored, block.height)
      if (!this.with(member, () => void this.#run(member, block))) throw new Error('Nothing ends any more.')
    }
  }

  /** What the next block is but for its transactions, as engines that have gathered votes and evidence make it. */
  nextBlock(random: Random): Omit<Block, 'transactions'> {
    const { tip } = this.witness
    const validators = [...this.witness.validators()].map(([key, power]) => ({ address: addressOf(key), power }))
    const votes = tip === 0 ? [] : validators.map((one): Vote => ({ ...one, flag: random.pick(voteFlags) }))
    return {
      height: tip + 1,
      timeMs: this.blockTime(),
      proposer: random.pick(validators).address,
      lastCommit: { round: random.pick([0, 0, 0, 1, 7]), votes },
      misbehaviour: tip > 0 && random.oneIn(12) ? this.#evidence(random, validators) : [],
    }
  }

  /** Engines prove it once, and about heights that are there. */
  #evidence(random: Random, validators: readonly Omit<Vote, 'flag'>[]): readonly Misbehaviour[] {
    const totalPower = validators.reduce((sum, { power }) => sum + power, 0)
    const found = Array.from({ length: random.pick([1, 1, 2]) }, (): Misbehaviour => {
      const { height, timeMs } = random.pick(this.witness.decided.slice(1))
      const type = random.pick(['duplicate_vote', 'duplicate_vote', 'light_client_attack'] as const)
      return { type, ...random.pick(validators), height, timeMs, totalPower }
    })
    const known = new Set(this.witness.caughtUntil(this.witness.tip))
    return found.filter((one) => {
      const name = nameOfMisbehaviour(one)
      if (known.has(name)) return false
      known.add(name)
      return true
    })
  }

  /** As the engine has it: the time of genesis first, then the median of clocks, and always after the block before. */
  blockTime(): number {
    if (this.witness.tip === 0) return startMs
    const clocks = this.members.map(({ clock }) => clock).sort((left, right) => left - right)
    return Math.max((this.witness.decided.at(-1)?.timeMs ?? 0) + 1, clocks[Math.floor(clocks.length / 2)] as number)
  }
}

const voteFlags = ['commit', 'commit', 'commit', 'absent', 'nil'] as const

/** By which engines name a validator. */
function addressOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64url')).digest('hex').slice(0, 40)
}
