import { isRefusal, refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { proveKey } from '../key-proof.ts'
import type { create } from '../schema.ts'
import type { IdentityEvent, IdentityTables } from '../types.ts'

export const decideCreate: Decide<IdentityTables, ArgsOf<typeof create>, IdentityEvent> = (read, args, context) => {
  const { did, key } = args
  const governance = context.reads(governanceReads)
  const sponsor = governance.memberOfRole(context.principal, 'registrar')
  if (sponsor === undefined) return refuse('not_a_registrar')
  if (read.identities.has(did)) return refuse('identity_already_exists')
  if (context.host.deriveDid(key) !== did) return refuse('did_not_of_key')
  if (governance.isMemberKey(key)) return refuse('key_of_a_member')
  const proven = proveKey(read, did, args, context)
  if (isRefusal(proven)) return proven
  return [{ type: 'created', atMs: context.timeMs, did, key, ...proven, sponsor }]
}
