import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import type { confirm } from '../schema.ts'
import { activeIdentity } from '../standing.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideConfirm: Decide<IdentityTables, ArgsOf<typeof confirm>, IdentityEvent> = (
  read,
  { did, commitment },
  context,
) => {
  const { principal: by, timeMs: atMs } = context
  if (!context.reads(governanceReads).memberOfRole(by, 'identity_bureau')) return refuse('not_an_identity_bureau')
  if (!activeIdentity(read, did)) return refuse('identity_not_found')
  const count = (read.confirmations.get(did)?.count ?? 0) + 1
  return [{ type: 'confirmed', atMs, by, commitment, count, did }]
}
