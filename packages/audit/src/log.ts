/**
 * A whole log, read as a stranger reads it (C2SP tlog-tiles): every entry is fetched, held to the one form of a leaf, and
 * hashed into a tree of the reader's own; that tree must have the root that the log signed, and pass through every root
 * that the reader has seen before. Nothing of what the log serves is taken over, its tiles are compared.
 */
import {
  type Checkpoint,
  type CheckpointPolicy,
  createFrontier,
  createTreeHasher,
  decodeEntryBundle,
  openCheckpoint,
  type Tile,
  tilePath,
  tileWidth,
  widthInTree,
} from '@chengxin/crypto'
import { equalBytes, fromUtf8, isRefusal, toBase64url } from '@chengxin/kernel'
import { type Leaf, parseLeaf, readTransaction } from './leaf.ts'
import { type Platform, webPlatform } from './platform.ts'

/** A resource below the log's prefix (`checkpoint`, `tile/0/000`), or `undefined` where there is none. */
export type FetchResource = (path: string) => Promise<Uint8Array | undefined>

export interface LogAuditOptions {
  readonly policy: CheckpointPolicy
  /** The group's id, which every transaction in its log names. */
  readonly group: string
  /** Checkpoints that the reader got at other times; each must be a prefix of this log. */
  readonly earlier?: readonly string[]
  /** Told now and then how many leaves have been read. */
  readonly onProgress?: (leaves: number, size: number) => void
  readonly platform?: Platform
}

/** Codes of what can be wrong with a log, each with its sentence. */
export const logFaults = {
  checkpoint_missing: 'The log serves no checkpoint.',
  checkpoint_refused: 'The checkpoint is not signed as the policy asks, or is of another log.',
  earlier_checkpoint_refused: 'An earlier checkpoint is not signed as the policy asks, or is of another log.',
  entries_missing: 'The log does not serve entries that its checkpoint covers.',
  entries_malformed: 'A bundle of entries cannot be read.',
  leaf_malformed: 'An entry is not a leaf in its one form.',
  leaf_of_other_group: 'An entry holds a transaction of another group, or none.',
  leaf_out_of_order: 'An entry goes back in height, place or time.',
  tile_missing: 'The log does not serve a tile that its checkpoint covers.',
  tile_differs: 'A tile is not what the entries hash to.',
  root_differs: 'The entries do not hash to the root that the log signed.',
  history_rewritten: 'The log does not continue a tree that it signed before.',
} as const
export type LogFault = keyof typeof logFaults

export interface LogReport {
  readonly sound: boolean
  readonly fault?: LogFault
  /** Where the fault is: a path, or the index of a leaf. */
  readonly at?: string
  readonly origin?: string
  readonly size?: number
  readonly root?: string
  readonly cosignatures?: number
  /** Leaves whose transaction was refused; they are history too. */
  readonly refused?: number
  /** Sizes of earlier checkpoints that this log was found to continue. */
  readonly continues?: readonly number[]
}

/** Carries a fault out of the reading; it never leaves this file. */
class LogFaulty extends Error {
  readonly fault: LogFault
  readonly at: string | undefined
  constructor(fault: LogFault, at?: string) {
    super(fault)
    this.fault = fault
    this.at = at
  }
}

/** Reads and judges a log up to its newest checkpoint. Throws only what `fetchResource` throws. */
export async function auditLog(fetchResource: FetchResource, options: LogAuditOptions): Promise<LogReport> {
  try {
    return await readLog(fetchResource, options)
  } catch (thrown) {
    if (!(thrown instanceof LogFaulty)) throw thrown
    return { sound: false, fault: thrown.fault, ...(thrown.at !== undefined && { at: thrown.at }) }
  }
}

async function readLog(fetchResource: FetchResource, options: LogAuditOptions): Promise<LogReport> {
  const { policy, platform = webPlatform, earlier = [] } = options
  const text = await fetchResource('checkpoint')
  if (!text) throw new LogFaulty('checkpoint_missing')
  const opened = openCheckpoint(fromUtf8(text) ?? '', policy, platform.verifyAtOnce)
  if (isRefusal(opened)) throw new LogFaulty('checkpoint_refused', opened.refused)
  const { checkpoint, cosignatures } = opened
  const milestones = openMilestones(platform, earlier, policy, checkpoint)

  const reading = new LogReading(options, platform, checkpoint, milestones)
  for (let index = 0; index * tileWidth < checkpoint.size; index++) {
    await reading.readBundle(fetchResource, index)
    options.onProgress?.(reading.size, checkpoint.size)
  }
  await reading.compareTiles(fetchResource)
  reading.finish()
  const { origin, size, root } = checkpoint
  return {
    sound: true,
    origin,
    size,
    root: toBase64url(root),
    cosignatures: cosignatures.length,
    refused: reading.refused,
    continues: milestones.map((milestone) => milestone.size),
  }
}

