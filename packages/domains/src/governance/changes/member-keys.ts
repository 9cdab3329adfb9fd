/** Keys of members: each proves that its holder wants it here, and serves one duty of one member, ever. */
import { fromBase64url, isRefusal, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import type { Context, Infer, PublicJwk } from '@chengxin/module-kit'
import type { provenKey } from '../schema.ts'
import type { Duty, GovernanceEvent, GovernanceRead, MemberId } from '../types.ts'

export type ProvenKey = Infer<typeof provenKey>
type KeyBound = Extract<GovernanceEvent, { readonly type: 'memberKeyBound' }>

/** The name of a key among all keys of members. Two points of one x differ by a sign only and count as one key. */
export function keyName(key: PublicJwk): string {
  return `${key.crv}.${key.x}`
}

export interface OfferedKeys {
  readonly certificateKey?: PublicJwk
  readonly logKey?: ProvenKey
  readonly cosignerKey?: ProvenKey
  readonly validatorKey?: ProvenKey
}

/** The events that bind these keys, or `key_algorithm_not_allowed`, `key_already_used`, `key_proof_invalid`. */
export function bindKeys(
  read: GovernanceRead,
  memberId: MemberId,
  { certificateKey, logKey, cosignerKey, validatorKey }: OfferedKeys,
  context: Context,
): readonly KeyBound[] | Refusal {
  const proven = (
    [
      ['log', logKey],
      ['cosigner', cosignerKey],
      ['validator', validatorKey],
    ] as const
  ).flatMap(([duty, offered]) => (offered === undefined ? [] : [{ duty, ...offered }]))
  if (proven.some(({ key }) => key.crv !== 'Ed25519')) return refuse('key_algorithm_not_allowed')

  const bound: KeyBound[] = []
  if (certificateKey !== undefined) {
    const known = read.memberKeys.get(keyName(certificateKey))
    // A certificate is often renewed over the key it had.
    const isRenewal = known?.memberId === memberId && known.duty === 'certificate'
    if (known !== undefined && !isRenewal) return refuse('key_already_used')
    bound.push({ type: 'memberKeyBound', duty: 'certificate', key: certificateKey, memberId })
  }
  for (const { duty, key } of proven) {
    const name = keyName(key)
    if (read.memberKeys.has(name) || bound.some((other) => keyName(other.key) === name))
      return refuse('key_already_used')
    bound.push({ type: 'memberKeyBound', duty, key, memberId })
  }

  const refusal = proven.map((offer) => refuseUnproven(memberId, offer, context)).find(isRefusal)
  return refusal ?? bound
}

function refuseUnproven(
  memberId: MemberId,
  { duty, key, proof }: ProvenKey & { readonly duty: Duty },
  { host, group }: Context,
): Refusal | undefined {
  const statement = toUtf8(`chengxin-member-key-v1\n${group}\n${memberId}\n${duty}`)
  const signature = fromBase64url(proof)
  if (signature !== undefined && signature.length === 64 && host.verifySignature(key, statement, signature))
    return undefined
  return refuse('key_proof_invalid')
}
