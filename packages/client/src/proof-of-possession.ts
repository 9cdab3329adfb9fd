/**
 * Statements that a key signs about itself before a ledger takes it in, so that nobody can claim a key of somebody
 * else's. Each names its purpose, its group and its subject, and so serves nowhere else.
 */
import { type GroupId, toBase64url, toUtf8 } from '@chengxin/kernel'
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

/** The proof that stands in `identity.create`: the new key's signature over its group and DID, base64url. */
export async function proveIdentityKey(group: GroupId, signer: Signer): Promise<string> {
  return toBase64url(await signer.sign(identityStatement(group, signer.did)))
}
