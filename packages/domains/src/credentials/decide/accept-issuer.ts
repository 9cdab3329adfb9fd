import { isRefusal, refuse, type TimeMs } from '@chengxin/kernel'
import { type ArgsOf, type Decide, keyOf } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { identityReads } from '../../identity/reads.ts'
import { isOpenAt } from '../entitlement.ts'
import { openForeignRight } from '../foreign-right.ts'
import type { acceptIssuer } from '../schema.ts'
import { type CredentialsEvent, type CredentialsTables, limits } from '../types.ts'

export const decideAcceptIssuer: Decide<CredentialsTables, ArgsOf<typeof acceptIssuer>, CredentialsEvent> = (
  read,
  { group, issuer, typeId, proof },
  context,
) => {
  const { principal, timeMs, host } = context
  const governance = context.reads(governanceReads)
  const isAuthority = governance.memberOfRole(principal, 'issuer_authority') !== undefined
  if (principal !== issuer && !isAuthority) return refuse('not_the_issuer_nor_authority')
  if (!read.types.has(typeId)) return refuse('type_not_found')
  if (!context.reads(identityReads).isActive(issuer)) return refuse('issuer_not_found')
  const pinned = governance.pinnedGroup(group)
  if (pinned === undefined) return refuse('issuer_group_not_pinned')
  if (!pinned.typeIds.includes(typeId)) return refuse('type_not_entrusted')

  const right = openForeignRight(host, pinned, { group, issuer, typeId, proof })
  if (isRefusal(right)) return right
  const provedUntilMs = right.heldAtMs + pinned.maxAgeMs
  if (provedUntilMs <= timeMs) return refuse('proof_too_old')
  const untilMs = Math.min(provedUntilMs, right.untilMs ?? provedUntilMs) as TimeMs
  if (untilMs <= timeMs) return refuse('right_not_in_force')

  const authorisation = read.authorisations.get(keyOf(issuer, typeId))
  const periods = authorisation?.periods ?? []
  const last = periods.at(-1)
  // What was ended here stays ended: the other group does not overrule those who decide in this one.
  if (last?.end !== undefined) return refuse('right_ended_here')
  const isOpen = last !== undefined && isOpenAt(last, timeMs)
  if (isOpen && last.group !== group) return refuse('issuer_already_authorised')
  if (isOpen && (last.untilMs ?? untilMs) >= untilMs) return refuse('proof_not_newer')
  if (!isOpen && periods.length >= limits.periods) return refuse('authorisation_history_full')
  const typesKnown = read.issuers.get(issuer)?.typeIds.length ?? 0
  if (!authorisation && typesKnown >= limits.typesOfIssuer) return refuse('authorisation_history_full')
  return [
    {
      type: 'issuerAccepted',
      ...(right.domain !== undefined && { domain: right.domain }),
      fromMs: isOpen ? last.fromMs : timeMs,
      group,
      issuer,
      period: isOpen ? periods.length - 1 : periods.length,
      typeId,
      untilMs,
    },
  ]
}
