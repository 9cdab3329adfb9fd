/** Blocks and outcomes read back from the log: a leaf carries its own transaction, so nothing else is needed. */
import { hash } from 'node:crypto'
import type { Did, Hash, TimeMs, TransactionId } from '@chengxin/kernel'
import { toBase64url } from '@chengxin/kernel'
import type { CommittedBlock, CommittedTransaction, Payload, StoredEvent } from '@chengxin/module-kit'
import type { Outcome } from '../face.ts'
import type { StoredBlock } from '../storage/face.ts'
import { openEvents } from './block-report.ts'

export interface OpenedLeaf {
  readonly height: number
  readonly timeMs: number
  readonly position: number
  readonly jws: string
  readonly code: string
}

/** The members of a leaf. It was made by this ledger and its bytes are checked on each read, so it is only parsed. */
export function openLeaf(leaf: Uint8Array): OpenedLeaf {
  return JSON.parse(Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString('latin1')) as OpenedLeaf
}

export function committedBlockFrom({
  height,
  timeMs,
  firstLeaf,
  root,
  agreedHash,
  leaves,
  genesisEvents,
}: StoredBlock): CommittedBlock {
  let transactions: readonly CommittedTransaction[] | undefined
  return {
    height,
    timeMs: timeMs as TimeMs,
    firstLeaf,
    agreedHash: toBase64url(agreedHash) as Hash,
    root: toBase64url(root) as Hash,
    get transactions() {
      transactions ??= leaves.map(({ leaf, events }, index) =>
        openTransaction(openLeaf(leaf), firstLeaf + index, textOf(events)),
      )
      return transactions
    },
    ...(genesisEvents && { genesisEvents: JSON.parse(textOf(genesisEvents)) as StoredEvent[] }),
  }
}

function openTransaction({ jws, position, code }: OpenedLeaf, leafIndex: number, events: string): CommittedTransaction {
  const [header = '', payloadPart = ''] = jws.split('.')
  const { kid } = JSON.parse(decode(header)) as { readonly kid: string }
  const payload = JSON.parse(decode(payloadPart)) as Payload
  const signer = kid.slice(0, kid.indexOf('#')) as Did
  const principals = payload.actions.flatMap((action) =>
    action.for === undefined || action.for === signer ? [] : [action.for],
  )
  return {
    id: hash('sha256', jws.slice(0, jws.lastIndexOf('.')), 'base64url') as TransactionId,
    position,
    leafIndex,
    code,
    signer,
    principals: [...new Set(principals)],
    types: payload.actions.map(({ type }) => type),
    events: openEvents(events),
  }
}

function decode(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8')
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

export interface LoggedLeaf {
  readonly leaf: Uint8Array
  readonly events: Uint8Array
}

/** The outcome that a logged transaction had, and has for good. */
export function loggedOutcome(id: TransactionId, leafIndex: number, { leaf, events }: LoggedLeaf): Outcome {
  const { height, position, timeMs, code } = openLeaf(leaf)
  return outcomeOf({ id, height, position, leafIndex, timeMs, code }, () => openEvents(textOf(events)))
}

export interface OutcomeFacts {
  readonly id: TransactionId
  readonly height: number
  readonly position: number
  readonly leafIndex: number
  readonly timeMs: number
  readonly code: string
}

/** The events are parsed when somebody looks: most senders only want to know that it is done. */
export function outcomeOf(facts: OutcomeFacts, openStored: () => readonly StoredEvent[]): Outcome {
  const { id, height, position, leafIndex, code } = facts
  const timeMs = facts.timeMs as TimeMs
  let opened: readonly StoredEvent[] | undefined
  const open = () => {
    opened ??= openStored()
    return opened
  }
  if (code === 'ok') {
    return {
      status: 'committed',
      id,
      height,
      position,
      leafIndex,
      timeMs,
      get events() {
        return open()
      },
    }
  }
  return { status: 'refused', code, id, height, position, leafIndex, timeMs, events: open() }
}
