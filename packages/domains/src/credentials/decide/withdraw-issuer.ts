import { refuse } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { endedBy, isEntitledAt, isOpenAt } from '../entitlement.ts'
import type { withdrawIssuer } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideWithdrawIssuer: Decide<CredentialsTables, ArgsOf<typeof withdrawIssuer>, CredentialsEvent> = (
  read,
  { issuer, typeId, successor },
  context,
) => {
  const { principal, timeMs: atMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  const periods = read.authorisations.get(keyOf(issuer, typeId))?.periods ?? []
  const last = periods.at(-1)
  // A frozen issuer can be let go as well: withdrawing is how a freeze ends without a new authorisation.
  if (last === undefined || !(last.end === 'frozen' || isOpenAt(last, atMs))) return refuse('issuer_not_authorised')
  const period = periods.length - 1
  const endedAtMs = endedBy(last, atMs)
  if (successor === undefined) return [{ type: 'issuerWithdrawn', endedAtMs, issuer, period, typeId }]
  // The successor has the right before the old one ends, so that the type is at no moment without an issuer.
  const isReady = isEntitledAt(read.authorisations.get(keyOf(successor, typeId))?.periods ?? [], atMs)
  if (successor === issuer || !isReady) return refuse('successor_not_authorised')
  return [{ type: 'issuerWithdrawn', endedAtMs, issuer, period, successor, typeId }]
}
