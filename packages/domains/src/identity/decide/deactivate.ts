import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { deactivate } from '../schema.ts'
import { activeIdentity } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideDeactivate: Decide<IdentityTables, ArgsOf<typeof deactivate>, IdentityEvent> = (
  read,
  _args,
  { principal: did, timeMs: atMs },
) => {
  const identity = activeIdentity(read, did)
  if (identity === undefined) return refuse('identity_not_found')
  const keysRetired = identity.keys.map(({ keyId }): IdentityEvent => ({ type: 'keyRetired', atMs, did, keyId }))
  return [...keysRetired, { type: 'deactivated', atMs, did }]
}
