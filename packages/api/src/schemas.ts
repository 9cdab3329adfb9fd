/** JSON Schemas (draft 2020-12, as OpenAPI 3.1 uses it) of what the fixed addresses answer with. */
import type { JsonSchema } from '@chengxin/module-kit'

export const text: JsonSchema = { type: 'string' }
export const count: JsonSchema = { type: 'integer', minimum: 0 }
export const timeMs: JsonSchema = {
  type: 'integer',
  minimum: 0,
  description: 'Milliseconds since 1970-01-01T00:00:00Z.',
}
export const hash: JsonSchema = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$', description: 'SHA-256 as base64url.' }
export const did: JsonSchema = { type: 'string', pattern: '^did:weid:[a-z0-9]{1,32}:0x[0-9a-f]{40}$' }
export const bytes: JsonSchema = { type: 'string', format: 'binary' }

export function object(
  required: { readonly [name: string]: JsonSchema },
  optional: { readonly [name: string]: JsonSchema } = {},
): JsonSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  }
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

export function oneOf(...words: readonly string[]): JsonSchema {
  return { type: 'string', enum: [...words] }
}

export const storedEvent: JsonSchema = {
  type: 'object',
  properties: { type: { type: 'string', description: '`<domain>.<event>`' } },
  required: ['type'],
  description: 'What happened; amounts are decimal strings.',
}

export const outcome: JsonSchema = object(
  { status: oneOf('committed', 'refused', 'rejected', 'pending') },
  {
    id: hash,
    code: { type: 'string', description: 'Why, where it was refused or rejected.' },
    sentence: text,
    at: { type: 'string', description: 'JSON pointer into the payload.' },
    retryAfterMs: { type: 'number', description: 'Present where the same bytes may pass later.' },
    height: count,
    position: count,
    leafIndex: count,
    timeMs,
    events: list(storedEvent),
    receipt: { type: 'string', description: 'Path of the receipt on this node.' },
  },
)

const transactionMembers = {
  id: hash,
  height: count,
  position: count,
  leafIndex: count,
  timeMs,
  code: { type: 'string', description: '`ok`, or the code of the refusal.' },
  signer: did,
  types: list(text),
} as const

export const transactionSummary: JsonSchema = object(transactionMembers, { events: list(storedEvent) })

export const transactionDetail: JsonSchema = object(
  { status: oneOf('committed', 'refused', 'pending') },
  {
    ...transactionMembers,
    sentence: text,
    principals: list(did),
    events: list(storedEvent),
    receipt: text,
  },
)

export const blockSummary: JsonSchema = object({
  height: count,
  timeMs,
  firstLeaf: count,
  size: { ...count, description: 'Leaves in the log after this block.' },
  transactions: count,
  refused: count,
  agreedHash: hash,
  root: hash,
})

export const blockDetail: JsonSchema = object(
  {
    height: count,
    timeMs,
    firstLeaf: count,
    size: count,
    agreedHash: hash,
    root: hash,
    transactions: list(transactionSummary),
  },
  { genesisEvents: list(storedEvent) },
)

export const health: JsonSchema = object(
  { status: oneOf('ok', 'read_only', 'stopped') },
  { code: text, sentence: text },
)

const validator = object(
  { member: text, power: count, isLate: { type: 'boolean', description: 'It has not signed lately.' } },
  { signedHeight: { ...count, description: 'The newest block that it is known to have signed.' } },
)

const misbehaved = object({
  member: text,
  type: oneOf('duplicate_vote', 'light_client_attack', 'unknown'),
  height: { ...count, description: 'The block about which it signed two things.' },
  timeMs,
})

/** Absent where one process orders alone. */
export const consensus: JsonSchema = object(
  {
    engine: text,
    state: oneOf('stopped', 'away', 'ready', 'full', 'halted'),
    height: { ...count, description: 'The newest block here.' },
    confirmedHeight: { ...count, description: 'The newest block whose result more than two thirds have signed.' },
    behind: { ...count, description: 'Blocks that more than a third of the members say to have beyond ours.' },
    peers: { ...count, description: 'Engines of other members that are connected.' },
    formerPeers: { ...count, description: 'Those of them that belong to no member any more; they are cut off soon.' },
    cutOffs: { ...count, description: 'Restarts of this engine that ended such connections.' },
    waiting: { ...count, description: 'Transactions in the mempool, those of other members included.' },
    validators: list(validator),
    misbehaved: { ...list(misbehaved), description: 'Members that were caught signing two things at once, ever.' },
  },
  { proposer: { ...text, description: 'Who proposed the newest block.' } },
)

/** What a node that began with a snapshot has not fetched of the log yet; absent where it has everything. */
export const lacking: JsonSchema = object({ fromHeight: count, toHeight: count, fromLeaf: count, toLeaf: count })

export const projectionStatus: JsonSchema = object(
  {
    height: { type: 'integer', minimum: -1 },
    lagBlocks: count,
    lagMs: { type: 'number', minimum: 0 },
    state: oneOf('current', 'catching_up', 'rebuilding', 'failed'),
    engine: oneOf('pglite', 'postgresql'),
  },
  { detail: text },
)

const groupMembers = {
  id: hash,
  name: text,
  origin: text,
  chainId: text,
  readPolicy: oneOf('public', 'members'),
  sample: { type: 'boolean', description: 'The sample city, whose keys everybody knows.' },
  height: count,
  size: count,
  timeMs,
  members: count,
} as const

export const groupSummary: JsonSchema = object(groupMembers)

const ruleset: JsonSchema = object({ version: text, hash })

export const groupDetail: JsonSchema = object(
  {
    ...groupMembers,
    head: object(
      { height: count, timeMs, size: count, root: hash, stateHash: hash, agreedHash: hash, ruleset },
      { stateRoot: object({ size: count, root: hash }) },
    ),
    health,
    projection: projectionStatus,
    ruleset,
    stats: object({
      queued: count,
      queueLimit: count,
      admitted: count,
      rejected: { type: 'object', additionalProperties: count },
      committed: count,
      refused: count,
      blocks: count,
      verifier: text,
    }),
  },
  { consensus, lacking },
)

export const searchHit: JsonSchema = object({ kind: text, id: text, label: text })

export const resolution: JsonSchema = object({
  '@context': text,
  didDocument: { type: ['object', 'null'] },
  didResolutionMetadata: { type: 'object' },
  didDocumentMetadata: { type: 'object' },
})

/** Paging, newest first. */
export const limitQuery = {
  schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } as JsonSchema,
  about: 'How many at most.',
}

export function pageOf(name: string, item: JsonSchema): JsonSchema {
  return object({ [name]: list(item) }, { next: { type: 'string', description: '`before` of the next page.' } })
}
