/** What governance remembers, and the facts that change it. */
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
import { changeSchema, pinFields, serialSchema } from './schema.ts'

export const limits = {
  /** Members that are not removed: a committee seat is looked up among them. */
  members: 64,
  /** Spans of time kept of one role of one DID, or of one member. */
  periods: 64,
  /** Activations of rulesets, past and planned. */
  activations: 1024,
  /** How long a proposal may gather approvals. */
  proposalMs: 30 * 24 * 60 * 60 * 1000,
} as const

/** From a moment until another, the end left out; without an end it lasts. */
const periodSchema = s.object({ fromMs: s.timeMs(), untilMs: s.optional(s.timeMs()) })
const rolePeriodSchema = s.object({ fromMs: s.timeMs(), member: s.id('member'), untilMs: s.optional(s.timeMs()) })

/** Each key of a member has one duty and no other. */
const dutySchema = s.code('certificate', 'log', 'cosigner', 'validator')
export type Duty = Infer<typeof dutySchema>

const memberFacts = {
  adminDids: s.list(s.did(), 16, 1),
  certificateNotAfterMs: s.timeMs(),
  cosignerKey: s.publicJwk(),
  /** SHA-256 of the certificate's DER. */
  fingerprint: s.hash(),
  logKey: s.publicJwk(),
  /** As the certificate names it: public, and written by the group's CA. */
  organisation: displayName,
  peerId: s.optional(s.bytes(64)),
  serial: serialSchema,
  validatorKey: s.optional(s.publicJwk()),
}

const seatSchema = s.object({ did: s.did(), member: s.id('member') })
export type Seat = Infer<typeof seatSchema>

const activationSchema = s.object({
  fromLeaf: s.integer(0, Number.MAX_SAFE_INTEGER),
  hash: s.hash(),
  version: displayName,
})

export const governanceTables = {
  group: defineTable(
    'One row under `group`: the CA certificate (DER, base64url), the members that are not removed, in order of entry, and how many must cosign for a receipt, where the committee said so.',
    s.object({
      ca: s.bytes(8192),
      memberIds: s.list(s.id('member'), limits.members),
      receiptQuorum: s.optional(s.integer(1, 64)),
    }),
  ),
  members: defineTable(
    'Member id → the white list: what the organisation is known by, and when it was active.',
    s.object({
      ...memberFacts,
      activePeriods: s.list(periodSchema, limits.periods),
      status: s.code('active', 'suspended', 'removed'),
    }),
  ),
  certificates: defineTable(
    'Serial number under the group’s CA → the member that has or had the certificate, and when it was revoked. Rows stay for good.',
    s.object({ fingerprint: s.hash(), memberId: s.id('member'), revokedAtMs: s.optional(s.timeMs()) }),
  ),
  memberKeys: defineTable(
    'Key (`<curve>.<x>`) → the member and duty it serves or served. Rows stay for good, so no key serves twice.',
    s.object({ duty: dutySchema, memberId: s.id('member') }),
  ),
  committee: defineTable(
    'One row under `committee`: the seats, how many must agree, and the number of this composition.',
    s.object({
      seats: s.list(seatSchema, 64),
      threshold: s.integer(1, 64),
      version: s.integer(1, 2_147_483_647),
    }),
  ),
  proposals: defineTable(
    'Proposal id → a change put to the committee, and who agreed so far.',
    s.object({
      approvedBy: s.list(s.did(), 64),
      /** Dropped once the proposal is closed: the log and the read model keep it. */
      change: s.optional(changeSchema),
      expiresAtMs: s.timeMs(),
      proposer: s.did(),
      status: s.code('open', 'passed', 'withdrawn'),
    }),
  ),
  pinnedGroups: defineTable(
    'Id of another group → by which members’ keys it is believed here, for what, and how long.',
    s.object({ ...pinFields, pinnedAtMs: s.timeMs() }),
  ),
  roles: defineTable(
    '`<role>/<DID>` → whether the role is held now, for which member, and when it was.',
    s.object({
      member: s.id('member'),
      periods: s.list(rolePeriodSchema, limits.periods),
      status: s.code('held', 'frozen', 'revoked'),
    }),
  ),
  rulesets: defineTable(
    'One row under `schedule`: which ruleset is in force from which leaf on, ascending.',
    s.object({ activations: s.list(activationSchema, limits.activations) }),
  ),
}

