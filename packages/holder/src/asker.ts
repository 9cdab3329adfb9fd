/**
 * Who asks, as the group has registered it, and whether a request keeps to what was registered. Nothing that a verifier
 * says of itself is shown to the resident: names, purpose and ground are those of the registration.
 */
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import { claimedRegistration, judgeRequest } from './judge-request.ts'
import type { LedgerView } from './ledger-view.ts'
import type { AskedPresentation } from './open-request.ts'
import type { Purpose, Texts } from './registration.ts'

export interface Asker {
  /** In four languages. */
  readonly names: Texts
  readonly domain: string
  readonly did: string
  readonly purpose: Texts
  readonly purposeId: string
  readonly ground: Purpose['ground']
  /** Until when the verifier keeps what it is shown. */
  readonly keptUntilMs: number
}

export interface AskerCheck {
  readonly ledger: Pick<LedgerView, 'verifierOf'>
  readonly groupId: string
  readonly nowMs: () => number
}

const dayMs = 86_400_000

/**
 * Refusals, in the order they are checked: `asker_not_registered`, `request_beyond_registration` (`reason` is the code of
 * `judgeRequest`).
 */
export async function askerOf(
  { ledger, groupId, nowMs }: AskerCheck,
  asked: AskedPresentation,
): Promise<Asker | Refusal> {
  const claim = claimedRegistration(asked.verifierInfo)
  const known = claim && (await ledger.verifierOf(claim.verifier))
  if (!known) return refuse('asker_not_registered')
  const { registration, domain } = known
  const judged = judgeRequest(registration, groupId, asked)
  if (isRefusal(judged)) return { ...refuse('request_beyond_registration'), ...{ reason: judged.refused } }
  const { purpose } = judged
  return {
    names: registration.names,
    domain,
    did: registration.verifier,
    purpose: purpose.texts,
    purposeId: purpose.purposeId,
    ground: purpose.ground,
    keptUntilMs: nowMs() + purpose.keepDays * dayMs,
  }
}
