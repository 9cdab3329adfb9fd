/**
 * `state/settled`: the state as of some committed block, in tables sorted by key, and the tree over it. It follows the
 * commits in large, sorted steps (settle.ts), and stops at every boundary until that boundary's root is computed.
 */
import type { FrontierState } from '@chengxin/crypto'
import { type BytesTable, Environment, openOrDamage, readRecord, type TextTable, writeRecord } from './lmdb-tables.ts'
import { nonceRecordBytes } from './nonces.ts'
import { SortedRuns } from './sorted-runs.ts'
import { idRecordBytes } from './transaction-ids.ts'

export const settledFile = 'settled'

export interface SettledDatabase {
  readonly environment: Environment
  /** Row key → sealed canonical text. */
  readonly rows: TextTable
  /** First 16 bytes of a transaction's id → index of its leaf. */
  readonly ids: SortedRuns
  /** First 16 bytes of the hash of a nonce key → until when, and the leaf; two generations, see nonces.ts. */
  readonly nonces: readonly [SortedRuns, SortedRuns]
  /** Rows changed since the last state root (dirty-rows.ts). */
  readonly dirty: BytesTable
  /** Bucket → its rows' hashes; group → its nodes (state-tree.ts). */
  readonly buckets: BytesTable
  readonly groups: BytesTable
  /** What the newest state root overwrote of them (state-undo.ts). */
  readonly undo: BytesTable
  /** Size of a boundary → its state root. */
  readonly roots: BytesTable
  readonly meta: TextTable
}

/** How far the tables have come. */
export interface SettledMark {
  /** The newest block whose changes are in the tables; −1 before genesis. */
  readonly height: number
  /** Leaves up to that block, and the tree's frontier there: the tree's files are flushed as far. */
  readonly size: number
  readonly frontier: readonly string[]
  /** Which generation takes nonces, and the block time since when it does. */
  readonly nonceTable: 0 | 1
  readonly nonceSinceMs: number
}

const markName = 'settled'

const emptyMark: SettledMark = { height: -1, size: 0, frontier: [], nonceTable: 0, nonceSinceMs: 0 }

export function openSettledDatabase(directory: string, create: boolean): SettledDatabase {
  return openOrDamage(settledFile, () => {
    const environment = new Environment(directory, settledFile, create)
    const runs = (name: string, recordBytes: number) =>
      new SortedRuns(environment.bytes(name), name, settledFile, { recordBytes })
    return {
      environment,
      rows: environment.text('rows'),
      ids: runs('ids', idRecordBytes),
      nonces: [runs('nonces-0', nonceRecordBytes), runs('nonces-1', nonceRecordBytes)],
      dirty: environment.bytes('dirty'),
      buckets: environment.bytes('buckets'),
      groups: environment.bytes('groups'),
      undo: environment.bytes('undo'),
      roots: environment.bytes('roots'),
      meta: environment.text('meta'),
    }
  })
}

export function readMark({ meta }: SettledDatabase): SettledMark {
  return readRecord<SettledMark>(meta, markName, settledFile) ?? emptyMark
}

export function writeMark({ meta }: SettledDatabase, mark: SettledMark): void {
  writeRecord(meta, markName, mark)
}

export function frontierOf({ size, frontier }: SettledMark): FrontierState {
  return { size, hashes: frontier.map((hash) => new Uint8Array(Buffer.from(hash, 'hex'))) }
}

/** The mark at a block, nonces aside. */
export function markAt(mark: SettledMark, height: number, { size, hashes }: FrontierState): SettledMark {
  return { ...mark, height, size, frontier: hashes.map((hash) => Buffer.from(hash).toString('hex')) }
}
