/**
 * One history of a town: members that keep its books, engines that are played, and whatever happens to both, all of it
 * decided by one text. Each step has chances of its own, so that leaving a step out leaves the others as they were.
 */
import { limits } from '@chengxin/kernel'
import { lastMoments, ProcessEnded } from './crash-store.ts'
import { Broken, Witness } from './invariants.ts'
import { type Block, type Fault, Member } from './member.ts'
import { dishonestProposal, firstBlockMs, stepsOfTimeMs } from './proposals.ts'
import { Random } from './random.ts'
import { memoryStorage, realStorage } from './storage.ts'
import { foundingMembers, memberKeys, type Pool, type SignedText, startMs } from './town.ts'

export interface HistoryOptions {
  /** Names the history: the same text leads to the same steps. */
  readonly seed: string
  readonly pool: Pool
  /** Steps that are left out. */
  readonly without?: ReadonlySet<number>
  /** No step from here on. */
  readonly until?: number
  /** What is wrong on purpose with a member. Asked once for each. */
  readonly faults?: (member: number) => Fault | undefined
  /** Puts the first member on the real store. */
  readonly onRealStore?: boolean
  /** Told what happens, in words. */
  readonly trace?: (line: string) => void
}

export interface HistoryReport {
  readonly steps: number
  readonly blocks: number
  readonly leaves: number
  readonly crashes: number
  /** Steps that did something, by name. */
  readonly happened: ReadonlyMap<string, number>
  readonly broken?: Broken & { readonly step: number }
}

export function runHistory(options: HistoryOptions): HistoryReport {
  const history = new History(options)
  try {
    return history.run()
  } finally {
    history.remove()
  }
}

type Step = (random: Random) => void

interface Proposal extends Block {
  readonly by: string
}

class History {
  readonly #options: HistoryOptions
  readonly #witness = new Witness()
  readonly #members: Member[] = []
  readonly #happened = new Map<string, number>()
  readonly #length: number
  readonly #logged: string[] = []
  readonly #steps: readonly (readonly [weight: number, name: string, step: Step])[]
  readonly #weights: number
  /** Proposals of the height that is being decided, which a later round may bring again. */
  #rounds: Proposal[] = []
  #nowMs = firstBlockMs
  #lastMs = startMs
  #crashes = 0
  #secondVote: string | undefined

