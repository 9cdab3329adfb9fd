/** What may be asked of credentials, and how they refuse. Safe in a browser: no rule is imported here. */
import { defineRefusals, defineTransaction, s } from '@chengxin/module-kit'

/** A kind of certificate, by the hashes of its JSON Schema and of its display texts. A new form is a new type. */
export const defineType = defineTransaction('credentials.defineType', {
  typeId: s.id('type'),
  schemaHash: s.hash(),
  displayHash: s.hash(),
})

/**
 * An issuer may issue this type from now on, until a time if one is given. After a freeze, a withdrawal or the end of the
 * time, authorising again opens a new period. `domain` is where the issuer publishes itself.
 */
export const authoriseIssuer = defineTransaction('credentials.authoriseIssuer', {
  issuer: s.did(),
  typeId: s.id('type'),
  untilMs: s.optional(s.timeMs()),
  domain: s.optional(s.domainName()),
})

/**
 * What another group's node serves about an issuer's right there: the receipt of the transaction that gave it (text of a
 * tlog-proof, in UTF-8), the newest state checkpoint (text of a note, in UTF-8), and the row
 * `credentials/authorisations/<issuer>/<typeId>` (stored text, in UTF-8) with its proof under that state's root.
 */
export const rightProof = s.object({
  receipt: s.bytes(20 * 1024),
  state: s.bytes(12 * 1024),
  row: s.bytes(8 * 1024),
  rows: s.list(s.object({ keyHash: s.hash(), valueHash: s.hash() }), 64, 1),
  path: s.list(s.hash(), 16, 16),
})

/**
 * Another group gave an issuer the right to a type, and it still held when that group's members last signed their state.
 * The committee has pinned that group and entrusted the type to it. The right lasts here until the proof is too old;
 * the same with a newer proof prolongs it. Sent by the issuer itself or an issuer authority.
 */
export const acceptIssuer = defineTransaction('credentials.acceptIssuer', {
  group: s.hash(),
  issuer: s.did(),
  typeId: s.id('type'),
  proof: rightProof,
})

/** Stops an issuer at once. `compromisedSinceMs`: what it anchored from then on is not trusted either. */
export const freezeIssuer = defineTransaction('credentials.freezeIssuer', {
  issuer: s.did(),
  typeId: s.id('type'),
  compromisedSinceMs: s.optional(s.timeMs()),
})

/**
 * Ends an authorisation in good order: what was issued before stays good. `successor` is an issuer that may issue the type now
 * and keeps it from here on; once all rights of the old issuer have ended, a successor goes on with its status lists.
 */
export const withdrawIssuer = defineTransaction('credentials.withdrawIssuer', {
  issuer: s.did(),
  typeId: s.id('type'),
  successor: s.optional(s.did()),
})

/** The signer issued `count` certificates of a type; `root` is the RFC 6962 root over their salted commitments. */
export const anchorBatch = defineTransaction('credentials.anchorBatch', {
  batchId: s.id('batch'),
  typeId: s.id('type'),
  root: s.hash(),
  count: s.integer(1, 100_000),
})

/**
 * The signer publishes a version of a status list; `hash` is SHA-256 of the token's text. Version 1 founds the list and
 * makes the signer its owner; each further one is the next number. A named successor of a dissolved owner becomes the owner.
 */
export const anchorStatusList = defineTransaction('credentials.anchorStatusList', {
  listId: s.id('list'),
  version: s.integer(1, 2_147_483_647),
  hash: s.hash(),
  validUntilMs: s.optional(s.timeMs()),
})

/**
 * A verifier may ask for what its registration says, from now on and until a time if one is given. `registrationHash` is
 * SHA-256 of the published document (canonical JSON) that names it in four languages, its purposes, what each rests on and
 * the fields it may ask for. Registering again replaces the document; holders' wallets compare each request with it.
 */
export const registerVerifier = defineTransaction('credentials.registerVerifier', {
  verifier: s.did(),
  domain: s.domainName(),
  registrationHash: s.hash(),
  untilMs: s.optional(s.timeMs()),
})

