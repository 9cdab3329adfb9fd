/** What a node hands to its API. Everything about a business, a key or a file comes in from outside. */
import type { Did, Refusal } from '@chengxin/kernel'
import type { Ledger } from '@chengxin/ledger/face'
import type { Presentation, PublicJwk, Refusals, Sql, TransactionDefinition } from '@chengxin/module-kit'
import type { Projection } from '@chengxin/projection/face'
import type { DocumentStore } from './documents.ts'
import type { Endpoint } from './endpoint.ts'

export interface ApiOptions {
  readonly ledgers: readonly Ledger[]
  /** By group id. */
  readonly projections: ReadonlyMap<string, Projection>
  readonly presentations: readonly Presentation[]
  /** Every verb of the ruleset, for /openapi.json and /docs; internal ones are left out there. */
  readonly transactions: readonly TransactionDefinition[]
  /** Codes of ledger and domains with kind and sentence. A code that is missing here is answered as malformed. */
  readonly refusals: Refusals
  /** How others reach this node, such as `https://city.example`; no slash at the end. */
  readonly publicUrl: string
  readonly version: string
  readonly log: ApiLog
  readonly documents?: DocumentStore
  readonly readers?: ReaderChecks
  readonly identities?: IdentityResolver
  /** Members of a group now; without it, those of its genesis are counted. */
  readonly countMembers?: (ledger: Ledger) => number
  /** Documents served under a name whose content changes, such as the newest version of a status list. */
  readonly namedDocuments?: readonly NamedDocument[]
  /** What members sign of each group's log beside this node, by group id. */
  readonly witnessing?: ReadonlyMap<string, GroupWitnessing>
  /** This node as a witness of other logs. */
  readonly witnessDesk?: WitnessDesk
  /** What the search box finds beside transactions, blocks and DIDs. */
  readonly searches?: readonly Search[]
  /** Addresses beside the ledger's own: desks of the offices that this node serves, and protocols of others. */
  readonly furtherEndpoints?: readonly Endpoint[]
  /** Present in a sample city only: files to try the check with. */
  readonly sample?: () => SampleFiles | undefined
  /** Folder of the built portal; without it, `/` points to /docs. */
  readonly portalDirectory?: string
  /** Addresses or networks of proxies before the node, whose word about who asks counts (X-Forwarded-For). */
  readonly trustedProxies?: readonly string[]
  readonly limits?: Partial<ApiLimits>
  readonly now?: () => number
}

/** Limits of this node's resources; members need not agree on them. */
export interface ApiLimits {
  /** Requests a second that one address may make in the long run, and at once. Loopback addresses are not counted. */
  readonly requestsPerSecond: number
  readonly requestsAtOnce: number
  readonly submissionBytes: number
  /** Transactions and bytes that are being submitted at the same time. */
  readonly submittingTransactions: number
  readonly submittingBytes: number
  readonly liveStreams: number
  readonly liveStreamsPerAddress: number
  /** How long a reader of a live stream may take nothing before it is let go. */
  readonly slowReaderMs: number
  readonly heartbeatMs: number
  readonly requestTimeoutMs: number
  readonly connections: number
}

export const defaultLimits: ApiLimits = {
  requestsPerSecond: 200,
  requestsAtOnce: 400,
  submissionBytes: 16 * 1024 * 1024,
  submittingTransactions: 20_000,
  submittingBytes: 64 * 1024 * 1024,
  liveStreams: 500,
  liveStreamsPerAddress: 32,
  slowReaderMs: 15_000,
  heartbeatMs: 15_000,
  requestTimeoutMs: 30_000,
  connections: 4096,
}

/** Structured lines. The API never hands over bodies, query values, addresses or DIDs. */
export interface ApiLog {
  info(facts: LogFacts, message: string): void
  warn(facts: LogFacts, message: string): void
  error(facts: LogFacts, message: string): void
}
export type LogFacts = { readonly [name: string]: string | number | boolean | undefined }

/** Who may read where a group's read policy is `members`. */
export interface ReaderChecks {
  /** The key that signs for a DID in this group now. */
  activeKey(ledger: Ledger, did: Did, keyId: string): PublicJwk | Refusal
  /** Whether the DID stands under an active member of the group. */
  isUnderMember(ledger: Ledger, did: Did): boolean
  /** One strict rule for Ed25519 and P-256; `signature` is 64 bytes. */
  verifySignature(key: PublicJwk, bytes: Uint8Array, signature: Uint8Array): boolean
}

export interface IdentityResolver {
  /** The DID's document in this group, active keys only; undefined where the group does not know the DID. */
  resolve(ledger: Ledger, did: Did): ResolvedIdentity | undefined
}

/** The consortium of one group, as this node hears it. What it shows is described in endpoints/witness.ts. */
export interface GroupWitnessing {
  /** The newest checkpoint that a quorum of members has cosigned; this member's own where none is yet. */
  checkpoint(): string
  stateCheckpoint(): string | undefined
  /** Undefined for an unknown transaction; who is missing where the quorum did not come together in time. */
  receipt(transactionId: string, waitMs: number): Promise<string | QuorumPending | undefined>
  /** The same as a COSE receipt (RFC 9942). */
  coseReceipt(transactionId: string, waitMs: number): Promise<Uint8Array | QuorumPending | undefined>
  /** What this member signed after a size, held back until there is something new or the time is over. */
  answer(afterSize: number, waitMs: number): Promise<object>
  consortium(): ConsortiumFacts
  contradictions(): readonly object[]
  /** The proof, by its id. */
  contradiction(id: string): string | undefined
}

export interface QuorumPending {
  readonly needed: number
  readonly cosignedBy: readonly string[]
  readonly missing: readonly string[]
}

/** The part of the consortium's view that is measured. */
export interface ConsortiumFacts {
  readonly size: number
  readonly quorum: { readonly needed: number; readonly size?: number }
  readonly members: readonly { readonly memberId: string; readonly contact: string; readonly lagLeaves?: number }[]
}

export interface WitnessDesk {
  /** The answer of C2SP tlog-witness to a request's text. */
  addCheckpoint(text: string): Promise<{ readonly status: number; readonly mediaType: string; readonly body: string }>
}

export interface ResolvedIdentity {
  readonly document: { readonly [member: string]: unknown }
  readonly deactivated: boolean
  readonly createdAtMs?: number
}

export interface NamedDocument {
  /** Below `/v1/groups/{group}`, with one parameter, such as `/status-lists/:listId`. */
  readonly path: string
  readonly summary: string
  readonly mediaType: string
  /** Hashes of the anchored versions, newest first; the first that the node holds is served. */
  hashes(sql: Sql, name: string): Promise<readonly string[]>
}

export interface SearchHit {
  readonly kind: string
  readonly id: string
  readonly label: string
}
export type Search = (request: {
  readonly text: string
  readonly sql: Sql
  readonly ledger: Ledger
}) => Promise<readonly SearchHit[]>

export interface SampleFiles {
  readonly files: readonly { readonly name: string; readonly mediaType: string; readonly text: string }[]
  readonly bundleUrl?: string
}
