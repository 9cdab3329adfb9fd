/**
 * The rules of a business: `decide` reads and returns events or a refusal, `apply` writes. Both are pure: no clock, no
 * chance, no I/O; what they need to know of the moment is in the context.
 */
import type { Did, Refusal, TimeMs, TransactionId } from '@chengxin/kernel'
import type { AnyEvent, EventDefinitions } from './events.ts'
import type { GenesisDocument } from './genesis.ts'
import type { Fields, PublicJwk } from './schema.ts'
import type { Read, Tables, Write } from './tables.ts'
import type { Refusals, TransactionDefinition } from './transaction.ts'

declare const ran: unique symbol
/** An event of another domain, returned by `context.run` and applied already. Pass it on in the result, unchanged. */
export type RanEvent = AnyEvent & { readonly [ran]: true }

/** On whose authority a verb runs: the signer's own, or that of the calling domain over something it was given. */
export type Authority =
  | { readonly kind: 'principal' }
  /** Made by the kit alone: `domain` is the caller, so a domain cannot speak for another. */
  | { readonly kind: 'domain'; readonly domain: string; readonly capability: string }

/** Synchronous functions that the host hands in, the same on every member. Bytes in, bytes or verdicts out. */
export interface Host {
  sha256(bytes: Uint8Array): Uint8Array
  /** One strict acceptance rule for Ed25519 and P-256; `signature` is 64 bytes. */
  verifySignature(key: PublicJwk, bytes: Uint8Array, signature: Uint8Array): boolean
  /** The DID that a first key founds on this deployment. */
  deriveDid(key: PublicJwk): Did
  /** Reads and checks an X.509 certificate (DER, base64url) against a CA certificate at a time. */
  checkCertificate(certificate: string, ca: string, atMs: TimeMs): CertificateFacts | Refusal
  /** The leaf that a receipt (C2SP tlog-proof, as text) proves to stand in the log of a pinned group. */
  openReceipt(receipt: string, pinned: PinnedLog): { readonly leaf: Uint8Array } | Refusal
  /** The state of a pinned group that a quorum of its members signed (text of a note). */
  openState(note: string, pinned: PinnedLog): StateRoot | Refusal
  /** Whether the state under this root has the value at the key, `<domain>/<table>/<key>`. */
  holdsInState(root: Uint8Array, row: { readonly key: string; readonly value: string }, proof: StateRowProof): boolean
}

/** A group whose facts are believed, and by whose keys. */
export interface PinnedLog {
  readonly origin: string
  readonly members: readonly {
    readonly memberId: string
    /** Ed25519. */
    readonly logKey: PublicJwk
    readonly cosignerKey: PublicJwk
  }[]
  readonly quorum: number
}

export interface StateRoot {
  readonly size: number
  readonly root: Uint8Array
  /** Block time at which the state was this. */
  readonly timeMs: number
}

/** As a node serves it beside a row: the whole bucket in order, and the siblings up to the root. */
export interface StateRowProof {
  readonly rows: readonly { readonly keyHash: Uint8Array; readonly valueHash: Uint8Array }[]
  readonly path: readonly Uint8Array[]
}

export interface CertificateFacts {
  readonly organisation: string
  readonly serial: string
  readonly fingerprint: string
  readonly notAfterMs: TimeMs
  readonly publicKey: PublicJwk
}

export interface Context {
  /** Who signed the transaction. */
  readonly signer: Did
  /** For whom: the signer, or the principal of a delegation that the ledger has checked. Rules ask this one. */
  readonly principal: Did
  /** The agreed time of the block. It never decreases. */
  readonly timeMs: TimeMs
  readonly height: number
  /** Index of the leaf that this transaction will have. */
  readonly leafIndex: number
  readonly transactionId: TransactionId
  /** The group this ledger is: part of every statement that a key signs about itself. */
  readonly group: string
  readonly authority: Authority
  readonly host: Host
  /** Another domain's reads, over everything that happened so far in this transaction. */
  reads<R>(of: ReadsFace<R>): R
  /**
   * Runs another domain's verb inside this transaction. The events come back to be returned in place; a refusal must be
   * returned too, and then nothing of the transaction remains. With a capability the callee sees the calling domain.
   */
  run<Args>(verb: TransactionDefinition<Args>, args: Args, capability?: string): readonly RanEvent[] | Refusal
}

