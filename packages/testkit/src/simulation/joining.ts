/**
 * A member that joins by a snapshot: the ledger's own joining behind an engine that is played, step by step, so that
 * everything else goes on meanwhile. Whoever is asked may be hostile or gone, and the process may end at every change of
 * a file; then it begins again as a node does, until it has the agreed state.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@chengxin/crypto/node'
import { equalBytes, toBase64url } from '@chengxin/kernel'
import { clearStore } from '@chengxin/ledger/joining/clear-store'
import {
  type ClaimedSnapshot,
  type EndorsedBoundary,
  type EndorsementPolicy,
  endorsedBoundaries,
} from '@chengxin/ledger/joining/endorsed-boundaries'
import { SnapshotJoin } from '@chengxin/ledger/joining/snapshot-join'
import type { AbciRequest } from '@chengxin/ledger/ordering/cometbft/requests'
import type { AbciResponse } from '@chengxin/ledger/ordering/cometbft/responses'
import type { StoredHead } from '@chengxin/ledger/storage/face'
import { ProcessEnded } from './crash-store.ts'
import { type FilePlan, fileMoments, withFiles } from './file-crash.ts'
import { alteredChunk, type Forgery, forge, type Genuine, madeUp, manifestOf } from './forgeries.ts'
import { Broken, type Invariant, type Witness } from './invariants.ts'
import type { Answer, Block, Member } from './member.ts'
import type { Random } from './random.ts'
import type { SnapshotShelf } from './snapshot-shelf.ts'
import { foundingMembers, logSignerOf, memberIdOf, townGenesis, townGroup, verify } from './town.ts'
import { readByEngine, sentByEngine } from './wire.ts'

/** What a planted fault changes in a member that joins. */
export interface JoinerFault {
  /** It takes the word of whoever stands alone with it. */
  readonly believesOne?: true
  readonly handle?: (inner: SnapshotJoin['handle'], directory: string) => SnapshotJoin['handle']
}

export interface JoiningScene {
  readonly member: Member
  readonly directory: string
  readonly shelf: SnapshotShelf
  readonly witness: Witness
  /** Who can be asked now. */
  readonly peers: () => readonly Member[]
  readonly fault: JoinerFault | undefined
  readonly onWire: boolean
  readonly say: (line: string) => void
  readonly count: (what: string) => void
}

/** A snapshot that peers offer; one that is no forgery has the chunks that they serve. */
interface Offer extends Omit<Forgery, 'kind'> {
  readonly kind: string
  readonly from: readonly Member[]
}

interface Attempt {
  readonly offer: Offer
  readonly missing: Set<number>
}

interface Process {
  readonly handle: SnapshotJoin['handle']
  readonly boundaries: readonly EndorsedBoundary[]
  /** Who lies to this process, and whom its engine asks no more. */
  readonly hostile: ReadonlySet<Member>
  readonly rejected: Set<string>
  readonly restored: () => StoredHead | undefined
  offers: Offer[]
  attempt: Attempt | undefined
  /** The height whose state stands in its place. */
  complete: number | undefined
  /** Whether its log begins later than the group's. */
  isPartial: boolean
}

/** Headers of so many blocks after the boundary are needed to go on from it. */
const headersAfter = 2
const someHash = new Uint8Array(32)

export class Joining {
  readonly #scene: JoiningScene
  #process: Process | undefined

  constructor(scene: JoiningScene) {
    this.#scene = scene
  }

  /** Whether it has found what it may begin with. */
  get hasBegun(): boolean {
    return this.#process !== undefined
  }

  /** The process has ended, wherever it stood. */
  end(): void {
    this.#process = undefined
  }

