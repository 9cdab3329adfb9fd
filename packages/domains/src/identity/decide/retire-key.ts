import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { retireKey } from '../schema.ts'
import { activeIdentity } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideRetireKey: Decide<IdentityTables, ArgsOf<typeof retireKey>, IdentityEvent> = (
  read,
  { keyId },
  { principal: did, timeMs },
) => {
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  if (!identity.keys.some((key) => key.keyId === keyId)) return refuse('key_not_found')
  if (identity.keys.length === 1) return refuse('last_active_key')
  return [{ type: 'keyRetired', atMs: timeMs, did, keyId }]
}
