/**
 * The application of a member that joins by a snapshot, until it has one: it answers an engine that syncs its state from
 * others (ABCI 2.0, state sync), and nothing else. Snapshots are taken at boundaries that enough members have signed, and
 * must lead to the agreed hash that the engine has verified; every chunk must have the hash that the manifest names, and
 * the manifest the name that members give it.
 */
import { sha256 } from '@chengxin/crypto/node'
import { isRefusal, toBase64url } from '@chengxin/kernel'
import { appVersion, snapshotFormat } from '../ordering/cometbft/driver.ts'
import { admitsPeer, type PeerFilter } from '../ordering/cometbft/peer-filter.ts'
import type { AbciRequest } from '../ordering/cometbft/requests.ts'
import type { AbciResponse } from '../ordering/cometbft/responses.ts'
import { asStoreError } from '../storage/disk.ts'
import { type StoredHead, StoreFull } from '../storage/face.ts'
import { headOf, readManifest, type SnapshotManifest, snapshotHash } from '../storage/snapshot/manifest.ts'
import { SnapshotRestore } from '../storage/snapshot/restore.ts'
import { agreedHashOfHead } from './agreed-hash.ts'
import type { EndorsedBoundary } from './endorsed-boundaries.ts'

export interface SnapshotJoinOptions {
  /** Where the store will stand; it must not have one yet. */
  readonly directory: string
  readonly group: string
  readonly boundaries: readonly EndorsedBoundary[]
  readonly peers?: PeerFilter
  /** What happens, in codes: for an operator who waits, and for tests. */
  readonly onStep?: (step: JoinStep) => void
  /** The engine has stored the snapshot's height as its own, and hands over the block after it. */
  readonly onRestored: (head: StoredHead) => void
  /** It cannot go on: no room, or a fault of ours. */
  readonly onFailed: (error: unknown) => void
}

export type JoinStep =
  | { readonly step: 'offered'; readonly height: number; readonly answer: string; readonly code?: string }
  | { readonly step: 'chunk'; readonly index: number; readonly answer: string; readonly code?: string }
  | { readonly step: 'complete'; readonly height: number; readonly size: number }

type Of<Call extends AbciRequest['call']> = Extract<AbciRequest, { readonly call: Call }>

/** Chunks of these refusals can be asked of somebody else; the others show that the whole snapshot is worthless. */
const chunkRefusals: readonly string[] = ['snapshot_chunk_altered', 'snapshot_chunk_too_large']

const mostPassedOver = 1_000

export class SnapshotJoin {
  readonly #options: SnapshotJoinOptions
  #boundaries: readonly EndorsedBoundary[]
  /** Heights that were offered before anybody was known to have signed there. */
  readonly #passedOver = new Set<number>()
  #restoring: { readonly restore: SnapshotRestore; readonly manifest: SnapshotManifest } | undefined
  #head: StoredHead | undefined
  #isOver = false

  constructor(options: SnapshotJoinOptions) {
    this.#options = options
    this.#boundaries = options.boundaries
  }

  /**
   * Takes what members have signed by now: those that were known before may have been pruned. False where nothing is being
   * restored and one of these was turned away before it was known: an engine offers nothing twice, and must begin anew.
   */
  learn(boundaries: readonly EndorsedBoundary[]): boolean {
    if (boundaries.length > 0) this.#boundaries = boundaries
    const isAtWork = this.#restoring !== undefined || this.#head !== undefined
    return isAtWork || !this.#boundaries.some(({ height }) => this.#passedOver.has(height))
  }

  /** Answers a call; never throws. */
  readonly handle = (request: AbciRequest): AbciResponse | Promise<AbciResponse> => {
    try {
      return this.#answer(request)
    } catch (thrown) {
      const error = asStoreError(thrown, this.#options.directory)
      this.#restoring?.restore.abandon()
      this.#options.onFailed(error)
      const isFull = error instanceof StoreFull
      if (isFull && request.call === 'offerSnapshot') return { call: 'offerSnapshot', result: 'abort' }
      if (isFull && request.call === 'applySnapshotChunk') {
        return { call: 'applySnapshotChunk', result: 'abort', refetch: [], rejectSenders: [] }
      }
      return { call: 'exception', error: 'The application has failed.' }
    }
  }

  #answer(request: AbciRequest): AbciResponse | Promise<AbciResponse> {
    switch (request.call) {
      case 'echo':
        return request
      case 'flush':
        return { call: 'flush' }
      case 'info':
        return this.#info()
      case 'query':
        return this.#query(request)
      case 'checkTx':
        return { call: 'checkTx', code: 1, log: 'catching_up', info: '' }
      case 'listSnapshots':
        return { call: 'listSnapshots', snapshots: [] }
      case 'loadSnapshotChunk':
        return { call: 'loadSnapshotChunk', chunk: new Uint8Array(0) }
      case 'offerSnapshot':
        return this.#offer(request)
      case 'applySnapshotChunk':
        return this.#apply(request)
      case 'finalizeBlock':
        return this.#handOver()
      default:
        return { call: 'exception', error: `This member waits for a snapshot and cannot answer ${request.call}.` }
    }
  }

