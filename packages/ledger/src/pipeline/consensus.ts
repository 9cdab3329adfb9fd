/** Ordering together with other members: an engine's choice of CometBFT, put beside the application of this group. */
import { fromBase64url, toHex } from '@chengxin/kernel'
import type { GenesisDocument, MembershipAnswers } from '@chengxin/module-kit'
import type { Executor } from '../execution/executor.ts'
import { groupIdOf } from '../execution/genesis.ts'
import type { Misbehaved } from '../face.ts'
import type { LedgerApplication } from '../ordering/application.ts'
import type { OrderedBlock } from '../ordering/cometbft/driver.ts'
import type { EngineAddress, EngineClient } from '../ordering/cometbft/engine-client.ts'
import { peerId } from '../ordering/cometbft/engine-home.ts'
import { type CometObserver, CometOrdering, type CometState } from '../ordering/cometbft/ordering.ts'
import type { PeerFilter } from '../ordering/cometbft/peer-filter.ts'
import type { AbciAddress } from '../ordering/cometbft/server.ts'
import type { ValidatorSet } from '../ordering/cometbft/validators.ts'
import type { TransactionResult } from '../ordering/port.ts'
import type { QueueLimits } from '../ordering/queue.ts'
import type { Store, StoredBlock } from '../storage/face.ts'
import { committedBlockFrom, openLeaf } from './logged-blocks.ts'

/** Where the engine of this member is met. What else it is told lies in its home. */
export interface ConsensusPlace {
  readonly abci: AbciAddress
  readonly rpc: EngineAddress
  /** Ids (hex) of engines that this member has been told to connect to: let in unless they are members no more. */
  readonly peers: readonly string[]
}

export interface ConsensusOptions {
  readonly place: ConsensusPlace
  readonly client: EngineClient
  readonly genesis: GenesisDocument
  readonly application: LedgerApplication
  readonly executor: Executor
  readonly clock: () => number
  readonly queue: QueueLimits
  readonly peers: GroupPeers
  readonly observer: CometObserver<number>
}

/** What an engine's genesis says of this group. */
export function chainOf(genesis: GenesisDocument) {
  return { chainId: groupIdOf(genesis), genesisTimeMs: genesis.createdAtMs }
}

export function createConsensus(options: ConsensusOptions): CometOrdering<number> {
  const { place, client, genesis, application, executor, clock, queue, peers, observer } = options
  const hasMembership = executor.rules.ruleset.membership !== undefined
  return new CometOrdering<number>({
    application,
    chain: chainOf(genesis),
    clock,
    queue,
    observer,
    address: place.abci,
    client,
    peers,
    later: (step, milliseconds) => void setTimeout(step, milliseconds),
    ...(hasMembership && { validators: () => validatorsOf(executor) }),
  })
}

/** Who votes by the rows as they are now, each once. */
function validatorsOf({ membership }: Executor): ValidatorSet {
  return new Map((membership?.validators() ?? []).map(({ key }) => [key, 1]))
}

/** The member whose validator key has this address. */
export function memberOfAddress(executor: Executor, address: string): string {
  const validators = executor.membership?.validators() ?? []
  return validators.find(({ key }) => peerId({ x: key }) === address)?.member ?? address
}

/** How the members that order together are seen to do. */
export interface ConsensusReport {
  readonly state: CometState
  /** The newest block here, confirmed or not. */
  readonly height: number
  readonly waiting: number
  /** Present once a block has come. */
  readonly newest?: {
    readonly height: number
    readonly proposer: string
    readonly votes: readonly { readonly member: string; readonly power: number; readonly hasSigned: boolean }[]
  }
  /** Who was caught signing two things at once, ever. */
  readonly misbehaved: readonly Misbehaved[]
  /** Engines by their ids: those of members, in the order in which they entered, and those of nobody any more. */
  readonly engines: EnginesOfMembers
}

export interface EnginesOfMembers {
  readonly listed: readonly string[]
  readonly former: readonly string[]
}