  /**
   * One step on the way: a call of the engine, or whatever comes before the first. The head that it has joined at, once
   * the node may open its ledger. Throws `ProcessEnded`.
   */
  step(random: Random, isCalm = false): StoredHead | undefined {
    this.#process ??= this.#start(random, isCalm)
    const process = this.#process
    if (process === undefined) return undefined
    if (process.complete !== undefined) return this.#finish(process, process.complete, random, isCalm)
    if (process.attempt !== undefined) this.#fetch(process, process.attempt, random, isCalm)
    else if (process.offers.length > 0) this.#offer(process, process.offers.pop() as Offer, random, isCalm)
    else this.#discover(process, random)
    return undefined
  }

  /** As a node starts that is to join: it has nothing, and knows what enough members have signed. */
  #start(random: Random, isCalm: boolean): Process | undefined {
    const { member, directory, witness, peers, fault, say, count } = this.#scene
    clearStore(directory)
    this.#expectNoStore('before it begins')
    const hostile = new Set(isCalm ? [] : peers().filter(() => random.oneIn(3)))
    const liar = random.oneIn(2) ? [...hostile][0] : undefined
    const known = Array.from({ length: foundingMembers }, (_none, index) => index).filter((one) => one !== member.index)
    // Half of those that join know no names, so that what stands behind the names is tried as well.
    const isNamed = random.oneIn(2)
    const claims = peers().flatMap((peer) => this.#claims(peer, { isLying: peer === liar, isNamed }))
    const boundaries = fault?.believesOne
      ? loneFirst(known.flatMap((one) => endorsedBoundaries(claims, policyOf([one]))))
      : endorsedBoundaries(claims, policyOf(known))
    const [newest] = boundaries
    if (newest === undefined || witness.tip < newest.height + headersAfter) {
      count('join: waits')
      return undefined
    }
    let restored: StoredHead | undefined
    const joining = new SnapshotJoin({
      directory,
      group: townGroup,
      boundaries,
      onRestored: (head) => {
        restored = head
      },
      onFailed: () => {},
    })
    const process: Process = {
      handle: fault?.handle?.(joining.handle, directory) ?? joining.handle,
      boundaries,
      hostile,
      rejected: new Set(),
      restored: () => restored,
      offers: [],
      attempt: undefined,
      complete: undefined,
      isPartial: false,
    }
    say(`${member.name} asks for snapshots; ${[...hostile].map(({ name }) => name).join('') || 'nobody'} is hostile`)
    const { height } = this.#ask<'info'>(process, { call: 'info', version: '', abciVersion: '' })
    this.#hold(height === 0, 'join_clean', `tells height ${height} before it has anything`)
    return process
  }

