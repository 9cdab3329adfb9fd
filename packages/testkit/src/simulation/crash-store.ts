/**
 * A store in memory that obeys the face of the real one and dies where it is told to. The disk is what outlives a
 * process: a log whose tail may be torn, and the commit point after which its blocks exist. A process that opens the disk
 * starts from those two alone, as the real store does, and computes all else again.
 */
import {
  createFrontier,
  createTreeHasher,
  emptyBucketHash,
  type Frontier,
  stateBucketHash,
  stateBucketOf,
  stateNodeHash,
  stateTreeHeight,
} from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { compareBytes, concatBytes, equalBytes, toUtf8 } from '@chengxin/kernel'
import {
  type BlockToStore,
  type Store,
  type StoredBlock,
  type StoredHead,
  StoreFull,
  type UsedNonce,
} from '@chengxin/ledger/storage/face'

/** Where a process may end while a block is made and kept. */
export const lastMoments = ['in_finalize', 'before_log', 'in_log', 'before_commit_point', 'after_commit_point'] as const
export type LastMoment = (typeof lastMoments)[number]

/** Thrown through the process that ends; whatever it unwinds must not be asked again. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
}

/** What a simulation does to a store that is open. */
export interface StorePlan {
  /** The process ends there next. */
  dieAt: LastMoment | undefined
  /** So many commits find no room. */
  full: number
}

export interface Disk {
  /** Blocks that were written whole or in part, by height. */
  readonly log: (BlockToStore | 'torn')[]
  /** How many of them exist. */
  committed: number
}

export function emptyDisk(): Disk {
  return { log: [], committed: 0 }
}

const hasher = createTreeHasher(sha256)

/** What execution and its tests ask of a store; proofs, tiles and history are for whoever stands outside. */
export type SimulatedStore = Pick<
  Store,
  'head' | 'row' | 'usedNonce' | 'leaf' | 'block' | 'rootAfter' | 'stateRootAt' | 'settle' | 'commit' | 'close'
>

export class CrashStore implements SimulatedStore {
  readonly #disk: Disk
  readonly #rows = new Map<string, string>()
  readonly #nonces = new Map<string, UsedNonce>()
  readonly #leaves: { readonly height: number; readonly position: number }[] = []
  readonly #roots = new Map<number, Uint8Array>()
  #frontier: Frontier = createFrontier(hasher)
  #closed = false
  readonly #plan: StorePlan

  constructor(disk: Disk, plan: StorePlan) {
    this.#disk = disk
    this.#plan = plan
    disk.log.length = disk.committed
    for (const block of disk.log) this.#take(block as BlockToStore)
  }

  head(): StoredHead | undefined {
    this.#expectOpen()
    return this.#block(this.#disk.committed - 1)?.head
  }

  row(key: string): string | undefined {
    this.#expectOpen()
    return this.#rows.get(key)
  }

  usedNonce(nonceKey: string): UsedNonce | undefined {
    return this.#nonces.get(nonceKey)
  }

  leaf(index: number) {
    const place = this.#leaves[index]
    const entry = place && this.#block(place.height)?.leaves[place.position]
    return entry && { leaf: entry.leaf, events: entry.events, height: (place as { height: number }).height }
  }

  block(height: number): StoredBlock | undefined {
    const block = this.#block(height)
    if (block === undefined) return undefined
    const { timeMs, size, root, agreedHash } = block.head
    return {
      ...{ height, timeMs, firstLeaf: size - block.leaves.length, size, root, agreedHash },
      leaves: block.leaves.map(({ leaf, events }) => ({ leaf, events })),
      ...(block.genesisEvents && { genesisEvents: block.genesisEvents }),
    }
  }

