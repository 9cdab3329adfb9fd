import { refuse } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { isEntitledAt } from '../entitlement.ts'
import type { anchorBatch } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideAnchorBatch: Decide<CredentialsTables, ArgsOf<typeof anchorBatch>, CredentialsEvent> = (
  read,
  { batchId, typeId, root, count },
  { principal: issuer, timeMs: atMs },
) => {
  const authorisation = read.authorisations.get(keyOf(issuer, typeId))
  if (!authorisation || !isEntitledAt(authorisation.periods, atMs)) return refuse('issuer_not_authorised')
  if (read.batches.has(batchId)) return refuse('batch_already_exists')
  if (read.batchRoots.has(root)) return refuse('root_already_anchored')
  return [{ type: 'batchAnchored', atMs, batchId, count, issuer, root, typeId }]
}
