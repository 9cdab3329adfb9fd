import { type Did, refuse, type TimeMs } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { isEntitledAt } from '../entitlement.ts'
import { isRegisteredAt } from '../registration.ts'
import type { anchorStatements } from '../schema.ts'
import type { CredentialsEvent, CredentialsRead, CredentialsTables } from '../types.ts'

export const decideAnchorStatements: Decide<CredentialsTables, ArgsOf<typeof anchorStatements>, CredentialsEvent> = (
  read,
  { root },
  context,
) => {
  const { principal: keeper, timeMs: atMs } = context
  const isKeeper =
    context.reads(governanceReads).memberOfRole(keeper, 'statement_keeper') !== undefined ||
    isRegisteredAt(read.verifiers.get(keeper), atMs) ||
    isIssuerAt(read, keeper, atMs)
  if (!isKeeper) return refuse('not_a_statement_keeper')
  if (read.statementRoots.has(root)) return refuse('root_already_anchored')
  return [{ type: 'statementsAnchored', atMs, keeper, root }]
}

function isIssuerAt(read: CredentialsRead, issuer: Did, atMs: TimeMs): boolean {
  const { typeIds = [] } = read.issuers.get(issuer) ?? {}
  return typeIds.some((typeId) => isEntitledAt(read.authorisations.get(keyOf(issuer, typeId))?.periods ?? [], atMs))
}
