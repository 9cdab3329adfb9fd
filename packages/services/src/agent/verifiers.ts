/**
 * Who asks, as the group has registered it, and whether a request keeps to what was registered. Nothing that a verifier
 * says of itself is shown to the resident: names, purpose and ground are those of the registration.
 */

import { type AskedPresentation, claimedRegistration, judgeRequest, type Purpose, type Texts } from '@chengxin/holder'
import { isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Agent } from './agent.ts'

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

const dayMs = 86_400_000

/**
 * Refusals, in the order they are checked: `asker_not_registered`, `request_beyond_registration` (`reason` is the code of
 * `judgeRequest`).
 */
export async function askerOf(agent: Agent, asked: AskedPresentation): Promise<Asker | Refusal> {
  const claim = claimedRegistration(asked.verifierInfo)
  const known = claim && (await agent.ledger.verifierOf(claim.verifier))
  if (!known) return refuse('asker_not_registered')
  const { registration, domain } = known
  const judged = judgeRequest(registration, agent.groupId, asked)
  if (isRefusal(judged)) return { ...refuse('request_beyond_registration'), ...{ reason: judged.refused } }
  const { purpose } = judged
  return {
    names: registration.names,
    domain,
    did: registration.verifier,
    purpose: purpose.texts,
    purposeId: purpose.purposeId,
    ground: purpose.ground,
    keptUntilMs: agent.nowMs() + purpose.keepDays * dayMs,
  }
}
