/** All witnessing of one group on one node: its own, the questions to other members' nodes, and witnesses outside. */
import { join } from 'node:path'
import { sleep } from '@chengxin/client'
import { createVerifier } from '@chengxin/crypto/node'
import { keptInFile } from '../kept-file.ts'
import { type ConsortiumView, type ContradictionSummary, consortiumView, contradictionSummaries } from './consortium.ts'
import { Contradictions, type KnownContradiction } from './contradictions.ts'
import { GroupWitness, type QuorumPending } from './group-witness.ts'
import { askWitness, type OutsideWitness } from './outside-witness.ts'
import { keysOfMember, type OwnLog } from './own-log.ts'
import type { PeerAnswer } from './peer-answer.ts'
import { type Peer, PeerLoop } from './peer-loop.ts'
import { type KeptQuorum, QuorumWriter, restoredQuorum } from './quorum-file.ts'

export interface WitnessingOptions {
  readonly log: OwnLog
  /** Where the newest quorum and proofs of contradictions are kept. */
  readonly directory: string
  readonly version: string
  readonly peers: readonly Peer[]
  readonly witnesses?: readonly OutsideWitness[]
  /** How often outside witnesses are asked at most; ten seconds if absent. */
  readonly witnessEveryMs?: number
  readonly fetch?: typeof fetch
  readonly nowMs?: () => number
  readonly waitMs?: number
  readonly askEveryMs?: number
  readonly firstPauseMs?: number
  readonly notice: (
    level: 'info' | 'warn' | 'error',
    facts: { readonly [name: string]: string | number },
    sentence: string,
  ) => void
}

interface WitnessState {
  size?: number
  fault?: string
}

export class Witnessing {
  readonly group: GroupWitness
  readonly #options: WitnessingOptions
  readonly #stop = new AbortController()
  readonly #loops: readonly PeerLoop[]
  readonly #running: Promise<unknown>[] = []
  readonly #writer: QuorumWriter
  readonly #verify = createVerifier().verify
  readonly #witnessStates = new Map<OutsideWitness, WitnessState>()

  /** Reads what was kept and starts to ask the others. */
  static async start(options: WitnessingOptions): Promise<Witnessing> {
    const kept = keptInFile<KeptQuorum>(join(options.directory, 'quorum.json'))
    const witnessing = new Witnessing(options, new QuorumWriter(kept))
    const restored = await restoredQuorum(kept, options.log, witnessing.#verify)
    if (restored !== undefined) witnessing.group.trees.restore(restored)
    witnessing.#run()
    return witnessing
  }

  private constructor(options: WitnessingOptions, writer: QuorumWriter) {
    const { log, directory, version, peers, notice, nowMs = Date.now, fetch, waitMs } = options
    const { askEveryMs, firstPauseMs } = options
    this.#options = options
    this.#writer = writer
    const keys = log.membership().members.map((member) => keysOfMember(log.origin, member))
    const signerKeys = {
      origin: log.origin,
      logKeys: keys.map((key) => key.log),
      cosignerKeys: keys.map((key) => key.cosigner),
    }
    this.group = new GroupWitness({
      log,
      contradictions: new Contradictions(join(directory, 'contradictions'), signerKeys),
      version,
      verify: this.#verify,
      nowMs,
      isEager: peers.length > 0,
      onContradiction: (found) => this.#alarm(found),
      onQuorum: (quorum) => writer.keep(quorum),
    })
    this.#loops = peers
      .filter(({ memberId }) => memberId !== log.memberId)
      .map(
        (peer) =>
          new PeerLoop({
            peer,
            witness: this.group,
            signal: this.#stop.signal,
            ...(fetch && { fetch }),
            ...(waitMs !== undefined && { waitMs }),
            ...(askEveryMs !== undefined && { askEveryMs }),
            ...(firstPauseMs !== undefined && { firstPauseMs }),
            notice: (level, code) => notice(level, { member: peer.memberId, code }, sentenceOf(code)),
          }),
      )
  }

  checkpoint(): string {
    return this.group.checkpoint()
  }

  stateCheckpoint(): string | undefined {
    return this.group.stateCheckpoint()
  }

  receipt(transactionId: string, waitMs: number): Promise<string | QuorumPending | undefined> {
    return this.group.receipt(transactionId, waitMs)
  }

  coseReceipt(transactionId: string, waitMs: number): Promise<Uint8Array | QuorumPending | undefined> {
    return this.group.coseReceipt(transactionId, waitMs)
  }

  answer(afterSize: number, waitMs: number): Promise<PeerAnswer> {
    return this.group.answerAfter(afterSize, waitMs, this.#stop.signal)
  }

  contradictions(): readonly ContradictionSummary[] {
    return contradictionSummaries(this.group)
  }

  contradiction(id: string): string | undefined {
    return this.group.contradictions.get(id)?.text
  }

  consortium(): ConsortiumView {
    return consortiumView({
      witness: this.group,
      version: this.#options.version,
      peerState: (memberId) => this.#loops.find(({ peer }) => peer.memberId === memberId)?.state(),
      witnesses: [...this.#witnessStates].map(([{ key }, state]) => ({ name: key.name, ...state })),
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.group.close()
    await Promise.all(this.#running)
    await this.#writer.close()
  }

  #run(): void {
    for (const loop of this.#loops) this.#running.push(loop.run())
    for (const witness of this.#options.witnesses ?? []) this.#running.push(this.#follow(witness))
  }

  /** Shows one outside witness our newest tree, not more often than is said. */
  async #follow(witness: OutsideWitness): Promise<void> {
    const { log, fetch, witnessEveryMs = 10_000, notice } = this.#options
    const { signal } = this.#stop
    const state: WitnessState = {}
    this.#witnessStates.set(witness, state)
    while (!signal.aborted) {
      this.group.refresh()
      const tree = this.group.trees.quorum
      if (tree !== undefined && tree.size > 0 && tree.size !== state.size) {
        const options = { log, witness, verify: this.#verify, signal, ...(fetch && { fetch }) }
        const gave = await askWitness(tree, state.size ?? 0, options)
        if (signal.aborted) return
        if ('signature' in gave) {
          this.group.trees.addWitness(tree.size, gave.signature, log.membership().quorum)
          state.size = tree.size
          delete state.fault
        } else {
          if (state.fault !== gave.fault)
            notice('warn', { witness: witness.key.name, code: gave.fault }, 'A witness did not cosign.')
          state.fault = gave.fault
        }
      }
      await sleep(witnessEveryMs, signal).catch(() => undefined)
    }
  }

  #alarm({ id, kind, sizes }: KnownContradiction): void {
    const facts = { code: 'log_contradiction', contradiction: id, kind, sizes: sizes.join(' ') }
    this.#options.notice(
      'error',
      facts,
      'The log has told two stories: signed proof is kept, and every member should look.',
    )
  }
}

function sentenceOf(code: string): string {
  return code === 'peer_heard'
    ? 'A member’s node is heard.'
    : 'A member’s node is not heard, or says what cannot be used.'
}