  constructor(options: HistoryOptions) {
    this.#options = options
    const random = new Random(`${options.seed} members`)
    this.#length = random.pick([20, 30, 40, 50, 80, 160])
    for (let index = 0; index < foundingMembers; index++) this.#add(random)
    this.#steps = [
      [30, 'submit', (chance) => this.#submit(chance)],
      [14, 'gossip', (chance) => this.#gossip(chance)],
      [34, 'round', (chance) => this.#round(chance)],
      [18, 'deliver', (chance) => this.#deliverOne(chance)],
      [3, 'end', (chance) => this.#end(chance)],
      [16, 'restart', (chance) => this.#restart(chance)],
      [3, 'engine', (chance) => this.#loseEngine(chance)],
      [5, 'ask', (chance) => this.#ask(chance)],
      [9, 'time', (chance) => this.#pass(chance)],
      [2, 'full', (chance) => this.#fill(chance)],
      [1, 'join', (chance) => this.#join(chance)],
    ]
    this.#weights = this.#steps.reduce((sum, [weight]) => sum + weight, 0)
  }

  run(): HistoryReport {
    let step = 0
    try {
      for (const member of this.#members) this.#start(member)
      for (; step < Math.min(this.#length, this.#options.until ?? this.#length); step++) {
        if (!this.#options.without?.has(step)) this.#take(new Random(`${this.#options.seed} ${step}`), step)
      }
      this.#heal()
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      this.#say(error.message)
      return { ...this.#report(step), broken: Object.assign(error, { step }) }
    }
    return this.#report(step)
  }

  remove(): void {
    for (const { storage } of this.#members) storage.remove()
  }

  #report(steps: number) {
    const { tip, leaves, codes } = this.#witness
    for (const [code, count] of codes) this.#happened.set(`result: ${code}`, count)
    return { steps, blocks: tip, leaves: leaves.size, crashes: this.#crashes, happened: this.#happened }
  }

  #take(random: Random, index: number): void {
    let at = random.below(this.#weights)
    for (const [weight, name, step] of this.#steps) {
      at -= weight
      if (at >= 0) continue
      this.#options.trace?.(`step ${index}: ${name}`)
      step(random)
      return
    }
  }

  #say(line: string): void {
    this.#options.trace?.(`  ${line}`)
  }

  #count(name: string): void {
    this.#happened.set(name, (this.#happened.get(name) ?? 0) + 1)
  }

  #add(random: Random): Member {
    const index = this.#members.length
    const fault = this.#options.faults?.(index)
    const member = new Member({
      index,
      storage: this.#options.onRealStore && index === 0 ? realStorage() : memoryStorage(fault?.atOpen),
      skewMs: random.pick([0, 0, 3, -3, 400, -400, 10_000, -10_000]),
      now: () => this.#nowMs,
      // Sometimes so few that rows fall out while they are needed.
      cachedRows: random.pick([6, 24, 1_000, 1_000]),
      fault,
      onConfirmed: (told, block) => {
        this.#witness.confirmed(told, block)
        for (const text of block.transactions) told.forget(text)
      },
    })
    this.#members.push(member)
    return member
  }

  get #up(): Member[] {
    return this.#members.filter(({ isUp, isWaitingForRoom }) => isUp && !isWaitingForRoom)
  }

  /** Runs calls of a member; false when its process has ended in them. */
  #with(member: Member, calls: () => void): boolean {
    try {
      calls()
      return true
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
      this.#say(`${member.name} ends: ${error.message}`)
      this.#crashes++
      member.end()
      return false
    }
  }

  // What members do.

  /** A process starts, its engine asks where it stands, founds the chain if it must, and brings what it has kept. */
  #start(member: Member): void {
    this.#with(member, () => {
      member.open()
      this.#greet(member)
    })
  }

  #greet(member: Member): void {
    const answer = member.info()
    this.#say(`${member.name} tells ${answer.height} of ${member.stored}`)
    this.#witness.greeted(member, answer)
    if (answer.height === 0) this.#witness.founded(member, member.initChain())
    for (let height = answer.height + 1; height <= member.stored; height++) {
      this.#count('replayed block')
      if (!this.#run(member, this.#witness.decided[height] as Block)) return
    }
  }

  /** Finalizes and commits a decided block. False when the member has to wait for room on its disk. */
  #run(member: Member, block: Block): boolean {
    const answer = member.finalize(block)
    this.#witness.finalized(member, block, answer)
    if (!member.commit()) return false
    this.#settle(member, block)
    return true
  }

  #settle(member: Member, block: Block): void {
    this.#witness.committed(member, block)
    if (member.mempool.length === 0) return
    const gone = new Set(block.transactions)
    const waiting = member.mempool.filter((text) => !gone.has(text))
    member.mempool = waiting.filter((text) => member.check(text, 'recheck').code === 0)
  }

  /** The next block that a member lacks, by whatever way it came. Its process may end on the way. */
  #deliver(member: Member, random: Random): void {
    const block = this.#witness.decided[member.height + 1]
    if (block === undefined) return
    member.stored = Math.max(member.stored, block.height)
    if (random.oneIn(20)) member.storage.plan.dieAt = random.pick(lastMoments)
    if (random.oneIn(40)) member.storage.plan.full = random.between(1, 3)
    this.#with(member, () => {
      if (random.oneIn(10)) return this.#dawdle(member, block, random)
      if (this.#run(member, block)) this.#say(`${member.name} has ${block.height}`)
      else this.#count('full disk')
    })
    member.storage.plan.dieAt = undefined
  }

  /** Things that an engine may do between finalize and commit. */
  #dawdle(member: Member, block: Block, random: Random): void {
    this.#count('dawdled block')
    this.#witness.finalized(member, block, member.finalize(block))
    const done = random.below(4)
    if (done === 0) this.#witness.finalized(member, block, member.finalize(block))
    if (done === 1 && member.mempool.length > 0) member.check(random.pick(member.mempool), 'recheck')
    if (done === 2) {
      // The engine comes back to a process that has finalized and not committed: nothing of it may show.
      member.loseEngine()
      return this.#greet(member)
    }
    if (done === 3) throw new ProcessEnded('between finalize and commit')
    if (member.commit()) this.#settle(member, block)
  }

  #check(member: Member, text: string): void {
    // Every fourth text comes through the node's own door, the others from other members' engines.
    if (text.length % 4 === 0) member.vouch(text)
    const { code, log } = member.check(text, 'new')
    this.#witness.admitted(member, text, code === 0 ? 'ok' : log)
    this.#count(`door: ${code === 0 ? 'ok' : log}`)
    if (code === 0 && !member.mempool.includes(text)) member.mempool.push(text)
  }

  // What happens.

  #submit(random: Random): void {
    if (this.#up.length === 0) return
    const count = random.oneIn(24) ? 20 : random.pick([1, 1, 2, 3])
    for (let sent = 0; sent < count; sent++) {
      const text = this.#anyText(random)
      const seenBy = random.oneIn(3) ? this.#up : [random.pick(this.#up)]
      for (const member of seenBy) this.#check(member, text)
    }
  }

  #anyText(random: Random): string {
    const { pool } = this.#options
    const roll = random.below(40)
    if (roll === 0 && this.#logged.length > 0) return random.pick(this.#logged)
    if (roll === 1) return random.pick(['', 'nonsense', random.pick(pool.plain).jws.slice(1)])
    if (roll < 8) {
      const { votes, switches, replacements, retirements } = pool
      if (random.oneIn(2)) return this.#vote(random)
      const kinds = [votes, switches, replacements, ...(random.oneIn(4) ? [retirements] : [])]
      return this.#timely(random, random.pick(kinds))
    }
    if (roll < 12) return this.#timely(random, random.pick([pool.forged, pool.again, pool.unknown, pool.replaced]))
    return this.#timely(random, pool.plain)
  }

  /** Votes come in pairs for the same change, the second one sooner or later. */
  #vote(random: Random): string {
    const { votes } = this.#options.pool
    const second = this.#secondVote
    this.#secondVote = undefined
    if (second !== undefined) return second
    const first = this.#timely(random, votes)
    this.#secondVote = votes[votes.findIndex(({ jws }) => jws === first) ^ 1]?.jws
    return first
  }

