/**
 * Statements that a key signs about itself before a ledger takes it in, so that nobody can claim a key of somebody
 * else's. Each names its purpose, its group and its subject, and so serves nowhere else.
 */
import type { PublicJwk } from '@chengxin/crypto'
import { type Did, fromUtf8, type GroupId, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Signer } from './signer.ts'

/** What the new key of an identity signs (`identity.create`, `identity.addKey`). */
export function identityStatement(group: GroupId, did: string): Uint8Array {
  return toUtf8(`chengxin-identity-v1\n${group}\n${did}`)
}

/** The duties of a member's keys; one key never has two. */
export type MemberKeyDuty = 'log' | 'cosigner' | 'validator'

/** What a member's key signs about the duty it takes on. */
export function memberKeyStatement(group: GroupId, memberId: string, duty: MemberKeyDuty): Uint8Array {
  return toUtf8(`chengxin-member-key-v1\n${group}\n${memberId}\n${duty}`)
}

/** A public key with the proof that its holder wants it in a group, as `identity.create` and `identity.addKey` take it. */
export interface ProvenKey {
  readonly key: PublicJwk
  readonly proof: string
  /** Of a passkey: the rest of the assertion, whose challenge is the hash of the statement. */
  readonly webauthn?: { readonly authenticatorData: string; readonly clientDataJSON: string }
}

/** Lets a key say that it wants to belong to a DID (the signer's own unless another is named) in a group. */
export async function proveIdentityKey(group: GroupId, signer: Signer, did: Did = signer.did): Promise<ProvenKey> {
  const signed = await signer.sign(identityStatement(group, did))
  if (signer.alg !== 'WebAuthn-ES256') return { key: signer.jwk, proof: toBase64url(signed) }
  const { signature, ...webauthn } = JSON.parse(fromUtf8(signed) as string) as WebAuthnParts
  return { key: signer.jwk, proof: signature, webauthn }
}

interface WebAuthnParts {
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}
