import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { proveKey } from '../key-proof.ts'
import type { addKey } from '../schema.ts'
import { activeIdentity, hasRoomForKey, refuseKey } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideAddKey: Decide<IdentityTables, ArgsOf<typeof addKey>, IdentityEvent> = (read, args, context) => {
  const { principal: did, timeMs } = context
  const { keyId, key } = args
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  const refusal = refuseKey(read, did, identity, keyId, key)
  if (refusal) return refusal
  if (context.reads(governanceReads).isMemberKey(key)) return refuse('key_of_a_member')
  if (!hasRoomForKey(identity)) return refuse('too_many_keys')
  const proven = proveKey(read, did, args, context)
  if (isRefusal(proven)) return proven
  return [{ type: 'keyAdded', atMs: timeMs, did, key, keyId, ...proven }]
}
