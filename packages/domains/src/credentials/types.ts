/** What credentials remember, and the facts that change it. Holders and contents never appear: only hashes do. */
import { defineEvents, defineTable, type EventOf, type Infer, type Read, type RowOf, s } from '@chengxin/module-kit'

export const limits = {
  /** Periods of one issuer's authorisation for one type. */
  periods: 64,
  /** Types that one issuer is or was authorised for. */
  typesOfIssuer: 64,
} as const

/** Periods of an authorisation are numbered from 0, so that an event can say which one it is about. */
const periodNumber = s.integer(0, limits.periods - 1)

/**
 * A span in which an issuer may issue. `untilMs` is the end that was planned, `endedAtMs` the one that came. With
 * `compromisedSinceMs`, nothing that it anchored from then until `endedAtMs` is trusted.
 */
const periodSchema = s.object({
  compromisedSinceMs: s.optional(s.timeMs()),
  end: s.optional(s.code('frozen', 'withdrawn')),
  endedAtMs: s.optional(s.timeMs()),
  fromMs: s.timeMs(),
  /** The other group whose members proved the right; it lasts no longer than what they proved. */
  group: s.optional(s.hash()),
  /** Who keeps the type since the period ended, where the issuer was dissolved. */
  successor: s.optional(s.did()),
  untilMs: s.optional(s.timeMs()),
})
export type AuthorisationPeriod = Infer<typeof periodSchema>

export const credentialsTables = {
  types: defineTable(
    'Type id → hashes of the JSON Schema and of the display texts.',
    s.object({ definedAtMs: s.timeMs(), displayHash: s.hash(), schemaHash: s.hash() }),
  ),
  authorisations: defineTable(
    '`<issuer DID>/<type id>` → when the issuer may and might issue the type.',
    s.object({ domain: s.optional(s.domainName()), periods: s.list(periodSchema, limits.periods, 1) }),
  ),
  issuers: defineTable(
    'Issuer DID → the types it is or was authorised for, and those it is frozen for now.',
    s.object({
      frozenTypeIds: s.list(s.id('type'), limits.typesOfIssuer),
      typeIds: s.list(s.id('type'), limits.typesOfIssuer),
    }),
  ),
  batches: defineTable(
    'Batch id → the root over salted commitments of certificates issued together.',
    s.object({
      anchoredAtMs: s.timeMs(),
      count: s.integer(1, 100_000),
      issuer: s.did(),
      root: s.hash(),
      typeId: s.id('type'),
    }),
  ),
  batchRoots: defineTable('Root → the batch that anchored it first and only.', s.object({ batchId: s.id('batch') })),
  statusLists: defineTable(
    'List id → its owner and newest version.',
    s.object({
      anchoredAtMs: s.timeMs(),
      hash: s.hash(),
      issuer: s.did(),
      validUntilMs: s.optional(s.timeMs()),
      version: s.integer(1, 2_147_483_647),
    }),
  ),
  verifiers: defineTable(
    'Verifier DID → its newest registration: the hash of the published document, and until when it holds.',
    s.object({
      domain: s.domainName(),
      endedAtMs: s.optional(s.timeMs()),
      fromMs: s.timeMs(),
      registrationHash: s.hash(),
      untilMs: s.optional(s.timeMs()),
      version: s.integer(1, 2_147_483_647),
    }),
  ),
  statementRoots: defineTable(
    'Root over salted commitments of consents and accesses → when it was anchored, and by whom.',
    s.object({ anchoredAtMs: s.timeMs(), keeper: s.did() }),
  ),
}

export const credentialsEvents = defineEvents({
  /** A kind of certificate exists. */
  typeDefined: { atMs: s.timeMs(), displayHash: s.hash(), schemaHash: s.hash(), typeId: s.id('type') },
  /** A period began in which the issuer may issue the type. */
  issuerAuthorised: {
    domain: s.optional(s.domainName()),
    fromMs: s.timeMs(),
    issuer: s.did(),
    period: periodNumber,
    typeId: s.id('type'),
    untilMs: s.optional(s.timeMs()),
  },
  /** Another group gave the right, and proved that it still held; a later proof of a period that lasts prolongs it. */
  issuerAccepted: {
    domain: s.optional(s.domainName()),
    fromMs: s.timeMs(),
    group: s.hash(),
    issuer: s.did(),
    period: periodNumber,
    typeId: s.id('type'),
    untilMs: s.timeMs(),
  },
  /** `endedAtMs` is earlier than the freeze where the period had ended before. */
  issuerFrozen: {
    compromisedSinceMs: s.optional(s.timeMs()),
    endedAtMs: s.timeMs(),
    issuer: s.did(),
    period: periodNumber,
    typeId: s.id('type'),
  },
  /** The period ended in good order, or a freeze was closed. With `successor` the type passed to that issuer. */
  issuerWithdrawn: {
    endedAtMs: s.timeMs(),
    issuer: s.did(),
    period: periodNumber,
    successor: s.optional(s.did()),
    typeId: s.id('type'),
  },
  /** Certificates were issued together. */
  batchAnchored: {
    atMs: s.timeMs(),
    batchId: s.id('batch'),
    count: s.integer(1, 100_000),
    issuer: s.did(),
    root: s.hash(),
    typeId: s.id('type'),
  },
  /** A version of a status list is published. */
  statusListAnchored: {
    atMs: s.timeMs(),
    hash: s.hash(),
    issuer: s.did(),
    listId: s.id('list'),
    validUntilMs: s.optional(s.timeMs()),
    version: s.integer(1, 2_147_483_647),
  },
  /** A verifier may ask for what its registration says. */
  verifierRegistered: {
    domain: s.domainName(),
    fromMs: s.timeMs(),
    registrationHash: s.hash(),
    untilMs: s.optional(s.timeMs()),
    verifier: s.did(),
    version: s.integer(1, 2_147_483_647),
  },
  /** The registration ended. */
  verifierWithdrawn: { endedAtMs: s.timeMs(), verifier: s.did() },
  /** Consents and accesses are held to, without saying whose. */
  statementsAnchored: { atMs: s.timeMs(), keeper: s.did(), root: s.hash() },
})

export type CredentialsTables = typeof credentialsTables
export type CredentialsRead = Read<CredentialsTables>
export type CredentialsEvent = EventOf<typeof credentialsEvents>
export type Registration = RowOf<CredentialsTables['verifiers']>
export type Authorisation = RowOf<CredentialsTables['authorisations']>
