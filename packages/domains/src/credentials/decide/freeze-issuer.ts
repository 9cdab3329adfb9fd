import { refuse, type TimeMs } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { endedBy, isOpenAt } from '../entitlement.ts'
import type { freezeIssuer } from '../schema.ts'
import type { AuthorisationPeriod, CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideFreezeIssuer: Decide<CredentialsTables, ArgsOf<typeof freezeIssuer>, CredentialsEvent> = (
  read,
  { issuer, typeId, compromisedSinceMs },
  context,
) => {
  const { principal, timeMs: atMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  const periods = read.authorisations.get(keyOf(issuer, typeId))?.periods ?? []
  const last = periods.at(-1)
  if (last === undefined || !saysSomethingNew(last, compromisedSinceMs, atMs)) return refuse('issuer_not_authorised')
  if (compromisedSinceMs !== undefined && compromisedSinceMs > atMs) return refuse('compromise_in_future')
  return [
    {
      type: 'issuerFrozen',
      ...(compromisedSinceMs !== undefined && { compromisedSinceMs }),
      endedAtMs: endedBy(last, atMs),
      issuer,
      period: periods.length - 1,
      typeId,
    },
  ]
}

/** Once an authorisation has ended, only news of a compromise, or that it began earlier, is worth a freeze. */
function saysSomethingNew(last: AuthorisationPeriod, sinceMs: TimeMs | undefined, nowMs: TimeMs): boolean {
  if (isOpenAt(last, nowMs)) return true
  return sinceMs !== undefined && (last.compromisedSinceMs === undefined || sinceMs < last.compromisedSinceMs)
}
