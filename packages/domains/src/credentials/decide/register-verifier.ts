import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { identityReads } from '../../identity/reads.ts'
import { isRegisteredAt } from '../registration.ts'
import type { registerVerifier } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideRegisterVerifier: Decide<CredentialsTables, ArgsOf<typeof registerVerifier>, CredentialsEvent> = (
  read,
  { verifier, domain, registrationHash, untilMs },
  context,
) => {
  const { principal, timeMs: fromMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  if (!context.reads(identityReads).isActive(verifier)) return refuse('verifier_not_found')
  if (untilMs !== undefined && untilMs <= fromMs) return refuse('registration_ends_in_past')
  const known = read.verifiers.get(verifier)
  const isSame = known?.registrationHash === registrationHash && known.domain === domain && known.untilMs === untilMs
  if (isSame && isRegisteredAt(known, fromMs)) return refuse('registration_unchanged')
  return [
    {
      type: 'verifierRegistered',
      domain,
      fromMs,
      registrationHash,
      ...(untilMs !== undefined && { untilMs }),
      verifier,
      version: (known?.version ?? 0) + 1,
    },
  ]
}
