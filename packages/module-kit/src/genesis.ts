/** The document that founds a group. Its hash names the group, so every member must hold the very same bytes. */

import { Fault, type Infer, type Schema, s } from './schema.ts'

/** Text of the founders, the only free text a group has; it never comes from a transaction. */
export const displayName: Schema<string> = {
  json: { type: 'string', minLength: 1, maxLength: 120 },
  decode: (value) =>
    typeof value === 'string' && value.length >= 1 && value.length <= 120
      ? value
      : new Fault('', 'text of 1 to 120 characters'),
}

export const memberSchema = s.object({
  /** A short name for people and metrics. */
  memberId: s.id('member'),
  /** X.509 certificate issued by the group's CA (DER as base64url). */
  certificate: s.bytes(8192),
  adminDids: s.list(s.did(), 16, 1),
  /** Ed25519 keys with different duties; one key never serves two. */
  logKey: s.publicJwk(),
  cosignerKey: s.publicJwk(),
  /** Present under consensus between members. */
  validatorKey: s.optional(s.publicJwk()),
  peerId: s.optional(s.bytes(64)),
})

export const genesisSchema = s.object({
  v: s.integer(1, 1),
  /** Names the deployment in every DID: `did:weid:<chainId>:0x…`. */
  chainId: displayName,
  /** The tlog origin: the first line of every checkpoint, such as `city.example/groups/certificates`. */
  origin: displayName,
  /** Public display name; the only free text, written by the founders, never by a transaction. */
  name: displayName,
  suite: s.code('intl'),
  createdAtMs: s.timeMs(),
  readPolicy: s.code('public', 'members'),
  /** A state root and snapshot are made at every so many leaves. */
  stateRootEvery: s.integer(16, 1_048_576),
  ruleset: s.object({ version: displayName, hash: s.hash() }),
  /** The group's certificate authority (X.509, DER as base64url). */
  ca: s.bytes(8192),
  members: s.list(memberSchema, 64, 1),
  /** DIDs whose k-of-n approvals change members, roles and rules. */
  committee: s.object({ dids: s.list(s.did(), 64, 1), threshold: s.integer(1, 64) }),
  /** The first identities, with the key that founds each: everyone named above. */
  identities: s.list(s.object({ did: s.did(), key: s.publicJwk(), sponsor: s.id('member') }), 256, 1),
  /** Relying parties whose passkey assertions this group accepts. */
  webauthn: s.list(s.object({ rpId: displayName, origins: s.list(displayName, 16, 1) }), 8),
})

export type GenesisDocument = Infer<typeof genesisSchema>
export type GenesisMember = Infer<typeof memberSchema>
