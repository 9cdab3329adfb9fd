/**
 * What a ledger itself refuses, before any rule is asked: the same words for the node that says them, the API that
 * serves them and the client that explains them. In the order in which they are checked.
 */
import { defineRefusals } from './transaction.ts'

/** Admission (CheckTx): a transaction that fails one of these leaves nothing behind. */
export const admissionRefusals = defineRefusals({
  envelope_too_large: ['malformed', 'A transaction has at most 48 KiB.'],
  envelope_malformed: ['malformed', 'The text is not a compact JWS in strict base64url with a payload in UTF-8.'],
  header_malformed: ['malformed', 'The header is not canonical JSON with the members alg, kid and typ alone.'],
  type_not_allowed: ['malformed', 'The header’s typ is not chengxin-tx+jws.'],
  algorithm_not_allowed: ['malformed', 'The header’s alg is not ES256, EdDSA or WebAuthn-ES256.'],
  key_id_malformed: ['malformed', 'The header’s kid is not a DID of this kind and a key id.'],
  json_too_deep: ['malformed', 'The payload is nested deeper than any transaction.'],
  json_malformed: ['malformed', 'The payload is not JSON.'],
  json_number_not_allowed: ['malformed', 'Numbers are whole and within 2^53; amounts are decimal strings.'],
  json_not_canonical: ['malformed', 'The payload is not in canonical form (RFC 8785).'],
  payload_malformed: ['malformed', 'A member of the payload is missing, unknown or of the wrong kind.'],
  wrong_group: ['malformed', 'The transaction is for another group.'],
  expired: ['conflict', 'The time until which the transaction could enter has passed; sign a new one.'],
  not_after_too_far: ['malformed', 'A transaction can be valid for at most ten minutes; check the clock.'],
  // Then the key: key_unknown, key_retired, identity_deactivated, said by identity.
  webauthn_malformed: ['malformed', 'The signature part is not a passkey’s assertion in canonical form.'],
  webauthn_client_data_malformed: ['malformed', 'What the browser wrote about the assertion cannot be read.'],
  webauthn_type_not_allowed: ['unauthenticated', 'The assertion was not made for signing in or signing.'],
  webauthn_challenge_wrong: ['unauthenticated', 'The assertion was made over something else.'],
  webauthn_origin_not_allowed: ['unauthenticated', 'The assertion was made on a site that the group does not accept.'],
  webauthn_cross_origin: ['unauthenticated', 'The assertion was made inside a frame of another site.'],
  webauthn_rp_wrong: ['unauthenticated', 'The passkey belongs to another relying party.'],
  webauthn_user_not_present: ['unauthenticated', 'Nobody touched the device.'],
  webauthn_user_not_verified: ['unauthenticated', 'The device did not verify who touched it.'],
  signature_invalid: ['unauthenticated', 'The signature does not hold under the key that the header names.'],
  nonce_reused: ['conflict', 'This DID used the nonce for another transaction; take a new one.'],
  unknown_action: ['malformed', 'No verb of the active rules has this name.'],
  args_malformed: ['malformed', 'An argument is missing, unknown or out of its bounds; `at` says where.'],
})

/** What one node says about itself: the same bytes can pass later, or elsewhere. */
export const nodeRefusals = defineRefusals({
  queue_full: ['busy', 'The node has as many transactions waiting as it can hold.'],
  sponsor_quota: ['busy', 'The sponsor of this DID has its share of the queue while others wait.'],
  too_many_requests: ['busy', 'This address asks too often.'],
  disk_full: ['busy', 'The node’s disk is full: it reads and does not write until there is room.'],
  catching_up: ['busy', 'The node does not have this part of the log yet.'],
  node_stopped: ['busy', 'The node has stopped itself because something is wrong; its operator must look.'],
})
