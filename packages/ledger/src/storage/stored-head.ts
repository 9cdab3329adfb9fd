/** The one record that says what is committed: head, frontier and the end of the log, sealed under `head` in `meta`. */
import type { FrontierState } from '@chengxin/crypto'
import type { StoredHead } from './face.ts'
import { readRecord, writeRecord } from './lmdb-tables.ts'
import type { LogPosition } from './log-files.ts'
import { type RecentDatabase, recentFile } from './recent-database.ts'

export interface CommittedHead {
  readonly head: StoredHead
  readonly frontier: FrontierState
  readonly logEnd: LogPosition
}

interface HeadRecord {
  readonly height: number
  readonly timeMs: number
  readonly size: number
  readonly root: string
  readonly stateHash: string
  readonly agreedHash: string
  readonly rulesetHash: string
  readonly stateRoot?: { readonly size: number; readonly root: string }
  readonly frontier: readonly string[]
  readonly logEnd: LogPosition
}

const name = 'head'

/** Writes the head in a transaction that is open. */
export function writeHead({ meta }: RecentDatabase, { head, frontier, logEnd }: CommittedHead): void {
  const { height, timeMs, size, stateRoot } = head
  const record: HeadRecord = {
    height,
    timeMs,
    size,
    root: hex(head.root),
    stateHash: hex(head.stateHash),
    agreedHash: hex(head.agreedHash),
    rulesetHash: hex(head.rulesetHash),
    ...(stateRoot && { stateRoot: { size: stateRoot.size, root: hex(stateRoot.root) } }),
    frontier: frontier.hashes.map(hex),
    logEnd,
  }
  writeRecord(meta, name, record)
}

/** The head of the newest commit; `undefined` before the first. */
export function readHead({ meta }: RecentDatabase): CommittedHead | undefined {
  const record = readRecord<HeadRecord>(meta, name, recentFile)
  if (!record) return undefined
  const { height, timeMs, size, stateRoot } = record
  return {
    head: {
      height,
      timeMs,
      size,
      root: unhex(record.root),
      stateHash: unhex(record.stateHash),
      agreedHash: unhex(record.agreedHash),
      rulesetHash: unhex(record.rulesetHash),
      ...(stateRoot && { stateRoot: { size: stateRoot.size, root: unhex(stateRoot.root) } }),
    },
    frontier: { size, hashes: record.frontier.map(unhex) },
    logEnd: record.logEnd,
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
