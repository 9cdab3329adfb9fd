/** The one record that says what is committed: head, frontier and the end of the log, sealed under `head` in `meta`. */
import type { FrontierState } from '@chengxin/crypto'
import { seal, unseal } from './checksum.ts'
import type { StoredHead } from './face.ts'
import type { LogPosition } from './log-files.ts'
import { type StateDatabase, stateDamage } from './state-database.ts'

export interface CommittedHead {
  readonly head: StoredHead
  readonly frontier: FrontierState
  readonly logEnd: LogPosition
}

const name = 'head'

export function sealHead({ head, frontier, logEnd }: CommittedHead): Buffer {
  const record = {
    height: head.height,
    timeMs: head.timeMs,
    size: head.size,
    root: hex(head.root),
    stateHash: hex(head.stateHash),
    agreedHash: hex(head.agreedHash),
    rulesetHash: hex(head.rulesetHash),
    ...(head.stateRoot && { stateRoot: { size: head.stateRoot.size, root: hex(head.stateRoot.root) } }),
    frontier: frontier.hashes.map(hex),
    logEnd,
  }
  return seal(name, Buffer.from(JSON.stringify(record)))
}

/** The head of the newest commit; `undefined` before the first. */
export function readHead({ meta }: StateDatabase): CommittedHead | undefined {
  const sealed = meta.getBinary(name)
  if (!sealed) return undefined
  const bytes = unseal(name, sealed)
  if (!bytes) throw stateDamage('data.mdb', 'meta head', 'The record of the newest commit is damaged.')
  const record = JSON.parse(bytes.toString()) as HeadRecord
  return {
    head: {
      height: record.height,
      timeMs: record.timeMs,
      size: record.size,
      root: unhex(record.root),
      stateHash: unhex(record.stateHash),
      agreedHash: unhex(record.agreedHash),
      rulesetHash: unhex(record.rulesetHash),
      ...(record.stateRoot && { stateRoot: { size: record.stateRoot.size, root: unhex(record.stateRoot.root) } }),
    },
    frontier: { size: record.size, hashes: record.frontier.map(unhex) },
    logEnd: record.logEnd,
  }
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

export function writeHead({ meta }: StateDatabase, head: CommittedHead): void {
  meta.put(name, sealHead(head))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
