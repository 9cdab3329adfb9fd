import { refuse } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { identityReads } from '../../identity/reads.ts'
import { isOpenAt } from '../entitlement.ts'
import type { authoriseIssuer } from '../schema.ts'
import { type CredentialsEvent, type CredentialsTables, limits } from '../types.ts'

export const decideAuthoriseIssuer: Decide<CredentialsTables, ArgsOf<typeof authoriseIssuer>, CredentialsEvent> = (
  read,
  { issuer, typeId, untilMs, domain },
  context,
) => {
  const { principal, timeMs: fromMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  if (!read.types.has(typeId)) return refuse('type_not_found')
  if (!context.reads(identityReads).isActive(issuer)) return refuse('issuer_not_found')
  if (untilMs !== undefined && untilMs <= fromMs) return refuse('authorisation_ends_in_past')
  const authorisation = read.authorisations.get(keyOf(issuer, typeId))
  const last = authorisation?.periods.at(-1)
  if (last && isOpenAt(last, fromMs)) return refuse('issuer_already_authorised')
  if (authorisation && authorisation.periods.length >= limits.periods) return refuse('authorisation_history_full')
  const typesKnown = read.issuers.get(issuer)?.typeIds.length ?? 0
  if (!authorisation && typesKnown >= limits.typesOfIssuer) return refuse('authorisation_history_full')
  return [
    {
      type: 'issuerAuthorised',
      ...(domain !== undefined && { domain }),
      fromMs,
      issuer,
      period: authorisation?.periods.length ?? 0,
      typeId,
      ...(untilMs !== undefined && { untilMs }),
    },
  ]
}
