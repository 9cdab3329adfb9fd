/**
 * A member's way into a group that has gone on for long: it asks the other members' nodes for their word on snapshots and
 * for a header that the validators have signed, and lets its engine fetch the rest. It tries until it is done or stopped.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import type { ConsensusChoice } from '@chengxin/ledger'
import { type EndorsedBoundary, endorsedBoundaries, quorumOf } from '@chengxin/ledger/joining/endorsed-boundaries'
import { provenHeader } from '@chengxin/ledger/joining/engine-commit'
import { JoinFailed, joinGroupBySnapshot } from '@chengxin/ledger/joining/join-group'
import type { JoinStep } from '@chengxin/ledger/joining/snapshot-join'
import type { GroupPaths } from '../data-directory.ts'
import type { Genesis } from '../genesis-file.ts'
import { type KnownMembers, keepAsJoined } from './joining-file.ts'
import type { MemberNode } from './member-node.ts'

export interface JoinOptions {
  readonly group: GroupPaths
  readonly genesis: Genesis
  readonly consensus: ConsensusChoice
  readonly known: KnownMembers
  readonly nodes: readonly MemberNode[]
  readonly tell: (sentence: string) => void
  readonly onStep?: (step: JoinStep) => void
  readonly signal: AbortSignal
}

const retryMs = 3_000
/** Headers of so many blocks after the boundary are needed to go on from it. */
const headersAfter = 2
/** An engine asks this many servers at least, so that none of them can tell it a story of its own. */
const fewestServers = 2

/** Resolves when the store of the group stands at a snapshot. Throws `JoinFailed` where the signal ended it. */
export async function joinFromSnapshot(options: JoinOptions): Promise<void> {
  const { group, genesis, consensus, tell, signal, onStep } = options
  const waits = waiting(tell)
  while (!signal.aborted) {
    const ready = await findSnapshot(options, waits)
    if (ready === undefined) {
      await delay(retryMs, undefined, { signal }).catch(() => undefined)
      continue
    }
    const { boundaries, trustHash, rpcServers } = ready
    const [{ height: trustHeight, size, signedBy }] = boundaries
    tell(
      `Joining ${group.name} by the snapshot of block ${trustHeight}, ${size} entries, signed by ${signedBy.join(', ')}.`,
    )
    try {
      const head = await joinGroupBySnapshot({
        directory: group.directory,
        genesis: genesis.document,
        consensus,
        stateSync: { rpcServers, trustHeight, trustHash },
        boundaries,
        askAgain: () => askBoundaries(options),
        ...(onStep && { onStep }),
        signal,
      })
      await keepAsJoined(group)
      tell(
        `The state of ${group.name} after block ${head.height} is here. Older entries are fetched while the node runs.`,
      )
      return
    } catch (error) {
      if (!(error instanceof JoinFailed) || signal.aborted) throw error
      tell(`${error.message} It is tried again.`)
      await delay(retryMs, undefined, { signal }).catch(() => undefined)
    }
  }
  throw new JoinFailed('It was stopped.')
}

interface ReadySnapshot {
  readonly boundaries: readonly [EndorsedBoundary, ...EndorsedBoundary[]]
  readonly trustHash: string
  readonly rpcServers: readonly string[]
}

/** The boundaries that enough members have signed, by what their nodes say now. */
async function askBoundaries({ genesis, known, nodes }: JoinOptions): Promise<readonly EndorsedBoundary[]> {
  const { verify } = createVerifier()
  const claims = (await Promise.all(nodes.map((node) => node.snapshots()))).flat()
  return endorsedBoundaries(claims, { origin: genesis.document.origin, members: known.others, sha256, verify })
}

async function findSnapshot(
  options: JoinOptions,
  waits: (sentence: string) => void,
): Promise<ReadySnapshot | undefined> {
  const { genesis, known, nodes } = options
  const [newest, ...older] = await askBoundaries(options)
  if (newest === undefined) {
    const needed = quorumOf(known.others.length)
    waits(
      `No snapshot is signed by ${needed} of ${known.others.length} members yet. Without joining.json the log is replayed.`,
    )
    return undefined
  }
  const validators = known.others.map(({ validatorKey }) => validatorKey.x)
  const own = known.own?.validatorKey.x
  const { verify } = createVerifier()
  const chain = { chainId: genesis.groupId, validators, verify, ...(own !== undefined && { own }) }
  const { height } = newest
  const proven = await Promise.all(
    nodes.map(async (node) => {
      const header = provenHeader(await node.askEngine('commit', { height: String(height) }), { ...chain, height })
      const later = height + headersAfter
      const next = await node.askEngine('commit', { height: String(later) })
      const isFarEnough = provenHeader(next, { ...chain, height: later }) !== undefined
      return header !== undefined && isFarEnough ? [{ header, url: node.engineUrl }] : []
    }),
  )
  const servers = proven.flat()
  const [first] = servers
  if (first === undefined || servers.length < fewestServers) {
    waits(`Too few members show signed headers of blocks ${height} and ${height + headersAfter}.`)
    return undefined
  }
  return { boundaries: [newest, ...older], trustHash: first.header, rpcServers: servers.map(({ url }) => url) }
}

/** Says the same thing once. */
function waiting(tell: (sentence: string) => void): (sentence: string) => void {
  let last = ''
  return (sentence) => {
    if (sentence !== last) tell(`${sentence} Waiting.`)
    last = sentence
  }
}
