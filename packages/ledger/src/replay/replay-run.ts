/**
 * Runs logged blocks again, from genesis, over an empty store, and compares all that members agree on. The state that
 * comes out is the state, or the first difference is named: block, transaction and what differs.
 */
import { createVerifier } from '@chengxin/crypto/node'
import { equalBytes, isRefusal, toBase64url } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import { openEnvelope, openedOf } from '../admission/envelope.ts'
import { refuseEnvelopeSignature } from '../admission/signature.ts'
import { Executor, type ExecutorHead } from '../execution/executor.ts'
import { createHost } from '../execution/host.ts'
import type { RulesIndex } from '../execution/rules-index.ts'
import { openLeaf } from '../pipeline/logged-blocks.ts'
import type { BlockToStore, Store } from '../storage/face.ts'
import type { WalkedBlock } from './log-walk.ts'

/** Where a replay first departs from the log. */
export interface ReplayDifference {
  readonly height: number
  readonly leafIndex?: number
  /** What differs: `leaf`, `events`, `root`, `state_hash`, `state_root`, `ruleset` or `agreed_hash`. */
  readonly what: string
  readonly logged: string
  readonly replayed: string
}

export class ReplayRun {
  readonly #store: Store
  readonly #executor: Executor

  constructor(genesis: GenesisDocument, store: Store, rulesOf: (hash: string) => RulesIndex) {
    const { verify } = createVerifier()
    this.#store = store
    this.#executor = new Executor({
      genesis,
      store,
      rulesOf,
      host: createHost(genesis.chainId, verify),
      cachedRows: 200_000,
      refuseSignature: ({ jws }, key) => {
        const envelope = openEnvelope(jws, this.#executor.group)
        return isRefusal(envelope) ? envelope : refuseEnvelopeSignature(envelope, key, verify)
      },
    })
  }

  get head(): ExecutorHead | undefined {
    return this.#executor.head
  }

  /** Runs the next block and stores it, or answers the first difference and stores nothing. */
  next(logged: WalkedBlock): ReplayDifference | undefined {
    const ran = logged.height === 0 ? this.#found(logged) : this.#run(logged)
    if ('what' in ran) return ran
    const difference = differenceOfHeads(logged, ran)
    if (difference !== undefined) return difference
    this.#store.commit(ran)
    this.#executor.settle(ran)
    return undefined
  }

  #found({ genesisEvents = new Uint8Array(0) }: WalkedBlock): BlockToStore | ReplayDifference {
    const block = this.#executor.genesis()
    const replayed = block.genesisEvents ?? new Uint8Array(0)
    if (equalBytes(genesisEvents, replayed)) return block
    return { height: 0, what: 'events', logged: textOf(genesisEvents), replayed: textOf(replayed) }
  }

  #run({ height, timeMs, firstLeaf, leaves }: WalkedBlock): BlockToStore | ReplayDifference {
    this.#executor.begin(height, timeMs)
    for (const [index, { leaf }] of leaves.entries()) {
      const { jws, position } = openLeaf(leaf)
      const envelope = openEnvelope(jws, this.#executor.group)
      const code = isRefusal(envelope) ? envelope.refused : this.#executor.execute(openedOf(envelope), position)
      if (typeof code === 'string' || code.leafIndex === undefined) {
        const replayed = typeof code === 'string' ? code : code.code
        return { height, leafIndex: firstLeaf + index, what: 'leaf', logged: textOf(leaf), replayed }
      }
    }
    const block = this.#executor.finish()
    for (const [index, { leaf, events }] of leaves.entries()) {
      const replayed = block.leaves[index]
      if (replayed === undefined) throw new Error('A replayed block has fewer leaves than it ran.')
      const at = { height, leafIndex: firstLeaf + index }
      // Events first: they say more than the hash of theirs in the leaf.
      if (!equalBytes(events, replayed.events)) {
        return { ...at, what: 'events', logged: textOf(events), replayed: textOf(replayed.events) }
      }
      if (!equalBytes(leaf, replayed.leaf)) {
        return { ...at, what: 'leaf', logged: textOf(leaf), replayed: textOf(replayed.leaf) }
      }
    }
    return block
  }
}

function differenceOfHeads(
  { height, head: logged }: WalkedBlock,
  { head }: BlockToStore,
): ReplayDifference | undefined {
  const pairs: readonly (readonly [string, Uint8Array | undefined, Uint8Array | undefined])[] = [
    ['root', logged.root, head.root],
    ['state_hash', logged.stateHash, head.stateHash],
    ['state_root', logged.stateRoot?.root, head.stateRoot?.root],
    ['ruleset', logged.rulesetHash, head.rulesetHash],
    ['agreed_hash', logged.agreedHash, head.agreedHash],
  ]
  for (const [what, before, after] of pairs) {
    const [text, replayed] = [before ? toBase64url(before) : '', after ? toBase64url(after) : '']
    if (text !== replayed) return { height, what, logged: text, replayed }
  }
  return undefined
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
