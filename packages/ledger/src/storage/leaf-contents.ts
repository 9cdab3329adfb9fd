/** What a leaf says about itself, against what is stored beside it. */
import type { Sha256 } from '@chengxin/crypto'
import { equalBytes, toBase64url } from '@chengxin/kernel'
import type { LeafRecord } from './block-frames.ts'
import { nonceHashOf } from './leaf-traces.ts'

export interface LeafContents {
  /** Of its block, as the block's time is. */
  readonly height: number
  readonly timeMs: number
  readonly transactionId: Uint8Array
  readonly eventsHash: string
  readonly nonceKey: string
  readonly nonceUntilMs: number
  /** Which group the transaction was signed for. */
  readonly group: unknown
}

/** What follows from a leaf alone, or nothing where it is not a leaf of a ledger. */
export function readLeafContents(sha256: Sha256, leaf: Uint8Array): LeafContents | undefined {
  const { jws, eventsHash, height, timeMs } = parseObject(leaf) ?? {}
  if (typeof jws !== 'string' || typeof eventsHash !== 'string') return undefined
  if (typeof height !== 'number' || typeof timeMs !== 'number') return undefined
  const [header = '', payload = ''] = jws.split('.')
  const { kid } = parseObject(Buffer.from(header, 'base64url')) ?? {}
  const { nonce, notAfter, group } = parseObject(Buffer.from(payload, 'base64url')) ?? {}
  if (typeof kid !== 'string' || typeof nonce !== 'string' || typeof notAfter !== 'number') return undefined
  return {
    height,
    timeMs,
    eventsHash,
    transactionId: sha256(Buffer.from(`${header}.${payload}`)),
    nonceKey: `${kid.slice(0, kid.lastIndexOf('#'))} ${nonce}`,
    nonceUntilMs: notAfter,
    group,
  }
}

function parseObject(bytes: Uint8Array): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}

/** What follows from a logged leaf, or a sentence about what stands beside it and does not follow from it. */
export function checkLeafContents(sha256: Sha256, record: LeafRecord): LeafContents | string {
  const contents = readLeafContents(sha256, record.leaf)
  if (!contents) return 'This is not a leaf.'
  if (!equalBytes(contents.transactionId, record.transactionId))
    return 'The id beside the leaf is not its transaction’s.'
  if (toBase64url(sha256(record.events)) !== contents.eventsHash) return 'The events are not those the leaf names.'
  const isNonce =
    equalBytes(nonceHashOf(contents.nonceKey), record.nonceHash) && contents.nonceUntilMs === record.nonceUntilMs
  return isNonce ? contents : 'The nonce beside the leaf is not its transaction’s.'
}
