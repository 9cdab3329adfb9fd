import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import type { revokeDelegation } from '../schema.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideRevokeDelegation: Decide<IdentityTables, ArgsOf<typeof revokeDelegation>, IdentityEvent> = (
  read,
  { delegationId },
  { principal, timeMs },
) => {
  const given = read.delegators.get(principal)?.given ?? []
  const isLive = given.some((delegation) => delegation.delegationId === delegationId && timeMs < delegation.untilMs)
  if (!isLive) return refuse('delegation_not_found')
  return [{ type: 'delegationRevoked', delegationId, principal }]
}
