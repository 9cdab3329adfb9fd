/** What may be asked of governance, and how it refuses. Safe in a browser: no rule is imported here. */
import { defineRefusals, defineTransaction, Fault, type Schema, s } from '@chengxin/module-kit'

/**
 * A key of a member with the key's own signature over utf8
 * `chengxin-member-key-v1\n<group>\n<memberId>\n<duty>`; duty is `log`, `cosigner` or `validator`.
 */
export const provenKey = s.object({ key: s.publicJwk(), proof: s.bytes(64) })

const serialText = /^[0-9a-f]{1,64}$/

/**
 * A certificate's serial number as lower-case hexadecimal. Under one CA it names the certificate; a hash of the bytes
 * would not, because anyone can spell an ECDSA signature in a second way.
 */
export const serialSchema: Schema<string> = {
  json: { type: 'string', pattern: serialText.source },
  decode: (value) =>
    typeof value === 'string' && serialText.test(value) ? value : new Fault('', 'serial number as hexadecimal'),
}

const originText = /^[a-z0-9](?:[a-z0-9.:-]{0,99}[a-z0-9])?(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,62}){0,8}$/

/** The first line of a log's checkpoints, an address without scheme: public by nature, and never free text. */
export const originSchema: Schema<string> = {
  json: { type: 'string', pattern: originText.source, maxLength: 120 },
  decode: (value) =>
    typeof value === 'string' && value.length <= 120 && originText.test(value)
      ? value
      : new Fault('', 'origin of a log'),
}

/** The keys by which another group's receipts and states are known. */
export const pinnedMemberSchema = s.object({
  memberId: s.id('member'),
  logKey: s.publicJwk(),
  cosignerKey: s.publicJwk(),
})

/** What a pin says of another group. */
export const pinFields = {
  origin: originSchema,
  members: s.list(pinnedMemberSchema, 64, 1),
  /** How many of these members must have cosigned a receipt, and signed a state. */
  quorum: s.integer(1, 64),
  /** How old a state of that group may be when something is concluded from it; the conclusion ends with it. */
  maxAgeMs: s.integer(60_000, 366 * 24 * 60 * 60 * 1000),
  /** Types of certificates for which that group's word on issuers counts here. */
  typeIds: s.list(s.id('type'), 64),
}

/** What a committee may decide, told apart by `kind`. */
export const changeSchema = s.choice('kind', {
  /** Puts an organisation on the white list. The certificate must be of the group's CA and in date when the change passes. */
  admitMember: {
    memberId: s.id('member'),
    certificate: s.bytes(8192),
    adminDids: s.list(s.did(), 16, 1),
    logKey: provenKey,
    cosignerKey: provenKey,
    validatorKey: s.optional(provenKey),
    peerId: s.optional(s.bytes(64)),
  },
  /** Replaces what is named and keeps the rest; `adminDids` is replaced as a whole. */
  rotateMember: {
    memberId: s.id('member'),
    certificate: s.optional(s.bytes(8192)),
    adminDids: s.optional(s.list(s.did(), 16, 1)),
    logKey: s.optional(provenKey),
    cosignerKey: s.optional(provenKey),
    validatorKey: s.optional(provenKey),
    peerId: s.optional(s.bytes(64)),
  },
  /** Takes a member's rights away for a time: its roles and committee seats do not count while it is suspended. */
  suspendMember: { memberId: s.id('member') },
  reinstateMember: { memberId: s.id('member') },
  /** For good. Its administrators lose their committee seats in the same moment. */
  removeMember: { memberId: s.id('member') },
  /** Only of a certificate that no member uses any more. */
  revokeCertificate: { serial: serialSchema },
  /** `member` is the organisation on whose behalf the role is held. */
  grantRole: { role: s.word(), did: s.did(), member: s.id('member') },
  revokeRole: { role: s.word(), did: s.did() },
  freezeRole: { role: s.word(), did: s.did() },
  unfreezeRole: { role: s.word(), did: s.did() },
  /** `replaces` is the version of the committee this was written against, so that it cannot undo one it did not know. */
  changeCommittee: {
    dids: s.list(s.did(), 64, 1),
    threshold: s.integer(1, 64),
    replaces: s.integer(1, 2_147_483_647),
  },
  /** How many active members must have cosigned a checkpoint before receipts are given against it. */
  setReceiptQuorum: { cosignatures: s.integer(1, 64) },
  /** Believes what a quorum of another group's members signs, within what the pin entrusts; replaces an earlier pin. */
  pinGroup: { group: s.hash(), ...pinFields },
  /** Nothing more is concluded from that group; what was concluded ends at its own time. */
  unpinGroup: { group: s.hash() },
  /** From leaf `fromLeaf` on, this ruleset is in force; plans for that leaf or later ones are dropped. */
  activateRuleset: { hash: s.hash(), version: s.version(), fromLeaf: s.integer(1, Number.MAX_SAFE_INTEGER) },
})