  rootAfter(leafHashes: readonly Uint8Array[]): Uint8Array {
    this.#expectOpen()
    this.#dieIfAt('in_finalize')
    return Uint8Array.from(this.#grown(leafHashes).root())
  }

  commit(block: BlockToStore): void {
    this.#expectOpen()
    const { head, leaves } = block
    const grown = this.#grown(leaves.map(({ leafHash }) => Uint8Array.from(leafHash)))
    if (head.height !== this.#disk.committed) throw new Error(`Height ${head.height} does not follow.`)
    if (head.size !== grown.size || !equalBytes(head.root, grown.root())) throw new Error('The tree is another one.')
    if (this.#plan.full > 0) {
      this.#plan.full--
      throw new StoreFull('There is no room.')
    }
    this.#dieIfAt('before_log')
    this.#disk.log[head.height] = 'torn'
    this.#dieIfAt('in_log')
    this.#disk.log[head.height] = copyOf(block)
    this.#dieIfAt('before_commit_point')
    this.#disk.committed = head.height + 1
    this.#dieIfAt('after_commit_point')
    this.#frontier = grown
    this.#take(this.#block(head.height) as BlockToStore, false)
  }

  /** Roots are taken at once when a boundary is committed. */
  settle(): void {}

  stateRootAt(size: number): Uint8Array | undefined {
    return this.#roots.get(size)
  }

  close(): void {
    this.#closed = true
  }

  #block(height: number): BlockToStore | undefined {
    const block = height < this.#disk.committed ? this.#disk.log[height] : undefined
    return block === 'torn' ? undefined : block
  }

  #grown(leafHashes: readonly Uint8Array[]): Frontier {
    const frontier = createFrontier(hasher, this.#frontier.state())
    for (const leafHash of leafHashes) frontier.append(leafHash)
    return frontier
  }

  #take({ head, leaves, writes, boundary }: BlockToStore, grow = true): void {
    for (const [position, leaf] of leaves.entries()) {
      const leafIndex = this.#leaves.length
      if (grow) this.#frontier.append(leaf.leafHash)
      this.#leaves.push({ height: head.height, position })
      this.#nonces.set(leaf.nonceKey, {
        transactionId: leaf.transactionId,
        leafIndex,
        untilMs: leaf.nonceUntilMs,
      })
    }
    for (const { key, value } of writes) {
      if (value === undefined) this.#rows.delete(key)
      else this.#rows.set(key, value)
    }
    if (boundary) this.#roots.set(head.size, stateRootOf(this.#rows))
  }

  #dieIfAt(moment: LastMoment): void {
    if (this.#plan.dieAt !== moment) return
    this.#closed = true
    throw new ProcessEnded(moment)
  }

  #expectOpen(): void {
    if (this.#closed) throw new ProcessEnded('This process has ended.')
  }
}

/** What a disk keeps shares no bytes with the process that wrote it. */
export function copyOf({ head, leaves, ...rest }: BlockToStore): BlockToStore {
  const copy = (bytes: Uint8Array) => new Uint8Array(bytes)
  return {
    ...rest,
    writes: rest.writes.map((write) => ({ ...write })),
    head: {
      ...head,
      root: copy(head.root),
      stateHash: copy(head.stateHash),
      agreedHash: copy(head.agreedHash),
      rulesetHash: copy(head.rulesetHash),
    },
    leaves: leaves.map((leaf) => ({
      ...leaf,
      leaf: copy(leaf.leaf),
      events: copy(leaf.events),
      leafHash: copy(leaf.leafHash),
      transactionId: copy(leaf.transactionId),
    })),
  }
}

/** The hash of an empty subtree of each height above the buckets. */
const emptyRoots = [emptyBucketHash]
for (let height = 0; height < stateTreeHeight; height++) {
  const below = emptyRoots[height] as Uint8Array
  emptyRoots.push(stateNodeHash(sha256, below, below))
}

const knownRoots = new Map<string, Uint8Array>()

/** Members that have the same rows need not compute their root each. */
function stateRootOf(rows: ReadonlyMap<string, string>): Uint8Array {
  const text = JSON.stringify([...rows].sort(([left], [right]) => (left < right ? -1 : 1)))
  const known = knownRoots.get(text)
  if (known !== undefined) return known
  if (knownRoots.size >= 256) knownRoots.clear()
  const root = computeStateRoot(rows)
  knownRoots.set(text, root)
  return root
}

/** The root over all rows at once, from its definition: it shares no code with the tree that the real store grows. */
export function computeStateRoot(rows: ReadonlyMap<string, string>): Uint8Array {
  const buckets = new Map<number, (readonly [Uint8Array, Uint8Array])[]>()
  for (const [key, value] of rows) {
    const keyHash = sha256(toUtf8(key))
    const bucket = stateBucketOf(keyHash)
    const row = [keyHash, sha256(toUtf8(value))] as const
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), row])
  }
  let level = new Map<number, Uint8Array>()
  for (const [bucket, held] of buckets) {
    const inOrder = held.sort(([left], [right]) => compareBytes(left, right))
    level.set(bucket, stateBucketHash(sha256, concatBytes(...inOrder.flat())))
  }
  for (let height = 0; height < stateTreeHeight; height++) {
    const empty = emptyRoots[height] as Uint8Array
    const above = new Map<number, Uint8Array>()
    for (const index of new Set([...level.keys()].map((at) => at >> 1))) {
      above.set(index, stateNodeHash(sha256, level.get(index * 2) ?? empty, level.get(index * 2 + 1) ?? empty))
    }
    level = above
  }
  return level.get(0) ?? (emptyRoots[stateTreeHeight] as Uint8Array)
}