  /** Most texts are sent while they can be let in. */
  #timely(random: Random, texts: readonly SignedText[]): string {
    for (let tries = 0; tries < 6; tries++) {
      const { jws, notAfterMs } = random.pick(texts)
      if (notAfterMs > this.#nowMs && notAfterMs < this.#nowMs + limits.notAfterAheadMs) return jws
    }
    return random.pick(texts).jws
  }

  #gossip(random: Random): void {
    const from = this.#up.filter(({ mempool }) => mempool.length > 0)
    if (from.length === 0) return
    const texts = random.shuffled(random.pick(from).mempool).slice(0, 4)
    const to = random.oneIn(2) ? this.#up : [random.pick(this.#up)]
    for (const member of to) {
      for (const text of texts) if (!member.mempool.includes(text)) this.#check(member, text)
    }
  }

  /** One round of the height after the tip: a proposal, everybody's verdict, and perhaps a decision. */
  #round(random: Random): void {
    const { tip } = this.#witness
    const powers = this.#witness.validators()
    const voters = this.#up.filter(({ key, height }) => height === tip && powers.has(key))
    const power = (members: readonly Member[]) => members.reduce((sum, { key }) => sum + (powers.get(key) ?? 0), 0)
    const all = [...powers.values()].reduce((sum, one) => sum + one, 0)
    const isQuorum = power(voters) * 3 > all * 2
    // Most engines find each other again before they try another round.
    if (!isQuorum && !random.oneIn(4)) return this.#gather(random)
    if (voters.length === 0) return
    const height = tip + 1
    const timeMs = this.#blockTime()
    const proposal = this.#propose(random, voters, height, timeMs)
    const verdicts = voters.map((member) => member.process(proposal.block))
    if (random.oneIn(6)) verdicts.push(...voters.map((member) => member.process(proposal.block)))
    const [verdict = 'reject'] = verdicts
    this.#say(`height ${height}: ${proposal.kind} of ${proposal.block.transactions.length}: ${verdicts.join(' ')}`)
    this.#count(`${proposal.kind} proposal: ${verdict}`)
    if (verdicts.some((other) => other !== verdict) && proposal.owed === undefined) {
      throw new Broken(
        'agreement',
        `A proposal (${proposal.kind}) for height ${height} divides: ${verdicts.join(' ')}.`,
      )
    }
    if (proposal.owed !== undefined && verdicts.some((one) => one !== proposal.owed)) {
      const invariant = proposal.owed === 'accept' ? 'honest_accepted' : 'dishonest_rejected'
      throw new Broken(invariant, `A proposal (${proposal.kind}) for height ${height} gets ${verdicts.join(' ')}.`)
    }
    if (verdict === 'reject') return
    this.#rounds.push({ ...proposal.block, by: proposal.kind })
    // Votes may be lost: then another round has to decide, perhaps on the same proposal.
    if (!isQuorum || random.oneIn(6)) return this.#count(isQuorum ? 'round without a decision' : 'round without quorum')
    this.#decide(proposal.block, random)
  }

  #gather(random: Random): void {
    this.#deliverOne(random)
    if (this.#members.some(({ isUp }) => !isUp)) this.#restart(random)
    // Who was voted in and is not there yet may be the one that is missing.
    const next = memberKeys[this.#members.length]
    if (next !== undefined && this.#witness.validators().has(next)) this.#join(random)
  }

  #propose(random: Random, voters: readonly Member[], height: number, timeMs: number) {
    // A proposal of an earlier round stays good: nothing was committed since.
    const earlier = this.#rounds.length > 0 && random.oneIn(3) ? random.pick(this.#rounds) : undefined
    if (earlier !== undefined) {
      const { by, ...block } = earlier
      return { kind: 'earlier', block, ...(by === 'honest' && { owed: 'accept' as const }) }
    }
    if (random.oneIn(4)) {
      const waiting = random.pick(voters).mempool
      const { pool } = this.#options
      const made = dishonestProposal({ random, pool, timeMs, logged: this.#logged, waiting })
      const { kind, transactions, owed } = made
      return { kind, block: { height, timeMs, transactions }, ...(owed && { owed }) }
    }
    const room = random.oneIn(5) ? random.between(200, 4_000) : limits.blockBytes
    const proposer = random.pick(voters)
    const transactions = proposer.prepare(height, timeMs, room)
    return { kind: 'honest', block: { height, timeMs, transactions }, owed: 'accept' as const }
  }

  /** As the engine has it: the time of genesis first, then the median of clocks, and always after the block before. */
  #blockTime(): number {
    if (this.#witness.tip === 0) return startMs
    const clocks = this.#members.map(({ clock }) => clock).sort((left, right) => left - right)
    return Math.max(this.#lastMs + 1, clocks[Math.floor(clocks.length / 2)] as number)
  }

  #decide(block: Block, random: Random): void {
    this.#witness.decided.push(block)
    this.#lastMs = block.timeMs
    this.#rounds = []
    this.#logged.push(...block.transactions)
    this.#say(`height ${block.height} is decided`)
    for (const member of random.shuffled(this.#up)) if (!random.oneIn(8)) this.#deliver(member, random)
  }

  #deliverOne(random: Random): void {
    const waiting = this.#members.filter(({ isWaitingForRoom }) => isWaitingForRoom)
    if (waiting.length > 0) return this.#makeRoom(random.pick(waiting))
    const behind = this.#up.filter(({ height }) => height < this.#witness.tip)
    if (behind.length === 0) return
    const member = random.pick(behind)
    const until = random.oneIn(3) ? this.#witness.tip : member.height + 1
    while (member.isUp && !member.isWaitingForRoom && member.height < until) {
      const before = member.height
      this.#deliver(member, random)
      if (member.height === before) return
    }
  }

  #makeRoom(member: Member): void {
    const block = this.#witness.decided[member.height + 1] as Block
    this.#with(member, () => {
      if (member.makeRoom()) this.#settle(member, block)
    })
  }

  #end(random: Random): void {
    const alive = this.#members.filter(({ isUp }) => isUp)
    if (alive.length < 2) return
    const member = random.pick(alive)
    this.#say(`${member.name} is killed`)
    this.#crashes++
    member.end()
  }

  #restart(random: Random): void {
    const down = this.#members.filter(({ isUp }) => !isUp)
    if (down.length === 0) return
    const member = random.pick(down)
    // It may end again while it takes up what it had left.
    if (random.oneIn(4)) member.storage.plan.dieAt = random.pick(lastMoments)
    this.#start(member)
    member.storage.plan.dieAt = undefined
  }

  #loseEngine(random: Random): void {
    const alive = this.#members.filter(({ isUp }) => isUp)
    if (alive.length === 0) return
    const member = random.pick(alive)
    member.loseEngine()
    this.#with(member, () => this.#greet(member))
  }

  #ask(random: Random): void {
    if (this.#up.length === 0) return
    const member = random.pick(this.#up)
    const leaf = random.below(Math.max(1, this.#logged.length))
    const text = this.#logged[leaf]
    if (text !== undefined) this.#check(member, text)
  }

  #pass(random: Random): void {
    this.#nowMs += random.pick(stepsOfTimeMs)
  }

  #fill(random: Random): void {
    if (this.#up.length > 0) random.pick(this.#up).storage.plan.full = random.between(1, 3)
  }

  #join(random: Random): void {
    if (this.#members.length === memberKeys.length) return
    const member = this.#add(random)
    this.#say(`${member.name} joins`)
    this.#start(member)
  }

  // How it ends: everybody comes back, and all must have the same.

  #heal(): void {
    this.#options.trace?.('in the end')
    const calm = new Random(`${this.#options.seed} end`)
    for (const { storage } of this.#members) Object.assign(storage.plan, { dieAt: undefined, full: 0 })
    const newcomer = this.#members.length < memberKeys.length && calm.oneIn(3) ? this.#add(calm) : undefined
    for (const member of this.#members) {
      if (!member.isUp) this.#start(member)
      while (member.isWaitingForRoom) this.#makeRoom(member)
      this.#catchUp(member)
    }
    if (newcomer !== undefined) this.#count('joined from genesis')
    // Two blocks: one of whatever still waits, one after everything that waits has expired.
    this.#finish(calm)
    this.#nowMs += limits.notAfterAheadMs + 30_000
    this.#finish(calm)
    for (const { name, mempool } of this.#members) {
      if (mempool.length > 0) throw new Broken('nothing_stuck', `${mempool.length} still wait at ${name}.`)
    }
    for (const member of this.#members) {
      if (member.height !== this.#witness.tip) throw new Broken('nothing_lost', `${member.name} stays behind.`)
      this.#with(member, () => this.#witness.greeted(member, member.info()))
    }
  }

  #finish(random: Random): void {
    const { tip } = this.#witness
    const [first] = this.#members as [Member]
    const block = { height: tip + 1, timeMs: this.#blockTime() }
    const transactions = first.prepare(block.height, block.timeMs, limits.blockBytes)
    for (const member of this.#members) {
      const verdict = member.process({ ...block, transactions })
      if (verdict !== 'accept') throw new Broken('honest_accepted', `${member.name} rejects the last block.`)
    }
    this.#witness.decided.push({ ...block, transactions })
    this.#lastMs = block.timeMs
    for (const member of random.shuffled(this.#members)) this.#catchUp(member)
  }

  #catchUp(member: Member): void {
    while (member.height < this.#witness.tip) {
      const block = this.#witness.decided[member.height + 1] as Block
      member.stored = Math.max(member.stored, block.height)
      if (!this.#with(member, () => void this.#run(member, block))) throw new Error('Nothing ends any more.')
    }
  }
}
