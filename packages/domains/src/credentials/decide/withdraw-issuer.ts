import { refuse } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { endedBy, isOpenAt } from '../entitlement.ts'
import type { withdrawIssuer } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideWithdrawIssuer: Decide<CredentialsTables, ArgsOf<typeof withdrawIssuer>, CredentialsEvent> = (
  read,
  { issuer, typeId },
  context,
) => {
  const { principal, timeMs: atMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  const periods = read.authorisations.get(keyOf(issuer, typeId))?.periods ?? []
  const last = periods.at(-1)
  // A frozen issuer can be let go as well: withdrawing is how a freeze ends without a new authorisation.
  if (last === undefined || !(last.end === 'frozen' || isOpenAt(last, atMs))) return refuse('issuer_not_authorised')
  const endedAtMs = endedBy(last, atMs)
  return [{ type: 'issuerWithdrawn', endedAtMs, issuer, period: periods.length - 1, typeId }]
}
