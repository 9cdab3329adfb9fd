/**
 * What a ledger writes for each transaction, and all that a stranger can read of it: who asked for what, when the members
 * agreed to it, and whether it happened. Events and writes stand in it as hashes only.
 */
import { parseTransactionJws, type Sha256, transactionId } from '@chengxin/crypto'
import {
  type Did,
  fromUtf8,
  type Hash,
  isRefusal,
  type JsonObject,
  limits,
  parseCanonical,
  type TransactionId,
} from '@chengxin/kernel'
import { hasShape } from './shape.ts'

export interface Leaf {
  readonly height: number
  /** The block's time, which members agreed on. */
  readonly timeMs: number
  readonly position: number
  /** The transaction as it was sent. */
  readonly jws: string
  /** `ok`, or the code with which the rules refused it. */
  readonly code: string
  readonly eventsHash: Hash
  readonly writesHash: Hash
}

const leafShape = {
  v: 'count',
  height: 'count',
  timeMs: 'count',
  position: 'count',
  jws: 'text',
  code: 'text',
  eventsHash: 'hash',
  writesHash: 'hash',
} as const

/** A leaf from its bytes, or `undefined` where they are not the one spelling of a leaf (RFC 8785). */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  const text = fromUtf8(bytes)
  const value = text === undefined ? undefined : parseCanonical(text, { depth: 1 })
  if (value === undefined || isRefusal(value) || !hasShape(value, leafShape)) return undefined
  const { v, ...leaf } = value as unknown as Leaf & { readonly v: number }
  return v === 1 ? leaf : undefined
}

export interface LoggedAction {
  readonly type: string
  readonly args: JsonObject
  /** In whose name the signer acts, when not in its own. */
  readonly for?: Did
}

export interface LoggedTransaction {
  readonly id: TransactionId
  readonly signer: Did
  readonly kid: string
  readonly group: string
  readonly actions: readonly LoggedAction[]
}

const payloadShape = {
  v: 'count',
  group: 'hash',
  actions: [{ type: 'text', args: 'object', 'for?': 'did' }],
  notAfter: 'count',
  nonce: 'text',
} as const

/** What the transaction of a leaf asks for, or `undefined`. Its signature is what the members judged, and not judged here. */
export function readTransaction(sha256: Sha256, leaf: Leaf): LoggedTransaction | undefined {
  const jws = parseTransactionJws(leaf.jws)
  if (isRefusal(jws)) return undefined
  const payload = parseCanonical(jws.payloadText, { depth: limits.payloadDepth })
  if (isRefusal(payload) || !hasShape(payload, payloadShape)) return undefined
  const { group, actions } = payload as unknown as Pick<LoggedTransaction, 'group' | 'actions'>
  return { id: transactionId(sha256, jws.signingInput), signer: jws.did, kid: jws.header.kid, group, actions }
}
