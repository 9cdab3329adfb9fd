/** What a ledger gives to members that join, and how it takes what it lacks itself. */
import { type Refusal, refuse } from '@chengxin/kernel'
import type { EngineAnswer, Head, Lacking, LedgerArchive, SnapshotOffer } from '../face.ts'
import { splitBlocks } from '../storage/carried-block.ts'
import type { StoreArchive, StoreReader } from '../storage/face.ts'
import { describeSnapshots, keepSigned, type SnapshotFacts } from '../storage/snapshot/stored-snapshots.ts'
import { type Checkpoints, rootOfFirst } from './checkpoints.ts'
import type { ConsensusView } from './consensus-view.ts'
import type { Pipeline } from './pipeline.ts'

export interface ArchiveOptions {
  readonly directory: string
  readonly reader: StoreReader & StoreArchive
  readonly checkpoints: Checkpoints
  readonly head: () => Head
  readonly pipeline: () => Pipeline | undefined
  /** Older blocks have come. */
  readonly onFilled: () => void
  readonly engine: Pick<ConsensusView, 'ask'> | undefined
}

export class ArchiveFace implements LedgerArchive {
  readonly #options: ArchiveOptions
  #known: readonly SnapshotFacts[] | undefined
  readonly #signed = new Map<number, SnapshotOffer['signed']>()
  /**
   * Behind the last block that was taken: blocks wait in memory until all leaves of their unit are there and verified, and
   * on disk they are not counted before that. Who refuses one forgets those that wait, and so is this forgotten.
   */
  #taken = 0

  constructor(options: ArchiveOptions) {
    this.#options = options
  }

  /** The directory is looked at again. */
  forget(): void {
    this.#known = undefined
    this.#signed.clear()
  }

  snapshots(): readonly SnapshotOffer[] {
    this.#known ??= describeSnapshots(this.#options.directory)
    return this.#known.map((facts) => {
      const signed = this.#signedAt(facts)
      return { ...facts, ...(signed && { signed }) }
    })
  }

  /** What this member signs is what it computed itself; until the others have agreed on it, it signs nothing. */
  #signedAt({ height, size, timeMs }: SnapshotFacts): SnapshotOffer['signed'] {
    const known = this.#signed.get(height)
    if (known !== undefined) return known
    const { head, reader, checkpoints } = this.#options
    const agreed = head().stateRoot
    if (agreed === undefined || agreed.size < size) return undefined
    const state = reader.stateRootAt(size)
    const root = rootOfFirst(reader, size)
    const signed = state && root && checkpoints.ofBoundary(size, state, root, timeMs)
    if (signed === undefined) return undefined
    this.#signed.set(height, signed)
    // Beside the snapshot, so that a copy of its folder can be held to something.
    keepSigned(this.#options.directory, height, signed)
    return signed
  }

  rawBlock(height: number): Uint8Array | undefined {
    return height <= this.#options.head().height ? this.#options.reader.rawBlock(height) : undefined
  }

  lacking(): Lacking | undefined {
    const { reader } = this.#options
    // Asking for the head makes the reader look at the newest state, which another thread may just have written.
    reader.head()
    const history = reader.history()
    if (history === undefined) return undefined
    const { fetchedHeight, firstHeight: toHeight, fetchedLeaves: fromLeaf, firstLeaf: toLeaf } = history
    return { fromHeight: Math.max(fetchedHeight, this.#taken), toHeight, fromLeaf, toLeaf }
  }

  async fill(bytes: Uint8Array): Promise<Refusal | undefined> {
    const pipeline = this.#options.pipeline()
    const blocks = splitBlocks(bytes)
    if (blocks === undefined) return refuse('history_differs')
    if (pipeline === undefined) return refuse('node_stopped')
    const from = this.lacking()?.fromHeight ?? 0
    const refusal = await pipeline.fill(blocks)
    this.#taken = refusal === undefined ? from + blocks.length : 0
    if (refusal === undefined) this.#options.onFilled()
    return refusal
  }

  askEngine(method: string, params: object): Promise<EngineAnswer> | undefined {
    return this.#options.engine?.ask(method, params)
  }
}