  /** What a peer has signed of its snapshots: of what it computed itself, once the others have agreed on it. */
  #claims(
    peer: Member,
    { isLying, isNamed }: { readonly isLying: boolean; readonly isNamed: boolean },
  ): readonly ClaimedSnapshot[] {
    if (peer.index >= foundingMembers) return []
    const { shelf } = this.#scene
    const agreed = peer.store.head()?.stateRoot?.size ?? 0
    return shelf
      .boundaries()
      .filter(({ height, size }) => peer.hasSnapshot(height) && size <= agreed)
      .map(({ height, size, timeMs, root, logRoot }) => {
        const lie = isLying ? madeUp(this.#genuine(peer, height)) : undefined
        const { hash } = lie?.snapshot ?? this.#genuine(peer, height).snapshot
        const notes = peer.signBoundary(size, lie?.stateRoot ?? root, logRoot, timeMs)
        return { memberId: memberIdOf(peer.index), height, notes, ...(isNamed && { hash: toBase64url(hash) }) }
      })
  }

  #genuine(peer: Member, height: number): Genuine {
    const snapshot = peer.listSnapshots().find((one) => one.height === height)
    if (snapshot === undefined) throw new Error(`${peer.name} does not serve the snapshot of ${height} that it has.`)
    return { snapshot, chunks: chunksOf(peer, snapshot) }
  }

  /** Asks whoever is there what they have. Peers that are hostile offer something of their own beside it, or instead. */
  #discover(process: Process, random: Random): void {
    const { peers, count, say, member } = this.#scene
    const asked = peers().filter(({ name }) => !process.rejected.has(name))
    const offers = new Map<string, Offer>()
    for (const peer of asked) {
      for (const snapshot of peer.listSnapshots()) {
        const isHostile = process.hostile.has(peer)
        if (isHostile) {
          const genuine = this.#genuine(peer, snapshot.height)
          for (const forged of [madeUp(genuine), forge(genuine, random), forge(genuine, random)].slice(
            0,
            random.between(1, 3),
          )) {
            if (forged.isByNameAlone && !namesAt(process, snapshot.height)) continue
            offers.set(`${peer.name} ${offers.size}`, { ...forged, from: [peer] })
          }
          if (random.oneIn(2)) continue
        }
        const name = `${snapshot.height} ${toBase64url(snapshot.hash)}`
        const from = [...(offers.get(name)?.from ?? []), peer]
        offers.set(name, { kind: 'genuine', snapshot, owed: 'accept', from })
      }
    }
    process.offers = random.shuffled([...offers.values()])
    say(
      `${member.name} is offered ${process.offers.map(({ kind, snapshot }) => `${kind} ${snapshot.height}`).join(', ')}`,
    )
    const isKnown = process.offers.some(({ snapshot }) =>
      process.boundaries.some(({ height }) => height === snapshot.height),
    )
    if (isKnown) return
    // Everybody has been turned away, or is gone, or has newer ones by now: the node is started again.
    count(offers.size > 0 ? 'join: newer offers alone' : 'join: nobody offers')
    throw new ProcessEnded('since nobody offers a snapshot that it can take')
  }

  #offer(process: Process, offer: Offer, random: Random, isCalm: boolean): void {
    const { witness, count, say, member } = this.#scene
    const { kind, snapshot } = offer
    const from = offer.from.filter(({ name }) => !process.rejected.has(name))
    // An engine offers only what it has headers for.
    if (from.length === 0 || snapshot.height < 1 || witness.tip < snapshot.height + headersAfter) return
    const plan = !isCalm && random.oneIn(12) ? random.pick(['making', 'leaving'] as const) : undefined
    const appHash = Buffer.from(witness.agreedHashAt(snapshot.height), 'base64url')
    const { result } = this.#ask<'offerSnapshot'>(process, { call: 'offerSnapshot', snapshot, appHash }, plan)
    say(`${member.name} answers ${kind} ${snapshot.height} with ${result}`)
    count(`offer of ${kind}: ${result}`)
    const owed = this.#owed(process, offer)
    this.#hold(
      owed === undefined || owed === result,
      'poison_refused',
      `answers ${kind} with ${result} and not ${owed}`,
    )
    if (result === 'reject_sender') for (const { name } of from) process.rejected.add(name)
    if (result !== 'accept') return this.#expectNoStore('after a snapshot was refused')
    const missing = new Set(Array.from({ length: snapshot.chunks }, (_none, index) => index))
    process.attempt = { offer: { ...offer, from }, missing }
  }

  /** The refusals that come before an endorsement is asked for, those that come after, and that of one that is missing. */
  #owed({ boundaries }: Process, { kind, snapshot, owed }: Offer): Offer['owed'] {
    if (kind === 'format' || kind === 'renamed' || kind === 'made_up') return owed
    const endorsed = boundaries.find(({ height }) => height === snapshot.height)
    if (endorsed === undefined) return 'reject'
    if (endorsed.names !== undefined && kind !== 'genuine' && owed === 'accept') return 'reject'
    const truth = this.#scene.shelf.boundaries().find(({ height }) => height === snapshot.height)
    // One that a liar alone has signed for can be neither taken nor told from others here.
    return truth !== undefined && equalBytes(endorsed.stateRoot, truth.root) ? owed : undefined
  }

  #fetch(process: Process, attempt: Attempt, random: Random, isCalm: boolean): void {
    const { peers, count } = this.#scene
    const { offer, missing } = attempt
    const { height } = offer.snapshot
    const up = peers()
    const senders = offer.from.filter((one) => !process.rejected.has(one.name) && up.includes(one))
    if (senders.length === 0) {
      count('join: providers vanished')
      process.attempt = undefined
      return
    }
    const sender = random.pick(senders)
    const index = random.pick([...missing])
    const own = offer.chunks?.[index] ?? (sender.hasSnapshot(height) ? sender.loadChunk(height, index) : noBytes)
    if (own.length === 0) {
      count('join: chunk vanished')
      process.rejected.add(sender.name)
      return
    }
    // Whoever made a snapshot up has no reason to spoil it, but for now and then.
    const isAltered = !isCalm && process.hostile.has(sender) && random.oneIn(offer.chunks === undefined ? 2 : 8)
    const others = () => offer.chunks ?? chunksOf(sender, offer.snapshot)
    const altered = isAltered ? alteredChunk(own, others(), random) : undefined
    const plan = isCalm ? undefined : planOf(random, missing.size === 1)
    const asked: AbciRequest = {
      ...{ call: 'applySnapshotChunk', index },
      ...{ chunk: altered?.bytes ?? own, sender: sender.name },
    }
    const answer = this.#ask<'applySnapshotChunk'>(process, asked, plan)
    const { result } = answer
    if (result === 'abort') return this.#stopForRoom(plan)
    if (altered !== undefined) return this.#expectRetry(process, answer, altered.kind, index, sender)
    missing.delete(index)
    count(`chunk of ${offer.kind}: ${result}`)
    if (result === 'reject_snapshot') {
      const isOwed = offer.kind !== 'genuine'
      this.#hold(isOwed, 'poison_refused', `gives up the agreed snapshot of ${height} at chunk ${index}`)
      this.#expectNothing('after a snapshot was given up')
      process.attempt = undefined
      return
    }
    this.#hold(result === 'accept', 'poison_refused', `answers chunk ${index} of ${offer.kind} with ${result}`)
    if (missing.size > 0) return
    const isTaken = offer.kind === 'genuine' || offer.kind === 'made_up'
    this.#hold(isTaken, 'poison_refused', `takes the whole snapshot of ${height} with ${offer.kind} forged`)
    process.attempt = undefined
    process.complete = height
    process.isPartial = manifestOf(offer.snapshot).firstHeight > 0
  }

  #expectRetry(
    process: Process,
    { result, refetch, rejectSenders }: Answer<'applySnapshotChunk'>,
    kind: string,
    index: number,
    sender: Member,
  ): void {
    this.#scene.count(`${kind} chunk: ${result}`)
    const isRight = result === 'retry' && refetch.join() === String(index) && rejectSenders.join() === sender.name
    this.#hold(
      isRight,
      'poison_refused',
      `answers a chunk that is ${kind} with ${result} ${refetch.join()} ${rejectSenders.join()}`,
    )
    process.rejected.add(sender.name)
  }

  /** Without room it gives up and leaves nothing; somebody has to make room and start the node again. */
  #stopForRoom(plan: FilePlan | undefined): never {
    this.#hold(plan === 'no_room', 'poison_refused', 'aborts and has room')
    this.#expectNothing('after its disk was full')
    this.#scene.count('join: full disk')
    throw new ProcessEnded('since its disk is full')
  }

  /** The engine sees that the state is the agreed one, takes the height as its own, and hands over the next block. */
  #finish(process: Process, height: number, random: Random, isCalm: boolean): StoredHead | undefined {
    const { witness, count, member, say } = this.#scene
    const info = this.#ask<'info'>(process, { call: 'info', version: '', abciVersion: '' })
    const isAgreed = info.height === height && toBase64url(info.appHash) === witness.agreedHashAt(height)
    this.#hold(isAgreed, 'joined_agreed', `tells ${info.height} and another hash than ${height} has`)
    if (!isCalm && random.oneIn(6)) this.#endAt('after the last chunk')
    const next = witness.decided[height + 1] as Block
    const answer = process.handle(this.#sent({ call: 'finalizeBlock', hash: someHash, ...next }))
    const head = process.restored()
    this.#hold(
      answer instanceof Promise && head !== undefined,
      'join_clean',
      'answers the next block before it is a ledger',
    )
    if (!isCalm && random.oneIn(6)) this.#endAt('before it was kept')
    say(`${member.name} has the state after ${height}`)
    count('joined by a snapshot')
    if (process.isPartial) count('joined without the oldest blocks')
    return head
  }

  #ask<Call extends AbciResponse['call']>(process: Process, request: AbciRequest, plan?: FilePlan): Answer<Call> {
    const { value, met } = this.#withFiles(plan, () => process.handle(this.#sent(request)))
    if (value instanceof Promise) throw new Broken('member_halted', `${this.#name} answers ${request.call} late.`)
    const read = this.#scene.onWire ? readByEngine(value) : value
    if (read.call === 'exception') throw new Broken('member_halted', `${this.#name} halts in ${request.call}.`)
    if (met) this.#hold('result' in read && read.result === 'abort', 'join_clean', 'goes on without room')
    return read as Answer<Call>
  }

  #withFiles<T>(plan: FilePlan | undefined, call: () => T) {
    try {
      return withFiles(plan, call)
    } catch (error) {
      if (error instanceof ProcessEnded) this.#scene.count(`join ended: ${error.message}`)
      throw error
    }
  }

  #endAt(moment: string): never {
    this.#scene.count(`join ended: ${moment}`)
    throw new ProcessEnded(moment)
  }

  #sent(request: AbciRequest): AbciRequest {
    return this.#scene.onWire ? sentByEngine(request) : request
  }

  get #name(): string {
    return this.#scene.member.name
  }

  #expectNoStore(when: string): void {
    const left = ['log', 'tiles', 'state'].filter((part) => existsSync(join(this.#scene.directory, part)))
    this.#hold(left.length === 0, 'join_clean', `has ${left.join()} ${when}`)
  }

  #expectNothing(when: string): void {
    this.#expectNoStore(when)
    const isBuilding = existsSync(`${this.#scene.directory}.restoring`)
    this.#hold(!isBuilding, 'join_clean', `has parts of a store ${when}`)
  }

  #hold(holds: boolean, invariant: Invariant, facts: string): asserts holds {
    if (!holds) throw new Broken(invariant, `${this.#name} ${facts}.`)
  }
}