export type Decide<T extends Tables, Args, Event extends AnyEvent> = (
  read: Read<T>,
  args: Args,
  context: Context,
) => readonly (Event | RanEvent)[] | Refusal

/** What a domain lets others ask. `domain` names whose tables `make` is given. */
export interface ReadsFace<R> {
  readonly domain: string
  make(read: Read<Tables>): R
}

export function defineReads<T extends Tables, R>(domain: string, make: (read: Read<T>) => R): ReadsFace<R> {
  return { domain, make: make }
}

export interface Verb {
  readonly transaction: TransactionDefinition
  readonly decide: Decide<Tables, unknown, AnyEvent>
}

/** Ties a transaction to its rule, with the types of both checked. */
export function verb<T extends Tables, Args, Event extends AnyEvent>(
  transaction: TransactionDefinition<Args>,
  decide: Decide<T, Args, Event>,
): Verb {
  return { transaction: transaction, decide: decide as unknown as Verb['decide'] }
}

/** The part of a domain that members agree on. */
export interface DomainRules {
  readonly name: string
  readonly tables: Tables
  readonly events: EventDefinitions
  readonly refusals: Refusals
  readonly verbs: readonly Verb[]
  /** Domains whose reads or verbs this one uses; they form no cycle. */
  readonly uses: readonly string[]
  apply(write: Write<Tables>, event: AnyEvent): void
  /** The events that the genesis document means for this domain, applied before the first block, in the order of the ruleset. */
  genesis?(document: GenesisDocument, host: Host): readonly AnyEvent[]
}

/**
 * What execution itself must ask of the rules, beside verbs: which key a `kid` names, and whether a signer may act for a
 * principal. The ruleset names one domain that answers (identity), so that the ledger need not know it by name.
 */
export interface IdentityAnswers {
  /** The active key, or a refusal: `key_unknown`, `key_retired`, `identity_deactivated`. */
  activeKey(did: Did, keyId: string, timeMs: TimeMs): SigningKey | Refusal
  /** Undefined when the signer may send this verb for the principal now, else a refusal: `delegation_missing`, `delegation_expired`, `delegation_out_of_scope`. */
  mayActFor(signer: Did, principal: Did, type: string, timeMs: TimeMs): Refusal | undefined
  /** The member under whose sponsorship a DID stands; shares and quotas are counted by it. */
  sponsorOf(did: Did): string | undefined
}

export interface SigningKey {
  readonly key: PublicJwk
  /** For WebAuthn: where its assertions may come from. */
  readonly webauthn?: { readonly rpId: string; readonly origins: readonly string[] }
}

export interface Ruleset {
  /** Semantic version; the agreed identity of a ruleset is the hash of its built bundle. */
  readonly version: string
  readonly domains: readonly DomainRules[]
  readonly identity: ReadsFace<IdentityAnswers>
  /** The ruleset that governance says is active for leaves from an index on; undefined: as before. */
  readonly activation: ReadsFace<{ activeRuleset(leafIndex: number): string | undefined }>
  /** Who takes part in ordering, where members order together. */
  readonly membership?: ReadsFace<MembershipAnswers>
}

export interface MembershipAnswers {
  /** Members that vote, one vote each, with their validator keys (Ed25519, base64url). */
  validators(): readonly { readonly member: string; readonly key: string }[]
  /** Ids of the engines that members let in (base64url). */
  peers(): readonly string[]
}

export type { Fields }