/** A committee member puts a change to the vote and approves it. With a threshold of one it takes effect at once. */
export const proposeChange = defineTransaction('governance.proposeChange', {
  proposalId: s.id('proposal'),
  change: changeSchema,
})

/** A committee member agrees. The last approval needed also brings the change into effect. */
export const approveChange = defineTransaction('governance.approveChange', { proposalId: s.id('proposal') })

/** The proposer takes an open proposal back. */
export const withdrawChange = defineTransaction('governance.withdrawChange', { proposalId: s.id('proposal') })

export const governanceTransactions = [proposeChange, approveChange, withdrawChange] as const

/** In the order they are checked, so that a client always gets the first that applies. */
export const governanceRefusals = defineRefusals({
  not_in_committee: ['forbidden', 'The signer does not sit on the committee, or sits for a member that is not active.'],
  proposal_already_exists: ['conflict', 'A proposal with this id has been made before.'],
  proposal_not_found: ['missing', 'No proposal has this id.'],
  not_the_proposer: ['forbidden', 'Only who made the proposal can withdraw it.'],
  proposal_not_open: ['conflict', 'The proposal has passed or was withdrawn.'],
  proposal_expired: ['conflict', 'The proposal found too few approvals within thirty days; make a new one.'],
  already_approved: ['conflict', 'This committee member has approved the proposal before.'],

  // The refusals below are of the change itself: checked when it is proposed and again when it passes.
  member_already_exists: ['conflict', 'A member with this id is or was on the list.'],
  member_list_full: ['conflict', 'The group has as many members as it can hold.'],
  member_not_found: ['missing', 'No member has this id.'],
  member_removed: ['conflict', 'The member has been removed from the group.'],
  member_not_active: ['conflict', 'The member is suspended.'],
  member_not_suspended: ['conflict', 'The member is not suspended.'],
  nothing_to_rotate: ['malformed', 'A rotation names at least one thing to replace.'],
  admin_listed_twice: ['malformed', 'An administrator is named twice.'],
  certificate_malformed: ['malformed', 'The certificate cannot be read as an X.509 certificate with an organisation.'],
  certificate_not_acceptable: ['forbidden', 'The certificate is not of the group’s CA, or not valid at this time.'],
  certificate_already_used: ['conflict', 'The certificate, by its serial number, is or was that of a member.'],
  certificate_not_found: ['missing', 'No member ever had a certificate with this serial number.'],
  certificate_already_revoked: ['conflict', 'The certificate has been revoked before.'],
  certificate_in_use: [
    'conflict',
    'The certificate is that of a member; remove the member or rotate the certificate first.',
  ],
  key_algorithm_not_allowed: ['malformed', 'Keys of members are Ed25519 keys.'],
  key_already_used: ['conflict', 'The key serves or served another duty or member.'],
  key_proof_invalid: ['forbidden', 'The proof is not the key’s own signature over group, member and duty.'],
  would_break_quorum: ['conflict', 'Too few committee seats of active members would remain to decide anything.'],
  member_history_full: ['conflict', 'The member was suspended and reinstated as often as its history can hold.'],
  role_already_held: ['conflict', 'This DID holds the role already.'],
  role_not_held: ['missing', 'This DID does not hold the role.'],
  role_frozen: ['conflict', 'The role of this DID is frozen.'],
  role_not_frozen: ['conflict', 'The role of this DID is not frozen.'],
  role_history_full: ['conflict', 'The role changed for this DID as often as its history can hold; use another DID.'],
  committee_changed: ['conflict', 'The committee is no longer the one this change was written against.'],
  committee_did_listed_twice: ['malformed', 'A DID is named twice.'],
  committee_did_not_an_admin: ['conflict', 'A committee seat belongs to an administrator of an active member.'],
  committee_threshold_out_of_bounds: [
    'malformed',
    'The threshold is more than half of the seats and at most all of them.',
  ],
  activation_not_ahead: ['conflict', 'A ruleset can only be activated from a leaf that lies ahead.'],
  receipt_quorum_out_of_bounds: [
    'malformed',
    'A receipt cannot ask for more cosignatures than there are active members.',
  ],
  pinned_group_is_own: ['malformed', 'A group needs no pin to believe itself.'],
  pin_quorum_out_of_bounds: [
    'malformed',
    'A pin asks for more than half of the members that it names, and at most all.',
  ],
  pin_keys_not_distinct: ['malformed', 'A member or key is named twice.'],
  group_not_pinned: ['missing', 'The committee has pinned no group with this id.'],
  ruleset_history_full: ['conflict', 'The group changed its rules as often as its history can hold.'],
})
