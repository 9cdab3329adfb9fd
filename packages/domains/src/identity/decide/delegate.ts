import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { delegate } from '../schema.ts'
import { isDelegable } from '../scope.ts'
import { activeIdentity } from '../standing.ts'
import { type IdentityEvent, type IdentityTables, limits } from '../types.ts'

export const decideDelegate: Decide<IdentityTables, ArgsOf<typeof delegate>, IdentityEvent> = (
  read,
  { delegationId, to, scope, untilMs },
  { principal, timeMs },
) => {
  if (activeIdentity(read, to) === undefined) return refuse('identity_not_found')
  if (to === principal) return refuse('delegate_is_principal')
  if (read.delegationIds.has(delegationId)) return refuse('delegation_already_exists')
  if (!scope.every(isDelegable)) return refuse('scope_not_delegable')
  if (untilMs <= timeMs) return refuse('delegation_ends_in_past')
  const live = read.delegators.get(principal)?.given.filter((given) => timeMs < given.untilMs) ?? []
  if (live.length >= limits.delegations) return refuse('too_many_delegations')
  return [{ type: 'delegated', delegationId, fromMs: timeMs, principal, scope, to, untilMs }]
}
