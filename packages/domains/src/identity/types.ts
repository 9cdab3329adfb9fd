/** What identity remembers, and the facts that change it. No table or event says anything about a person. */
import {
  defineEvents,
  defineTable,
  displayName,
  type EventOf,
  type Infer,
  type Read,
  type RowOf,
  s,
} from '@chengxin/module-kit'

export const limits = {
  /** Live keys of one DID. */
  keys: 16,
  /** Live delegations of one principal: they are searched whenever somebody acts for it. */
  delegations: 64,
  /** How long a request for recovery stands after its waiting time could have ended. */
  recoveryStandsMs: 30 * 24 * 60 * 60 * 1000,
  /** Officers who must each sign for a new key at the counter. */
  counterOfficers: 2,
  /** The counter's waiting time where the holder has not chosen another: seven days. */
  counterDelayMs: 7 * 24 * 60 * 60 * 1000,
} as const

/** Of a passkey: the number of the relying party whose assertions count (table relyingParties). */
const relyingParty = s.optional(s.integer(0, 7))

const liveKeySchema = s.object({ addedAtMs: s.timeMs(), key: s.publicJwk(), keyId: s.keyId(), relyingParty })
export type LiveKey = Infer<typeof liveKeySchema>

const delegationSchema = s.object({
  delegationId: s.id('delegation'),
  fromMs: s.timeMs(),
  scope: s.list(s.scope(), 32, 1),
  to: s.did(),
  untilMs: s.timeMs(),
})
export type Delegation = Infer<typeof delegationSchema>

const requestSchema = s.object({
  approvedAtMs: s.optional(s.timeMs()),
  approvedBy: s.list(s.did(), 16),
  key: s.publicJwk(),
  keyId: s.keyId(),
  lapsesAtMs: s.timeMs(),
  relyingParty,
})
export type RecoveryRequest = Infer<typeof requestSchema>

export const identityTables = {
  identities: defineTable(
    'DID → its sponsor and its live keys; none once it is deactivated.',
    s.object({
      createdAtMs: s.timeMs(),
      keys: s.list(liveKeySchema, limits.keys),
      sponsor: s.id('member'),
      status: s.code('active', 'deactivated'),
    }),
  ),
  retiredKeys: defineTable(
    '`<DID>/<key id>` → a key that signs no more, and the time in which it did.',
    s.object({ addedAtMs: s.timeMs(), key: s.publicJwk(), relyingParty, retiredAtMs: s.timeMs() }),
  ),
  confirmations: defineTable(
    'DID → the newest confirmation by an identity bureau (a salted commitment), and how many there were.',
    s.object({ atMs: s.timeMs(), by: s.did(), commitment: s.hash(), count: s.integer(1, 2_147_483_647) }),
  ),
  delegators: defineTable(
    'DID → the delegations it has given and not revoked. Ended ones are dropped when another is given.',
    s.object({ given: s.list(delegationSchema, limits.delegations) }),
  ),
  delegationIds: defineTable(
    'Delegation id → the DID that gave it. Rows stay for good, so that an id names one delegation.',
    s.object({ principal: s.did() }),
  ),
  recoveries: defineTable(
    'DID → its guardians, and the request that is running.',
    s.object({
      delayMs: s.integer(0, 7_776_000_000),
      guardians: s.list(s.did(), 16),
      request: s.optional(requestSchema),
      threshold: s.integer(1, 16),
    }),
  ),
  counters: defineTable(
    'DID → what its holder said of the bureau’s counter, and the request that is running there. Absent: nothing was said.',
    s.object({
      delayMs: s.integer(0, 7_776_000_000),
      request: s.optional(requestSchema),
      standing: s.code('open', 'closed'),
    }),
  ),
  relyingParties: defineTable(
    'Number → a relying party of passkeys (WebAuthn) that the genesis document accepts.',
    s.object({ origins: s.list(displayName, 16, 1), rpId: displayName }),
  ),
}

export const identityEvents = defineEvents({
  /** The group accepts passkeys of this relying party; from genesis alone. */
  relyingPartyAccepted: { number: s.integer(0, 7), origins: s.list(displayName, 16, 1), rpId: displayName },
  /** A DID entered the group, with its first key, `key-1`. */
  created: { atMs: s.timeMs(), did: s.did(), key: s.publicJwk(), relyingParty, sponsor: s.id('member') },
  /** A key may sign for the DID from now on. */
  keyAdded: { atMs: s.timeMs(), did: s.did(), key: s.publicJwk(), keyId: s.keyId(), relyingParty },
  /** A key signs no more. */
  keyRetired: { atMs: s.timeMs(), did: s.did(), keyId: s.keyId() },
  /** An agent may act for a principal within a scope until a time. */
  delegated: { principal: s.did(), ...delegationFields() },
  /** A delegation ended before its time. */
  delegationRevoked: { delegationId: s.id('delegation'), principal: s.did() },
  /** Guardians, how many of them, and the waiting time are now these; a lapsed request is dropped. */
  recoverySet: {
    delayMs: s.integer(0, 7_776_000_000),
    did: s.did(),
    guardians: s.list(s.did(), 16),
    threshold: s.integer(1, 16),
  },
  /** The holder let the bureau's counter help after a loss, or took it out; a lapsed request there is dropped. */
  counterSet: { delayMs: s.integer(0, 7_776_000_000), did: s.did(), standing: s.code('open', 'closed') },
  /** A guardian, or an officer at the counter, asked for a new key; delegations rest. */
  recoveryRequested: {
    atCounter: s.optional(s.flag()),
    by: s.did(),
    did: s.did(),
    key: s.publicJwk(),
    keyId: s.keyId(),
    lapsesAtMs: s.timeMs(),
    relyingParty,
  },
  /** One more guardian or officer agreed. */
  recoveryApproved: { by: s.did(), did: s.did() },
  /** Enough of them agreed: the waiting time has begun. */
  recoveryWaiting: { completableAtMs: s.timeMs(), did: s.did(), fromMs: s.timeMs() },
  /** The DID stopped the request, or an officer took back the counter's. */
  recoveryCancelled: { did: s.did() },
  /** The new key has taken over; the events before say how. */
  recoveryCompleted: { did: s.did() },
  /** An identity bureau confirmed the DID for the `count`-th time. */
  confirmed: { atMs: s.timeMs(), by: s.did(), commitment: s.hash(), count: s.integer(1, 2_147_483_647), did: s.did() },
  /** The DID ended, for good; its keys have retired before. */
  deactivated: { atMs: s.timeMs(), did: s.did() },
})

function delegationFields() {
  return {
    delegationId: s.id('delegation'),
    fromMs: s.timeMs(),
    scope: s.list(s.scope(), 32, 1),
    to: s.did(),
    untilMs: s.timeMs(),
  }
}

export type IdentityTables = typeof identityTables
export type IdentityRead = Read<IdentityTables>
export type IdentityEvent = EventOf<typeof identityEvents>
export type Identity = RowOf<IdentityTables['identities']>
export type Recovery = RowOf<IdentityTables['recoveries']>
