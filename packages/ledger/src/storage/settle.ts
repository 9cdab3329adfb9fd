/**
 * Moves the changes of recent blocks into the settled tables: many blocks at a time, each row once, in the order of keys,
 * so that neighbours share pages. Runs in any thread of the process, beside commits; LMDB lets one step write at a time,
 * and a step that finds its work done by another does nothing.
 */
import { sha256 } from '@chengxin/crypto/node'
import { writeDirtyRows } from './dirty-rows.ts'
import { numberKey, numberOfKey } from './lmdb-tables.ts'
import { encodeNonce, nonceRecordBytes, takeTurns } from './nonces.ts'
import { type BlockChanges, decodeChanges } from './recent-block.ts'
import type { RecentDatabase } from './recent-database.ts'
import { writeRow } from './rows.ts'
import { markAt, readMark, type SettledDatabase, type SettledMark, writeMark } from './settled-database.ts'
import { computeRootIfDue } from './state-root.ts'
import type { TileFiles } from './tile-files.ts'
import { encodeLeafIndex, idRecordBytes } from './transaction-ids.ts'

/** Rows and leaves of one step: bounds its memory and how long its transaction is. */
const stepLimit = 65_536
const newestOfAll = Number.MAX_SAFE_INTEGER

/** What settling works on. */
export interface SettledParts {
  readonly recent: RecentDatabase
  readonly settled: SettledDatabase
  readonly tiles: TileFiles
  /** Blocks that this thread holds already, oldest first: they need not be read again. */
  readonly held?: readonly BlockChanges[]
  /** What comes after this height stays as it is. */
  readonly upTo?: number
}

/** What a step did: it settled blocks, or computed the root of a boundary. */
export type SettledStep = 'settled' | { readonly height: number; readonly size: number; readonly root: Uint8Array }

/** One step; nothing when everything committed is settled and the roots of all boundaries reached are known. */
export function settleStep({
  recent,
  settled,
  tiles,
  held = [],
  upTo = newestOfAll,
}: SettledParts): SettledStep | undefined {
  settled.environment.renew()
  const from = readMark(settled).height
  // Looked at after the mark: every block that is settled is among these, whichever thread settled it.
  recent.environment.renew()
  const boundary = computeRootIfDue(recent, settled, from)
  if (boundary) return { ...boundary, height: from }
  const blocks = nextBlocks(recent, from, held, upTo)
  const newest = blocks.at(-1)
  if (!newest) return undefined
  const step = sortStep(blocks)
  // The commits wrote the leaf hashes into the tree's files; from here on nothing else holds them.
  tiles.flushAll()
  settled.environment.transact(() => {
    const mark = readMark(settled)
    if (mark.height === from) writeStep(settled, step, markAt(mark, newest.height, newest.frontier), newest.timeMs)
  })
  return 'settled'
}

/** The blocks after a height, as many as one step takes; it ends at a boundary, whose root must see this very state. */
function nextBlocks(recent: RecentDatabase, from: number, held: readonly BlockChanges[], upTo: number): BlockChanges[] {
  const start = numberKey(from + 1)
  const [boundary] = [...recent.boundaries.range({ start, limit: 1 })]
  const last = boundary ? numberOfKey(boundary.key) : Number.MAX_SAFE_INTEGER
  const blocks: BlockChanges[] = []
  let taken = 0
  for (const block of heldAfter(held, from) ?? storedAfter(recent, from)) {
    if (block.height !== from + 1 + blocks.length || block.height > upTo) break
    blocks.push(block)
    taken += block.writeCount + block.traces.count
    if (block.height >= last || taken >= stepLimit) break
  }
  return blocks
}

/** What is held from the block after this height on, if it is held. */
function heldAfter(held: readonly BlockChanges[], from: number): readonly BlockChanges[] | undefined {
  const skipped = from + 1 - (held[0]?.height ?? Number.MAX_SAFE_INTEGER)
  return skipped >= 0 && skipped < held.length ? held.slice(skipped) : undefined
}

function* storedAfter({ changes }: RecentDatabase, from: number): Generator<BlockChanges> {
  for (const { key, value } of changes.range({ start: numberKey(from + 1) }))
    yield decodeChanges(numberOfKey(key), value)
}

interface Step {
  readonly rows: readonly (readonly [key: string, value: string | Buffer | undefined])[]
  /** Records of the two indexes. */
  readonly ids: Buffer
  readonly nonces: Buffer
}

function sortStep(blocks: readonly BlockChanges[]): Step {
  const rows = new Map<string, string | Buffer | undefined>()
  for (const { writes } of blocks) for (const { key, value } of writes) rows.set(key, value)
  const sortedRows = [...rows.keys()].sort().map((key) => [key, rows.get(key)] as const)
  return { rows: sortedRows, ...recordsOf(blocks) }
}

function recordsOf(blocks: readonly BlockChanges[]): Pick<Step, 'ids' | 'nonces'> {
  const count = blocks.reduce((sum, { traces }) => sum + traces.count, 0)
  const ids = Buffer.allocUnsafe(count * idRecordBytes)
  const nonces = Buffer.allocUnsafe(count * nonceRecordBytes)
  let record = 0
  for (const { traces, firstLeaf } of blocks) {
    for (let position = 0; position < traces.count; position++) {
      const leafIndex = firstLeaf + position
      const untilMs = traces.nonceUntilMs(position)
      encodeLeafIndex(ids, record * idRecordBytes, traces.transactionId(position), leafIndex)
      encodeNonce(nonces, record * nonceRecordBytes, traces.nonceHash(position), { leafIndex, untilMs })
      record++
    }
  }
  return { ids, nonces }
}

function writeStep(settled: SettledDatabase, step: Step, mark: SettledMark, timeMs: number): void {
  const turned = takeTurns(settled, mark, timeMs)
  for (const [key, value] of step.rows) writeRow(settled.rows, key, value)
  writeDirtyRows(
    settled.dirty,
    sha256,
    mark.height,
    step.rows.map(([key]) => key),
  )
  settled.ids.add(step.ids)
  settled.nonces[turned.nonceTable].add(step.nonces)
  writeMark(settled, turned)
}
