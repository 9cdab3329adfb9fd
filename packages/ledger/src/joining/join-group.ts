/** Joining a group by a snapshot, from what its ledger will be opened with afterwards. */
import type { GenesisDocument } from '@chengxin/module-kit'
import { groupIdOf } from '../execution/genesis.ts'
import type { StateSync } from '../ordering/cometbft/engine-home.ts'
import { chainOf } from '../pipeline/consensus.ts'
import { type ConsensusChoice, defaultQueue } from '../pipeline/open-ledger.ts'
import { firstValidators } from '../pipeline/run-engine.ts'
import type { StoredHead } from '../storage/face.ts'
import type { EndorsedBoundary } from './endorsed-boundaries.ts'
import { JoinFailed, joinBySnapshot } from './join-by-snapshot.ts'
import type { JoinStep } from './snapshot-join.ts'

export { JoinFailed } from './join-by-snapshot.ts'

export interface JoinGroupOptions {
  readonly directory: string
  readonly genesis: GenesisDocument
  readonly consensus: ConsensusChoice
  readonly stateSync: StateSync
  readonly boundaries: readonly EndorsedBoundary[]
  /** Asks members what they have signed by now. */
  readonly askAgain?: () => Promise<readonly EndorsedBoundary[]>
  readonly onStep?: (step: JoinStep) => void
  readonly signal: AbortSignal
}

/** Resolves with the head that was restored; the ledger may be opened then. Throws `JoinFailed`. */
export async function joinGroupBySnapshot(options: JoinGroupOptions): Promise<StoredHead> {
  const { directory, genesis, consensus, stateSync, boundaries, askAgain, onStep, signal } = options
  const { abci, rpc, run } = consensus
  if (run === undefined) throw new JoinFailed('A member joins by a snapshot where it starts its engine itself.')
  const group = { chain: chainOf(genesis), validators: firstValidators(genesis) }
  return joinBySnapshot({
    directory,
    group: groupIdOf(genesis),
    program: run,
    home: { ...run.home, ...group, abci, rpc, queue: defaultQueue, stateSync },
    boundaries,
    ...(askAgain && { askAgain }),
    ...(onStep && { onStep }),
    signal,
  })
}
