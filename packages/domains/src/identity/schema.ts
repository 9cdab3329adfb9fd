/** What may be asked of identities, and how they refuse. Safe in a browser: no rule is imported here. */
import { defineRefusals, defineTransaction, s } from '@chengxin/module-kit'

/**
 * A public key with proof that its holder wants it here: `proof` is the key's own signature (64 bytes) over utf8
 * `chengxin-identity-v1\n<group>\n<did>`. A passkey cannot sign that text itself: its proof is the signature of a WebAuthn
 * assertion whose challenge is SHA-256 of the text, with the rest of the assertion in `webauthn` (base64url).
 */
const provenKeyFields = {
  key: s.publicJwk(),
  proof: s.bytes(64),
  webauthn: s.optional(s.object({ authenticatorData: s.bytes(512), clientDataJSON: s.bytes(2048) })),
}

/** A registrar brings a DID into the group; the registrar's member becomes its sponsor, the key becomes `key-1`. */
export const create = defineTransaction('identity.create', { did: s.did(), ...provenKeyFields })

/** The signer's DID gets another key. Key ids are used once. */
export const addKey = defineTransaction('identity.addKey', { keyId: s.keyId(), ...provenKeyFields })

/** The key stops signing; it stays known, for what it signed before. */
export const retireKey = defineTransaction('identity.retireKey', { keyId: s.keyId() })

/**
 * Lets another DID act for the signer until a time, for the transaction types listed (`points.transfer`, `points.*`).
 * Acts of identity and of governance cannot be delegated, so a delegation never grows.
 */
export const delegate = defineTransaction('identity.delegate', {
  delegationId: s.id('delegation'),
  to: s.did(),
  scope: s.list(s.scope(), 32, 1),
  untilMs: s.timeMs(),
})

/** Ends a delegation of the signer's. */
export const revokeDelegation = defineTransaction('identity.revokeDelegation', { delegationId: s.id('delegation') })

/** Names who may together give the signer's DID a new key, and how long they must wait. Replaces what was set. */
export const setRecovery = defineTransaction('identity.setRecovery', {
  guardians: s.list(s.did(), 16, 1),
  threshold: s.integer(1, 16),
  /** From one hour to ninety days. */
  delayMs: s.integer(3_600_000, 7_776_000_000),
})

/** A guardian asks for a new key for a DID, and approves it. From now on delegations of the DID rest. */
export const requestRecovery = defineTransaction('identity.requestRecovery', {
  did: s.did(),
  keyId: s.keyId(),
  ...provenKeyFields,
})

/** Another guardian agrees to the running request. The waiting time begins with the last approval needed. */
export const approveRecovery = defineTransaction('identity.approveRecovery', { did: s.did() })

/**
 * Says whether the bureau's counter may give the signer's DID a new key after a loss, and how long it must wait. Who has
 * said nothing is helped there once a bureau has confirmed the DID, after seven days.
 */
export const setCounter = defineTransaction('identity.setCounter', {
  standing: s.code('open', 'closed'),
  /** From three to ninety days. */
  delayMs: s.integer(259_200_000, 7_776_000_000),
})

/** An officer at the counter asks for a new key for a DID, and approves it. From now on delegations of the DID rest. */
export const requestAtCounter = defineTransaction('identity.requestAtCounter', {
  did: s.did(),
  keyId: s.keyId(),
  ...provenKeyFields,
})

/** Another officer of the same bureau agrees to the request running there. The waiting time begins. */
export const approveAtCounter = defineTransaction('identity.approveAtCounter', { did: s.did() })

/** An officer of that bureau takes the request back that runs at its counter. */
export const withdrawAtCounter = defineTransaction('identity.withdrawAtCounter', { did: s.did() })

/** Stops a running request: sent by the DID itself, with any of its live keys. */
export const cancelRecovery = defineTransaction('identity.cancelRecovery', {})

/** After the waiting time anyone may complete: the new key is added and all others retire in the same moment. */
export const completeRecovery = defineTransaction('identity.completeRecovery', { did: s.did() })

/**
 * An identity bureau states that it has checked the person behind a DID. `commitment` is a salted hash of what it keeps
 * in its own vault; a later confirmation replaces it.
 */
export const confirm = defineTransaction('identity.confirm', { did: s.did(), commitment: s.hash() })