export const governanceEvents = defineEvents({
  /** The group began, with this certificate authority. */
  groupFounded: { ca: s.bytes(8192) },
  /** An organisation entered the white list. */
  memberAdmitted: { atMs: s.timeMs(), memberId: s.id('member'), ...memberFacts },
  /** A member's certificate, keys or administrators changed; all facts as they are now. */
  memberRotated: { memberId: s.id('member'), ...memberFacts },
  /** A key took up a duty. */
  memberKeyBound: { duty: dutySchema, key: s.publicJwk(), memberId: s.id('member') },
  /** The member’s rights rest. */
  memberSuspended: { atMs: s.timeMs(), memberId: s.id('member') },
  /** The member’s rights are back. */
  memberReinstated: { atMs: s.timeMs(), memberId: s.id('member') },
  /** The member left the white list, for good. */
  memberRemoved: { atMs: s.timeMs(), memberId: s.id('member') },
  /** A certificate that no member uses is void. */
  certificateRevoked: { atMs: s.timeMs(), serial: serialSchema },
  /** A DID holds a role on behalf of a member. */
  roleGranted: { atMs: s.timeMs(), did: s.did(), member: s.id('member'), role: s.word() },
  /** The role is gone. */
  roleRevoked: { atMs: s.timeMs(), did: s.did(), role: s.word() },
  /** The role rests. */
  roleFrozen: { atMs: s.timeMs(), did: s.did(), role: s.word() },
  /** The role is held again, for the same member. */
  roleUnfrozen: { atMs: s.timeMs(), did: s.did(), role: s.word() },
  /** Seats or threshold are now these. */
  committeeChanged: {
    seats: s.list(seatSchema, 64),
    threshold: s.integer(1, 64),
    version: s.integer(1, 2_147_483_647),
  },
  /** Receipts ask for so many cosignatures from now on. */
  receiptQuorumSet: { cosignatures: s.integer(1, 64) },
  /** Another group is believed, as the pin says. */
  groupPinned: { atMs: s.timeMs(), group: s.hash(), ...pinFields },
  /** The other group is believed no more. */
  groupUnpinned: { group: s.hash() },
  /** From this leaf on the ruleset is in force; plans for it or later leaves are dropped. */
  rulesetActivated: { fromLeaf: s.integer(0, Number.MAX_SAFE_INTEGER), hash: s.hash(), version: displayName },
  /** A change was put to the committee. */
  changeProposed: {
    change: changeSchema,
    expiresAtMs: s.timeMs(),
    proposalId: s.id('proposal'),
    proposer: s.did(),
  },
  /** `approvedBy`: all whose approvals count now, this one included. Who lost the seat since has to approve again. */
  changeApproved: { approvedBy: s.list(s.did(), 64, 1), by: s.did(), proposalId: s.id('proposal') },
  /** Enough approved; the events after say what changed. */
  changePassed: { proposalId: s.id('proposal') },
  /** The proposer took the change back. */
  changeWithdrawn: { proposalId: s.id('proposal') },
})

export type GovernanceTables = typeof governanceTables
export type GovernanceRead = Read<GovernanceTables>
export type GovernanceEvent = EventOf<typeof governanceEvents>
export type Change = Infer<typeof changeSchema>
export type ChangeOf<K extends Change['kind']> = Extract<Change, { readonly kind: K }>
export type Member = RowOf<GovernanceTables['members']>
export type Committee = RowOf<GovernanceTables['committee']>
export type Proposal = RowOf<GovernanceTables['proposals']>
export type Role = RowOf<GovernanceTables['roles']>
export type PinnedGroup = RowOf<GovernanceTables['pinnedGroups']>
export type MemberId = Seat['member']