  #info(): AbciResponse {
    const { height = 0, agreedHash = new Uint8Array(0) } = this.#head ?? {}
    return { call: 'info', version: 'chengxin-ledger', appVersion, height, appHash: agreedHash }
  }

  #query({ path }: Of<'query'>): AbciResponse {
    const admitted = admitsPeer(path, this.#options.peers)
    return { call: 'query', code: admitted === true ? 0 : 1, log: admitted === true ? '' : 'peer_not_admitted' }
  }

  #offer({ snapshot, appHash }: Of<'offerSnapshot'>): AbciResponse {
    const { height, format } = snapshot
    const answer = (result: Extract<AbciResponse, { call: 'offerSnapshot' }>['result'], code?: string) => {
      this.#options.onStep?.({ step: 'offered', height, answer: result, ...(code !== undefined && { code }) })
      return { call: 'offerSnapshot', result } as const
    }
    if (format !== snapshotFormat) return answer('reject_format')
    // Who offers under a name that is not that of the contents, or contents that are none, has nothing else to offer.
    const isNamed = toBase64url(snapshot.hash) === snapshotHash(sha256, snapshot.metadata)
    if (!isNamed) return answer('reject_sender', 'snapshot_not_named')
    const boundary = this.#boundaries.find((one) => one.height === height)
    if (boundary === undefined) {
      this.#passOver(height)
      return answer('reject', 'snapshot_not_endorsed')
    }
    const agreed = { ...boundary, group: this.#options.group, agreedHash: appHash }
    const manifest = readManifest(snapshot.metadata, agreed, agreedHashOfHead)
    if (isRefusal(manifest)) {
      const { refused } = manifest
      return answer(refused === 'snapshot_manifest_malformed' ? 'reject_sender' : 'reject', refused)
    }
    if (manifest.head.timeMs !== boundary.timeMs) return answer('reject', 'snapshot_not_agreed')
    if (manifest.chunks.length !== snapshot.chunks) return answer('reject_sender', 'snapshot_not_named')
    const name = toBase64url(snapshot.hash)
    if (boundary.names?.includes(name) === false) return answer('reject', 'snapshot_not_agreed')
    this.#restoring?.restore.abandon()
    this.#restoring = { restore: new SnapshotRestore(this.#options.directory, manifest), manifest }
    return answer('accept')
  }

  /** Whoever invents heights without end fills no memory: the oldest is forgotten. */
  #passOver(height: number): void {
    this.#passedOver.add(height)
    if (this.#passedOver.size > mostPassedOver) this.#passedOver.delete([...this.#passedOver][0] as number)
  }

  #apply({ index, chunk, sender }: Of<'applySnapshotChunk'>): AbciResponse {
    const { onStep } = this.#options
    if (this.#restoring === undefined) throw new Error('A chunk came before its snapshot was accepted.')
    const { restore, manifest } = this.#restoring
    const applied = restore.apply(index, chunk)
    if (!isRefusal(applied)) {
      onStep?.({ step: 'chunk', index, answer: 'accept' })
      if (applied === 'complete') this.#complete(manifest)
      return { call: 'applySnapshotChunk', result: 'accept', refetch: [], rejectSenders: [] }
    }
    const { refused: code } = applied
    if (chunkRefusals.includes(code)) {
      onStep?.({ step: 'chunk', index, answer: 'retry', code })
      return { call: 'applySnapshotChunk', result: 'retry', refetch: [index], rejectSenders: [sender] }
    }
    onStep?.({ step: 'chunk', index, answer: 'reject_snapshot', code })
    this.#restoring = undefined
    return { call: 'applySnapshotChunk', result: 'reject_snapshot', refetch: [], rejectSenders: [] }
  }

  #complete(manifest: SnapshotManifest): void {
    this.#restoring = undefined
    this.#head = headOf(manifest)
    const { height, size } = this.#head
    this.#options.onStep?.({ step: 'complete', height, size })
  }

  /** Only an engine that has taken the snapshot's height as its own goes on to the next block, which is not ours to run. */
  #handOver(): Promise<AbciResponse> {
    if (this.#head === undefined) throw new Error('A block came before there was a state.')
    if (!this.#isOver) this.#options.onRestored(this.#head)
    this.#isOver = true
    return new Promise(() => {})
  }
}
