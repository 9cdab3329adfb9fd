/**
 * One history of a town: members that keep its books, engines that are played, and whatever happens to both, all of it
 * decided by one text. Each step has chances of its own, so that leaving a step out leaves the others as they were.
 */
import { limits } from '@chengxin/kernel'
import { Consortium, type ConsortiumOptions } from './consortium.ts'
import { lastMoments } from './crash-store.ts'
import { Broken } from './invariants.ts'
import type { Block, Member } from './member.ts'
import { dishonestProposal, stepsOfTimeMs } from './proposals.ts'
import { Random } from './random.ts'
import {
  foundingMembers,
  longestHistoryMs,
  memberKeys,
  type Pool,
  type SignedText,
  startMs,
  townGenesis,
} from './town.ts'

export interface HistoryOptions extends ConsortiumOptions {
  /** Names the history: the same text leads to the same steps. */
  readonly seed: string
  readonly pool: Pool
  /** Members are lost and join by snapshots in every history; otherwise in one of four. */
  readonly alwaysJoins?: boolean
  /** Steps that are left out. */
  readonly without?: ReadonlySet<number>
  /** No step from here on. */
  readonly until?: number
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
  readonly #town: Consortium
  readonly #length: number
  readonly #hasSnapshots: boolean
  readonly #logged: string[] = []
  readonly #steps: (readonly [weight: number, name: string, step: Step])[]
  readonly #weights: number
  /** Proposals of the height that is being decided, which a later round may bring again. */
  #rounds: Proposal[] = []
  #secondVote: string | undefined

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#town = new Consortium(options)
    const random = new Random(`${options.seed} members`)
    // Snapshots take their time, and a history that is long enough to have some.
    this.#hasSnapshots = random.oneIn(4) || options.alwaysJoins === true
    this.#length = random.pick(this.#hasSnapshots ? [80, 120, 160] : [20, 30, 40, 50, 80])
    for (let index = 0; index < foundingMembers; index++) this.#town.add(random)
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
    if (this.#hasSnapshots) {
      this.#steps.push(
        [8, 'lose', (chance) => this.#lose(chance)],
        [24, 'sync', (chance) => this.#sync(chance)],
        [2, 'pause', () => this.#pause()],
      )
    }
    this.#weights = this.#steps.reduce((sum, [weight]) => sum + weight, 0)
  }

  run(): HistoryReport {
    let step = 0
    try {
      for (const member of this.#town.members) this.#town.start(member)
      for (; step < Math.min(this.#length, this.#options.until ?? this.#length); step++) {
        if (!this.#options.without?.has(step)) this.#take(new Random(`${this.#options.seed} ${step}`), step)
      }
      this.#heal()
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      this.#town.say(error.message)
      return { ...this.#report(step), broken: Object.assign(error, { step }) }
    }
    return this.#report(step)
  }

  remove(): void {
    this.#town.remove()
  }

  #report(steps: number) {
    const { tip, leaves, codes } = this.#town.witness
    for (const [code, count] of codes) this.#town.happened.set(`result: ${code}`, count)
    return { steps, blocks: tip, leaves: leaves.size, crashes: this.#town.ends, happened: this.#town.happened }
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

  // What happens.

  #submit(random: Random): void {
    if (this.#town.up.length === 0) return
    const count = random.oneIn(24) ? 20 : random.pick([1, 1, 2, 3])
    for (let sent = 0; sent < count; sent++) {
      const text = this.#anyText(random)
      const seenBy = random.oneIn(3) ? this.#town.up : [random.pick(this.#town.up)]
      for (const member of seenBy) this.#town.check(member, text)
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
      if (notAfterMs > this.#town.nowMs && notAfterMs < this.#town.nowMs + limits.notAfterAheadMs) return jws
    }
    return random.pick(texts).jws
  }

  #gossip(random: Random): void {
    const from = this.#town.up.filter(({ mempool }) => mempool.length > 0)
    if (from.length === 0) return
    const texts = random.shuffled(random.pick(from).mempool).slice(0, 4)
    const to = random.oneIn(2) ? this.#town.up : [random.pick(this.#town.up)]
    if (random.oneIn(3)) return this.#gossipParcel(texts, to)
    for (const member of to) {
      for (const text of texts) if (!member.mempool.includes(text)) this.#town.check(member, text)
    }
  }

  /** What waits at one member travels in one entry, as its node would have packed it, or with what has travelled before. */
  #gossipParcel(texts: readonly string[], to: readonly Member[]): void {
    const parcel = [...new Set(texts.flatMap((text) => text.split('\n')))].join('\n')
    if (!parcel.includes('\n')) return
    this.#town.count('parcel')
    for (const member of to) if (!member.mempool.includes(parcel)) this.#town.check(member, parcel)
  }

  /** One round of the height after the tip: a proposal, everybody's verdict, and perhaps a decision. */
  #round(random: Random): void {
    const { tip } = this.#town.witness
    const powers = this.#town.witness.validators()
    const voters = this.#town.up.filter(({ key, height }) => height === tip && powers.has(key))
    const power = (members: readonly Member[]) => members.reduce((sum, { key }) => sum + (powers.get(key) ?? 0), 0)
    const all = [...powers.values()].reduce((sum, one) => sum + one, 0)
    const isQuorum = power(voters) * 3 > all * 2
    // Most engines find each other again before they try another round.
    if (!isQuorum && !random.oneIn(4)) return this.#gather(random)
    if (voters.length === 0) return
    const height = tip + 1
    const proposal = this.#propose(random, voters)
    const verdicts = voters.map((member) => member.process(proposal.block))
    if (random.oneIn(6)) verdicts.push(...voters.map((member) => member.process(proposal.block)))
    const [verdict = 'reject'] = verdicts
    this.#town.say(`height ${height}: ${proposal.kind} of ${proposal.block.transactions.length}: ${verdicts.join(' ')}`)
    this.#town.count(`${proposal.kind} proposal: ${verdict}`)
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
    if (!isQuorum || random.oneIn(6))
      return this.#town.count(isQuorum ? 'round without a decision' : 'round without quorum')
    this.#decide(proposal.block, random)
  }

  #gather(random: Random): void {
    this.#deliverOne(random)
    if (this.#town.members.some(({ isUp }) => !isUp)) this.#restart(random)
    // Who was voted in and is not there yet may be the one that is missing.
    const next = memberKeys[this.#town.members.length]
    if (next !== undefined && this.#town.witness.validators().has(next)) this.#join(random)
  }

  #propose(random: Random, voters: readonly Member[]) {
    // A proposal of an earlier round stays good: nothing was committed since.
    const earlier = this.#rounds.length > 0 && random.oneIn(3) ? random.pick(this.#rounds) : undefined
    if (earlier !== undefined) {
      const { by, ...block } = earlier
      return { kind: 'earlier', block, ...(by === 'honest' && { owed: 'accept' as const }) }
    }
    const given = this.#town.nextBlock(random)
    if (random.oneIn(4)) {
      const waiting = random.pick(voters).mempool
      const { pool } = this.#options
      const made = dishonestProposal({ random, pool, timeMs: given.timeMs, logged: this.#logged, waiting })
      const { kind, transactions, owed } = made
      return { kind, block: { ...given, transactions }, ...(owed && { owed }) }
    }
    const room = random.oneIn(5) ? random.between(200, 4_000) : limits.blockBytes
    const proposer = random.pick(voters)
    const transactions = proposer.prepare(given, room)
    return { kind: 'honest', block: { ...given, transactions }, owed: 'accept' as const }
  }

  #decide(block: Block, random: Random): void {
    this.#town.witness.decided.push(block)
    this.#rounds = []
    this.#logged.push(...block.transactions)
    for (const { type } of block.misbehaviour) this.#town.count(`evidence: ${type}`)
    this.#town.say(`height ${block.height} is decided`)
    for (const member of random.shuffled(this.#town.up)) if (!random.oneIn(8)) this.#town.deliver(member, random)
  }

  #deliverOne(random: Random): void {
    const waiting = this.#town.members.filter(({ isWaitingForRoom }) => isWaitingForRoom)
    if (waiting.length > 0) return this.#town.makeRoom(random.pick(waiting))
    const behind = this.#town.up.filter(({ height }) => height < this.#town.witness.tip)
    if (behind.length === 0) return
    const member = random.pick(behind)
    const until = random.oneIn(3) ? this.#town.witness.tip : member.height + 1
    while (member.isUp && !member.isWaitingForRoom && member.height < until) {
      const before = member.height
      this.#town.deliver(member, random)
      if (member.height === before) return
    }
  }

  #end(random: Random): void {
    const alive = this.#town.members.filter(({ isUp }) => isUp)
    if (alive.length < 2) return
    const member = random.pick(alive)
    this.#town.say(`${member.name} is killed`)
    this.#town.ends++
    member.end()
  }

  #restart(random: Random): void {
    const down = this.#town.members.filter(({ isUp }) => !isUp)
    if (down.length === 0) return
    const member = random.pick(down)
    if (this.#town.isJoining(member)) return this.#sync(random)
    // It may end again while it takes up what it had left.
    if (random.oneIn(4)) member.storage.plan.dieAt = random.pick(lastMoments)
    this.#town.start(member)
    member.storage.plan.dieAt = undefined
  }

  #loseEngine(random: Random): void {
    const alive = this.#town.members.filter(({ isUp }) => isUp)
    if (alive.length === 0) return
    const member = random.pick(alive)
    member.loseEngine()
    this.#town.with(member, () => this.#town.greet(member))
  }

  #ask(random: Random): void {
    if (this.#town.up.length === 0) return
    const member = random.pick(this.#town.up)
    const leaf = random.below(Math.max(1, this.#logged.length))
    const text = this.#logged[leaf]
    if (text !== undefined) this.#town.check(member, text)
  }

  #pass(random: Random): void {
    this.#town.nowMs += random.pick(stepsOfTimeMs)
  }

  /** So long that snapshots do not carry the first blocks any more, and not so long that all texts have expired. */
  #pause(): void {
    const { nowMs } = this.#town
    if (nowMs < startMs + longestHistoryMs / 3) this.#town.nowMs += limits.notAfterAheadMs + 60_000
  }

  #fill(random: Random): void {
    if (this.#town.up.length > 0) random.pick(this.#town.up).storage.plan.full = random.between(1, 3)
  }

  #join(random: Random): void {
    if (this.#town.members.length === memberKeys.length) return
    const member = this.#town.add(random)
    this.#town.say(`${member.name} joins`)
    if (this.#mayJoinBySnapshot() && random.oneIn(2)) return this.#town.letJoin(member)
    this.#town.start(member)
  }

  /** Somebody's machine is lost, when others can help: nobody else may be on the way back. */
  #lose(random: Random): void {
    if (!this.#mayJoinBySnapshot()) return
    const member = random.pick(this.#town.members)
    this.#town.say(`${member.name} is lost`)
    this.#town.ends++
    this.#town.letJoin(member)
  }

  #mayJoinBySnapshot(): boolean {
    // A state root is agreed on half an interval after its boundary, and signed only then.
    const isThereOne = this.#town.witness.leaves.size >= townGenesis.stateRootEvery * 1.5
    return this.#hasSnapshots && isThereOne && this.#town.joiners.length === 0
  }

  /** A few calls on the way of whoever joins. */
  #sync(random: Random): void {
    const [joiner] = this.#town.joiners
    if (joiner === undefined) return
    for (let call = random.between(1, 8); call > 0 && this.#town.isJoining(joiner); call--) {
      if (!this.#town.advance(joiner, random)) return
    }
  }

  // How it ends: everybody comes back, and all must have the same.

  #heal(): void {
    this.#options.trace?.('in the end')
    const calm = new Random(`${this.#options.seed} end`)
    for (const { storage } of this.#town.members) Object.assign(storage.plan, { dieAt: undefined, full: 0 })
    const newcomer = this.#town.members.length < memberKeys.length && calm.oneIn(3) ? this.#town.add(calm) : undefined
    for (const member of this.#town.members) {
      if (this.#town.isJoining(member)) continue
      if (!member.isUp) this.#town.start(member)
      while (member.isWaitingForRoom) this.#town.makeRoom(member)
      this.#town.catchUp(member)
    }
    if (newcomer !== undefined) this.#town.count('joined from genesis')
    for (const member of this.#town.joiners) this.#endJoining(member, calm)
    // Two blocks: one of whatever still waits, one after everything that waits has expired.
    this.#finish(calm)
    this.#town.nowMs += limits.notAfterAheadMs + 30_000
    this.#finish(calm)
    for (const { name, mempool } of this.#town.members) {
      if (mempool.length > 0) throw new Broken('nothing_stuck', `${mempool.length} still wait at ${name}.`)
    }
    for (const member of this.#town.members) {
      if (member.height !== this.#town.witness.tip) throw new Broken('nothing_lost', `${member.name} stays behind.`)
      this.#town.with(member, () => this.#town.witness.greeted(member, member.info()))
    }
  }

  /** With nobody hostile and nothing in its way, a member joins; without a snapshot that enough have signed, by the log. */
  #endJoining(member: Member, calm: Random): void {
    this.#town.endJoining(member)
    for (let call = 0; call < 40 && this.#town.isJoining(member); call++) this.#town.advance(member, calm, true)
    // Who has found a snapshot that enough have signed comes to its end; where there is none the log is replayed.
    if (this.#town.isJoining(member)) this.#town.replayInstead(member)
    this.#town.catchUp(member)
  }

  #finish(random: Random): void {
    const [first] = this.#town.members as [Member]
    const block = this.#town.nextBlock(random)
    const transactions = first.prepare(block, limits.blockBytes)
    for (const member of this.#town.members) {
      const verdict = member.process({ ...block, transactions })
      if (verdict !== 'accept') throw new Broken('honest_accepted', `${member.name} rejects the last block.`)
    }
    this.#town.witness.decided.push({ ...block, transactions })
    for (const member of random.shuffled(this.#town.members)) this.#town.catchUp(member)
  }
}