function openMilestones(
  platform: Platform,
  texts: readonly string[],
  policy: CheckpointPolicy,
  newest: Checkpoint,
): readonly Checkpoint[] {
  return texts.map((text) => {
    const opened = openCheckpoint(text, policy, platform.verifyAtOnce)
    if (isRefusal(opened)) throw new LogFaulty('earlier_checkpoint_refused', opened.refused)
    if (opened.checkpoint.size > newest.size) throw new LogFaulty('history_rewritten', String(newest.size))
    return opened.checkpoint
  })
}

class LogReading {
  refused = 0
  private readonly hasher
  private readonly frontier
  private last: Leaf | undefined
  private readonly group: string
  private readonly platform: Platform
  private readonly checkpoint: Checkpoint
  private readonly milestones: readonly Checkpoint[]
  /** Our own hashes of the tiles at the right edge, by level; full tiles are compared as soon as they are full. */
  private readonly edge: Uint8Array[][] = []
  private readonly fullTiles: { readonly tile: Tile & { readonly level: number }; readonly hash: Uint8Array }[] = []

  constructor(options: LogAuditOptions, platform: Platform, checkpoint: Checkpoint, milestones: readonly Checkpoint[]) {
    this.group = options.group
    this.platform = platform
    this.checkpoint = checkpoint
    this.milestones = milestones
    this.hasher = createTreeHasher(platform.sha256)
    this.frontier = createFrontier(this.hasher)
    this.compareMilestones()
  }

  get size(): number {
    return this.frontier.size
  }

  async readBundle(fetchResource: FetchResource, index: number): Promise<void> {
    const width = widthInTree('entries', index, this.checkpoint.size)
    const path = tilePath({ level: 'entries', index, width })
    const bytes = await fetchResource(path)
    if (!bytes) throw new LogFaulty('entries_missing', path)
    const entries = decodeEntryBundle(bytes, width)
    if (isRefusal(entries)) throw new LogFaulty('entries_malformed', path)
    for (const entry of entries) {
      this.readLeaf(entry)
      this.frontier.append(this.hasher.leaf(entry), (level, at, hash) => this.onNode(level, at, hash))
      this.compareMilestones()
    }
  }

  private readLeaf(entry: Uint8Array): void {
    const at = String(this.frontier.size)
    const leaf = parseLeaf(entry)
    if (!leaf) throw new LogFaulty('leaf_malformed', at)
    if (readTransaction(this.platform.sha256, leaf)?.group !== this.group)
      throw new LogFaulty('leaf_of_other_group', at)
    if (this.last && !follows(this.last, leaf)) throw new LogFaulty('leaf_out_of_order', at)
    if (leaf.code !== 'ok') this.refused++
    this.last = leaf
  }

  /** Keeps the hashes of every eighth level, which are what tiles are made of. */
  private onNode(level: number, index: number, hash: Uint8Array): void {
    if (level % 8 !== 0) return
    const tileLevel = level / 8
    const tile = (this.edge[tileLevel] ??= [])
    tile.push(hash)
    if (tile.length < tileWidth) return
    const bytes = joinHashes(tile)
    const named = { level: tileLevel, index: Math.floor(index / tileWidth), width: tileWidth }
    this.fullTiles.push({ tile: named, hash: this.platform.sha256(bytes) })
    this.edge[tileLevel] = []
  }

  private compareMilestones(): void {
    for (const { size, root } of this.milestones) {
      if (size === this.frontier.size && !equalBytes(root, this.frontier.root())) {
        throw new LogFaulty('history_rewritten', String(size))
      }
    }
  }

  async compareTiles(fetchResource: FetchResource): Promise<void> {
    const compare = async (tile: Tile, hash: Uint8Array) => {
      const path = tilePath(tile)
      const bytes = await fetchResource(path)
      if (!bytes) throw new LogFaulty('tile_missing', path)
      if (!equalBytes(this.platform.sha256(bytes), hash)) throw new LogFaulty('tile_differs', path)
    }
    for (const { tile, hash } of this.fullTiles) await compare(tile, hash)
    for (const [level, hashes] of this.edge.entries()) {
      if (hashes.length === 0) continue
      const index = Math.floor(Math.floor(this.size / tileWidth ** level) / tileWidth)
      await compare({ level, index, width: hashes.length }, this.platform.sha256(joinHashes(hashes)))
    }
  }

  finish(): void {
    if (!equalBytes(this.frontier.root(), this.checkpoint.root)) throw new LogFaulty('root_differs')
  }
}

function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32)
  for (const [index, hash] of hashes.entries()) bytes.set(hash, index * 32)
  return bytes
}

/** Blocks do not go back, time neither; within a block, places go up. */
function follows(before: Leaf, after: Leaf): boolean {
  if (after.timeMs < before.timeMs) return false
  return after.height === before.height ? after.position > before.position : after.height > before.height
}