function namesAt({ boundaries }: Process, height: number): readonly string[] | undefined {
  return boundaries.find((one) => one.height === height)?.names
}

function policyOf(known: readonly number[]): EndorsementPolicy {
  const members = known.map((index) => ({ memberId: memberIdOf(index), logKey: logSignerOf(index).jwk }))
  return { origin: townGenesis.origin, members, sha256, verify }
}

/** What fewest have signed comes first. */
function loneFirst(boundaries: readonly EndorsedBoundary[]): readonly EndorsedBoundary[] {
  const same = ({ stateRoot }: EndorsedBoundary) =>
    boundaries.filter((other) => equalBytes(other.stateRoot, stateRoot)).length
  return boundaries.toSorted((one, other) => same(one) - same(other))
}

function chunksOf(peer: Member, { height, chunks }: Offer['snapshot']): readonly Uint8Array[] {
  return Array.from({ length: chunks }, (_none, index) => peer.loadChunk(height, index))
}

const noBytes = new Uint8Array(0)
const lastPlans = fileMoments.filter((moment) => moment !== 'making')

/** With the last chunk everything is built and moved: most moments are there. */
function planOf(random: Random, isLast: boolean): FilePlan | undefined {
  if (random.oneIn(24)) return 'no_room'
  if (isLast) return random.oneIn(2) ? random.pick(lastPlans) : undefined
  return random.oneIn(12) ? 'in_chunk' : undefined
}
