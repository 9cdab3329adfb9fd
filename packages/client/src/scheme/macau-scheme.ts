/**
 * The scheme of certificates from end to end, in the sample city: who somebody is, what they earned, who may see it, and what
 * happens when it is taken back. The guided tour plays its acts one touch each, the demonstration plays all of them.
 */
import type { Act } from './act.ts'
import { department, told, tooFar, withdraw, withoutKey } from './further-acts.ts'
import { apply, claim, confirm, identityCertificate, issue, revoke } from './office-acts.ts'
import { authorise, present } from './resident-acts.ts'
import { ask, verify, verifyAgain } from './verifier-acts.ts'

export const macauScheme: readonly Act[] = [
  apply,
  confirm,
  authorise,
  identityCertificate,
  issue,
  claim,
  ask,
  present,
  verify,
  revoke,
  verifyAgain,
]

export const macauDemonstration: readonly Act[] = [
  ...[apply, confirm, authorise, identityCertificate, issue, claim],
  ...[ask, present, verify, department, tooFar, withoutKey, withdraw, revoke, verifyAgain, told],
]