/** Ends a registration now. What was shown before stays as it was. */
export const withdrawVerifier = defineTransaction('credentials.withdrawVerifier', { verifier: s.did() })

/**
 * Anchors consents and accesses that were agreed or made lately: `root` is the RFC 6962 root over salted commitments, mixed
 * of many parties and filled up to a fixed number. How many there are, whose, of which type and between whom is not said.
 */
export const anchorStatements = defineTransaction('credentials.anchorStatements', { root: s.hash() })

export const credentialsTransactions = [
  defineType,
  authoriseIssuer,
  acceptIssuer,
  freezeIssuer,
  withdrawIssuer,
  anchorBatch,
  anchorStatusList,
  registerVerifier,
  withdrawVerifier,
  anchorStatements,
] as const

/** In the order they are checked, so that a client always gets the first that applies. */
export const credentialsRefusals = defineRefusals({
  not_an_issuer_authority: ['forbidden', 'Only a DID with the role issuer_authority may do this.'],
  not_the_issuer_nor_authority: ['forbidden', 'Only the issuer itself or an issuer authority brings proof of a right.'],
  type_already_exists: ['conflict', 'A credential type with this id has been defined before.'],
  type_not_found: ['missing', 'No credential type has this id.'],
  issuer_not_found: ['missing', 'The issuer is not an active identity of this group.'],
  authorisation_ends_in_past: ['malformed', 'The authorisation would have ended already.'],
  issuer_group_not_pinned: ['missing', 'The committee has pinned no group with this id.'],
  type_not_entrusted: ['forbidden', 'The pin of that group does not entrust this type to it.'],
  proof_receipt_invalid: [
    'forbidden',
    'The receipt is not of the pinned group’s log, or too few of its pinned members cosigned it.',
  ],
  proof_of_other_right: [
    'malformed',
    'The receipt is of a transaction that did not give this issuer this right there.',
  ],
  proof_state_invalid: ['forbidden', 'The state is not signed by enough of the pinned members of that group.'],
  proof_row_invalid: ['forbidden', 'The issuer’s row is not what that state has.'],
  right_not_in_force: [
    'conflict',
    'By its own proof the right did not hold there, had ended, or came from a third group.',
  ],
  proof_too_old: ['conflict', 'The state is older than the pin allows; bring a newer one.'],
  right_ended_here: ['forbidden', 'The right was frozen or withdrawn here; only an issuer authority gives it again.'],
  proof_not_newer: ['conflict', 'The right was accepted until this time or a later one already.'],
  issuer_already_authorised: [
    'conflict',
    'The issuer is authorised for this type now; withdraw it first to change the period.',
  ],
  authorisation_history_full: ['conflict', 'The authorisation changed as often as its history can hold.'],
  issuer_not_authorised: ['forbidden', 'The issuer is not authorised for this type at this time.'],
  successor_not_authorised: [
    'forbidden',
    'The successor is another issuer that is authorised for this type now; authorise it first.',
  ],
  compromise_in_future: ['malformed', 'A compromise cannot begin later than now.'],
  batch_already_exists: ['conflict', 'A batch with this id has been anchored before.'],
  root_already_anchored: ['conflict', 'A batch with this root has been anchored before.'],
  not_an_issuer: ['forbidden', 'Only a DID that is authorised for some type now may found a status list.'],
  not_the_list_owner: ['forbidden', 'The status list belongs to another issuer.'],
  issuer_frozen: ['forbidden', 'An issuer that is frozen for any type cannot publish status until the freeze ends.'],
  version_not_next: ['conflict', 'A status list grows by one version at a time; read the newest and add one.'],
  validity_ends_in_past: ['malformed', 'The status list would be out of date already.'],
  verifier_not_found: ['missing', 'The verifier is not an active identity of this group.'],
  registration_ends_in_past: ['malformed', 'The registration would have ended already.'],
  registration_unchanged: ['conflict', 'The verifier is registered with exactly this now.'],
  verifier_not_registered: ['missing', 'The verifier is not registered at this time.'],
  not_a_statement_keeper: [
    'forbidden',
    'Only a registered verifier, an issuer that is authorised now or a DID with the role statement_keeper may do this.',
  ],
})
