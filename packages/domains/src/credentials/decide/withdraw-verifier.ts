import { refuse } from '@chengxin/kernel'
import type { ArgsOf, Decide } from '@chengxin/module-kit'
import { governanceReads } from '../../governance/reads.ts'
import { isRegisteredAt } from '../registration.ts'
import type { withdrawVerifier } from '../schema.ts'
import type { CredentialsEvent, CredentialsTables } from '../types.ts'

export const decideWithdrawVerifier: Decide<CredentialsTables, ArgsOf<typeof withdrawVerifier>, CredentialsEvent> = (
  read,
  { verifier },
  context,
) => {
  const { principal, timeMs: endedAtMs } = context
  if (!context.reads(governanceReads).memberOfRole(principal, 'issuer_authority'))
    return refuse('not_an_issuer_authority')
  if (!isRegisteredAt(read.verifiers.get(verifier), endedAtMs)) return refuse('verifier_not_registered')
  return [{ type: 'verifierWithdrawn', endedAtMs, verifier }]
}