export function consensusReport(
  { state, waiting, signatures }: CometOrdering<number>,
  executor: Executor,
  misbehaved: readonly Misbehaved[],
  peers: GroupPeers,
): ConsensusReport {
  const report = { state, waiting, height: executor.head?.height ?? 0, misbehaved, engines: peers.engines() }
  if (signatures === undefined) return report
  const votes = signatures.lastCommit.votes.map(({ address, power, flag }) => {
    return { member: memberOfAddress(executor, address), power, hasSigned: flag === 'commit' }
  })
  const { height, proposer } = signatures
  return { ...report, newest: { height, proposer: memberOfAddress(executor, proposer), votes } }
}

/** The filter of an engine, and whom it has known. */
export interface GroupPeers extends PeerFilter {
  /** By the rows as they are now. Where the rules list nobody there are none of either. */
  engines(): EnginesOfMembers
}

/**
 * Engines are known by their keys: an address says nothing about who is behind it. Whom the rules have listed they judge
 * from then on, also where this member was told to connect to it: who is a member no more is let in no more. Others whom it
 * was told to connect to are let in: a member that joins does not know all the others yet.
 */
export function peerFilter(
  known: readonly string[],
  founders: GenesisDocument['members'],
  membership: () => Pick<MembershipAnswers, 'peers'> | undefined,
): GroupPeers {
  const everListed = new Set(founders.flatMap(({ peerId: founder }) => (founder === undefined ? [] : hexOf(founder))))
  const listedNow = () => {
    const listed = (membership()?.peers() ?? []).map(hexOf)
    for (const one of listed) everListed.add(one)
    return listed
  }
  return {
    admitsAddress: () => true,
    admitsId: (id) => {
      const listed = listedNow()
      return listed.includes(id) || (known.includes(id) && !everListed.has(id))
    },
    engines: () => {
      const listed = listedNow()
      return { listed, former: listed.length === 0 ? [] : [...everListed].filter((id) => !listed.includes(id)) }
    },
  }
}

function hexOf(peer: string): string {
  return toHex(fromBase64url(peer) as Uint8Array)
}

/**
 * The newest block of a store, if the header that confirms what it led to may not have been seen: the process ended
 * after its commit. A block that changed nothing is confirmed by its own header, and genesis by being founded.
 */
export function unconfirmedBlock(store: Store): OrderedBlock | undefined {
  const height = store.head()?.height ?? 0
  const [block, before] = [store.block(height), store.headAt(height - 1)]
  if (height === 0 || block === undefined || before === undefined) return undefined
  if (Buffer.from(before.agreedHash).equals(block.agreedHash)) return undefined
  const logged = committedBlockFrom(block).transactions
  const count = (logged.at(-1)?.position ?? -1) + 1
  // What left no leaf has left no trace either: its place is kept, so that the others have theirs.
  const transactions = new Array<string>(count).fill('')
  const results: TransactionResult[] = transactions.map(() => ({ code: 'not_logged' }))
  for (const [index, { position, code, leafIndex, types, principals }] of logged.entries()) {
    const { leaf, events } = block.leaves[index] as StoredBlock['leaves'][number]
    transactions[position] = openLeaf(leaf).jws
    results[position] = {
      code,
      leafIndex,
      events: Buffer.from(events).toString(),
      types: types.join(' '),
      principals: principals.join(' '),
    }
  }
  const agreedHash = Buffer.from(block.agreedHash).toString('base64url')
  return { height, timeMs: block.timeMs, transactions, results, agreedHash }
}

/** Who signed each transaction of a block in the log, by position. */
export function loggedSigners(store: Store, height: number): readonly string[] {
  const signers: string[] = []
  const block = store.block(height)
  const logged = block === undefined ? [] : committedBlockFrom(block).transactions
  for (const { position, signer } of logged) signers[position] = signer
  return Array.from(signers, (signer) => signer ?? '')
}