/** The signer's DID ends, for good. */
export const deactivate = defineTransaction('identity.deactivate', {})

export const identityTransactions = [
  create,
  addKey,
  retireKey,
  delegate,
  revokeDelegation,
  setRecovery,
  requestRecovery,
  approveRecovery,
  setCounter,
  requestAtCounter,
  approveAtCounter,
  withdrawAtCounter,
  cancelRecovery,
  completeRecovery,
  confirm,
  deactivate,
] as const

/** In the order they are checked, so that a client always gets the first that applies. */
export const identityRefusals = defineRefusals({
  // What the ledger itself asks of identities before any rule runs.
  key_unknown: ['unauthenticated', 'The DID has no key with this id, or is not known in this group.'],
  key_retired: ['unauthenticated', 'The key has been retired.'],
  identity_deactivated: ['unauthenticated', 'The DID has been deactivated.'],
  delegation_suspended: ['forbidden', 'Delegations of this DID rest while its recovery is under way.'],
  delegation_missing: ['forbidden', 'The signer has no delegation of this principal.'],
  delegation_expired: ['forbidden', 'The delegation has ended.'],
  delegation_out_of_scope: ['forbidden', 'The delegation does not cover this transaction type.'],

  not_a_registrar: ['forbidden', 'Only a DID with the role registrar may create identities.'],
  not_an_identity_bureau: ['forbidden', 'Only a DID with the role identity_bureau may confirm identities.'],
  identity_not_found: ['missing', 'No identity has this DID.'],
  identity_already_exists: ['conflict', 'The DID is in this group already.'],
  did_not_of_key: ['malformed', 'The DID is not the one that this key founds.'],
  key_id_already_used: ['conflict', 'The DID has or had a key with this id.'],
  key_already_present: ['conflict', 'The DID has this key under another id.'],
  key_of_a_member: ['conflict', 'The key is one of a member’s, which serve one duty each.'],
  too_many_keys: ['conflict', 'The DID has as many keys as it can hold; retire one first.'],
  passkey_proof_invalid: ['forbidden', 'The assertion is not one of an accepted relying party over group and DID.'],
  proof_invalid: ['forbidden', 'The proof is not the key’s own signature over group and DID.'],
  key_not_found: ['missing', 'The DID has no live key with this id.'],
  last_active_key: ['conflict', 'A DID keeps at least one live key; add another first, or deactivate it.'],

  delegate_is_principal: ['malformed', 'A DID cannot delegate to itself.'],
  delegation_already_exists: ['conflict', 'A delegation with this id has been made before.'],
  scope_not_delegable: ['forbidden', 'Acts of identity and of governance cannot be delegated.'],
  delegation_ends_in_past: ['malformed', 'The delegation would have ended already.'],
  too_many_delegations: ['conflict', 'The DID has as many live delegations as it can hold; revoke one first.'],
  delegation_not_found: ['missing', 'The signer has no live delegation with this id.'],

  recovery_in_progress: ['conflict', 'A recovery of this DID is under way; cancel it first.'],
  guardian_listed_twice: ['malformed', 'A guardian is named twice.'],
  guardian_is_self: ['malformed', 'A DID cannot be its own guardian.'],
  guardian_not_found: ['missing', 'A guardian is not an active identity of this group.'],
  recovery_threshold_out_of_bounds: ['malformed', 'The threshold is larger than the number of guardians.'],
  recovery_not_set: ['conflict', 'The DID has named no guardians.'],
  not_a_guardian: ['forbidden', 'The signer is not a guardian of this DID.'],
  counter_not_offered: ['conflict', 'No identity bureau has confirmed this DID, so that no counter answers for it.'],
  counter_closed: ['conflict', 'The holder of this DID has taken the counter out.'],
  not_a_counter_officer: [
    'forbidden',
    'Only a DID with the role counter_officer, of the member whose bureau confirmed this DID, may do this.',
  ],
  own_recovery: ['forbidden', 'Nobody is the officer of their own recovery.'],
  recovery_not_requested: ['conflict', 'No recovery of this DID is under way.'],
  recovery_already_approved: ['conflict', 'This guardian or officer has approved the request before.'],
  recovery_not_approved: [
    'conflict',
    'Too few guardians, or officers who are still in office, have approved the request.',
  ],
  recovery_too_early: ['busy', 'The waiting time of the recovery has not passed.'],
})
