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

/** Stops an issuer at once. `compromisedSinceMs`: what it anchored from then on is not trusted either. */
export const freezeIssuer = defineTransaction('credentials.freezeIssuer', {
  issuer: s.did(),
  typeId: s.id('type'),
  compromisedSinceMs: s.optional(s.timeMs()),
})

/** Ends an authorisation in good order: what was issued before stays good. */
export const withdrawIssuer = defineTransaction('credentials.withdrawIssuer', { issuer: s.did(), typeId: s.id('type') })

/** The signer issued `count` certificates of a type; `root` is the RFC 6962 root over their salted commitments. */
export const anchorBatch = defineTransaction('credentials.anchorBatch', {
  batchId: s.id('batch'),
  typeId: s.id('type'),
  root: s.hash(),
  count: s.integer(1, 100_000),
})

/**
 * The signer publishes a version of a status list; `hash` is SHA-256 of the token's text. Version 1 founds the list and
 * makes the signer its owner; each further one is the next number.
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
  type_already_exists: ['conflict', 'A credential type with this id has been defined before.'],
  type_not_found: ['missing', 'No credential type has this id.'],
  issuer_not_found: ['missing', 'The issuer is not an active identity of this group.'],
  authorisation_ends_in_past: ['malformed', 'The authorisation would have ended already.'],
  issuer_already_authorised: [
    'conflict',
    'The issuer is authorised for this type now; withdraw it first to change the period.',
  ],
  authorisation_history_full: ['conflict', 'The authorisation changed as often as its history can hold.'],
  issuer_not_authorised: ['forbidden', 'The issuer is not authorised for this type at this time.'],
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
