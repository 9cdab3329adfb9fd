/**
 * A statement that parties hold in common (a consent was given, a licence was looked at) and that the ledger knows as a salted
 * commitment under a root of many. Each party keeps the same receipt; whoever is shown one can check that exactly this was
 * held to, and when, and nobody else can tell that it exists.
 */
import { commit, createTreeHasher, type Sha256, verifyInclusion } from '@chengxin/crypto'
import {
  fromBase64url,
  type Hash,
  isRefusal,
  type Json,
  type JsonObject,
  parseCanonical,
  type Refusal,
  refuse,
  toUtf8,
} from '@chengxin/kernel'
import { type Platform, webPlatform } from './platform.ts'
import { hasShape } from './shape.ts'
import type { TrustBundle } from './trust-bundle.ts'

/** What a party keeps. */
export interface StatementReceipt {
  /** Canonical JSON. */
  readonly statement: string
  /** 16 bytes, base64url. */
  readonly salt: string
  /** Place of the commitment under its root, and the hashes from its sibling up to the root's child (base64url). */
  readonly index: number
  readonly path: readonly Hash[]
  readonly batchSize: number
  /** The anchoring transaction in the log, as a C2SP tlog-proof. */
  readonly receipt: string
}

export interface OpenedStatement {
  readonly statement: JsonObject
  /** Block time of the anchoring: it was held to at this time at the latest. */
  readonly anchoredAtMs: number
  readonly transaction: string
}

/** The leaf that stands for a statement: 32 bytes that tell nothing without the salt. */
export function statementCommitment(sha256: Sha256, statement: string, salt: Uint8Array): Uint8Array {
  return fromBase64url(commit(sha256, { salt, value: toUtf8(statement) })) as Uint8Array
}

/**
 * Opens a statement's receipt against a bundle. Refusals, in the order they are checked: `statement_malformed`, those of
 * `openReceipt`, `receipt_transaction_refused`, `statement_not_anchored`.
 */
export function openStatement(
  receipt: Json,
  bundle: TrustBundle,
  platform: Platform = webPlatform,
): OpenedStatement | Refusal {
  const shape = {
    statement: 'text',
    salt: 'text',
    index: 'count',
    path: ['hash'],
    batchSize: 'count',
    receipt: 'text',
  } as const
  if (!hasShape(receipt, shape)) return refuse('statement_malformed')
  const held = receipt as unknown as StatementReceipt
  const statement = parseCanonical(held.statement, { depth: 8 })
  const salt = fromBase64url(held.salt)
  const isObject =
    !isRefusal(statement) && typeof statement === 'object' && statement !== null && !Array.isArray(statement)
  if (!isObject || salt?.length !== 16) return refuse('statement_malformed')

  const opened = bundle.receipt(held.receipt)
  if (isRefusal(opened)) return opened
  const { leaf, transaction } = opened
  if (leaf.code !== 'ok') return refuse('receipt_transaction_refused')
  const leafHash = createTreeHasher(platform.sha256).leaf(statementCommitment(platform.sha256, held.statement, salt))
  const isAnchored = transaction.actions.some(({ type, args }) => {
    const text = type === 'credentials.anchorStatements' ? args['root'] : undefined
    const root = typeof text === 'string' ? fromBase64url(text) : undefined
    return root !== undefined && isUnder(platform.sha256, root, held, leafHash)
  })
  if (!isAnchored) return refuse('statement_not_anchored')
  return { statement: statement as JsonObject, anchoredAtMs: leaf.timeMs, transaction: transaction.id }
}

function isUnder(
  sha256: Sha256,
  root: Uint8Array,
  { path, index, batchSize }: StatementReceipt,
  leafHash: Uint8Array,
): boolean {
  const proof = path.map((hash) => fromBase64url(hash) as Uint8Array)
  return verifyInclusion(createTreeHasher(sha256), { size: batchSize, root }, { index, leafHash, proof })
}
