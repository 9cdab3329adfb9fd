/** What a node tells of its engine and the other members, gathered from blocks and from the engine itself. */
import type { ConsensusStatus, EngineAnswer, ValidatorStatus } from '../face.ts'
import type { EngineClient } from '../ordering/cometbft/engine-client.ts'
import type { ConsensusReport } from './consensus.ts'
import type { CutOff } from './cut-off.ts'

/** Blocks without a vote of a member's after which it counts as late: one or two it may miss on any network. */
const lateAfterBlocks = 5
const askPeersEveryMs = 3_000

export class ConsensusView {
  readonly #engine: string
  readonly #client: Pick<EngineClient, 'peers' | 'ask' | 'close'>
  readonly #signedHeights = new Map<string, number>()
  readonly #asking: NodeJS.Timeout
  #report: ConsensusReport = {
    state: 'away',
    height: 0,
    waiting: 0,
    misbehaved: [],
    engines: { listed: [], former: [] },
  }
  #peers: readonly string[] = []
  #cutOff: CutOff | undefined

  constructor(engine: string, client: Pick<EngineClient, 'peers' | 'ask' | 'close'>) {
    this.#engine = engine
    this.#client = client
    this.#asking = setInterval(() => this.#askPeers(), askPeersEveryMs)
    this.#asking.unref()
  }

  /** Who ends connections of this engine to those that may have none. */
  cutOffBy(cutOff: CutOff): void {
    this.#cutOff = cutOff
  }

  take(report: ConsensusReport): void {
    this.#report = report
    const { newest } = report
    if (newest === undefined) return
    for (const { member, hasSigned } of newest.votes) {
      // Votes that came too late to be counted are none: what counts is in the block after.
      if (hasSigned) this.#signedHeights.set(member, newest.height - 1)
    }
  }

  status(confirmedHeight: number, othersHeight?: number): ConsensusStatus {
    const { state, height, waiting, newest, misbehaved, engines } = this.#report
    const peers = state === 'ready' || state === 'full' ? this.#peers : []
    return {
      engine: this.#engine,
      state,
      height,
      confirmedHeight,
      behind: Math.max(0, (othersHeight ?? 0) - confirmedHeight),
      peers: peers.length,
      formerPeers: peers.filter((id) => engines.former.includes(id)).length,
      cutOffs: this.#cutOff?.count ?? 0,
      waiting,
      ...(newest && { proposer: newest.proposer }),
      validators: (newest?.votes ?? []).map(({ member, power }): ValidatorStatus => {
        const signedHeight = this.#signedHeights.get(member)
        const isLate = (newest?.height ?? 0) - (signedHeight ?? 0) > lateAfterBlocks
        return { member, power, isLate, ...(signedHeight !== undefined && { signedHeight }) }
      }),
      misbehaved,
    }
  }

  ask(method: string, params: object): Promise<EngineAnswer> {
    return this.#client.ask(method, params)
  }

  close(): void {
    clearInterval(this.#asking)
    this.#client.close()
  }

  #askPeers(): void {
    this.#client.peers().then(
      (peers) => {
        this.#peers = peers
        this.#cutOff?.look(peers, this.#report.engines)
      },
      () => {
        this.#peers = []
      },
    )
  }
}
