/**
 * Whether the agent may act for a resident at all: the resident's DID must have delegated certificates to it, until a time
 * that has not come, and nobody must be recovering the DID's keys. It is asked again for each act.
 */

import type { Delegation, ResidentStanding } from '@chengxin/holder'
import { type Did, isRefusal, type Refusal, refuse } from '@chengxin/kernel'
import type { Person } from '../desk/person.ts'
import type { Agent } from './agent.ts'

export interface Principal {
  readonly account: string
  readonly did: Did
  readonly standing: ResidentStanding
}

/** What a delegation to the agent must cover. */
export const agentScope = 'credentials.*'

/** A resident whose DID stands on the ledger. Refuses with `resident_without_did`. */
export async function residentOf(agent: Agent, { accountId, did }: Person): Promise<Principal | Refusal> {
  const standing = did && (await agent.ledger.standingOf(did))
  if (!did || !standing?.isActive) return refuse('resident_without_did')
  return { account: accountId, did, standing }
}

/**
 * A resident for whom the agent may act now. Refusals: `resident_without_did`, `agent_suspended`, `agent_not_authorised`,
 * `agent_authorisation_ended`, `agent_authorisation_too_narrow`.
 */
export async function principalOf(agent: Agent, person: Person): Promise<Principal | Refusal> {
  const resident = await residentOf(agent, person)
  if (isRefusal(resident)) return resident
  const refused = refuseUnauthorised(agent, resident.standing)
  return refused ?? resident
}

export function isRecovering({ recovery }: ResidentStanding, nowMs: number): boolean {
  return recovery !== undefined && nowMs < recovery.lapsesAtMs
}

export function refuseUnauthorised(agent: Agent, standing: ResidentStanding): Refusal | undefined {
  const nowMs = agent.nowMs()
  if (isRecovering(standing, nowMs)) return refuse('agent_suspended')
  const given = standing.delegations.filter(({ to }) => to === agent.did)
  if (given.length === 0) return refuse('agent_not_authorised')
  const live = given.filter(({ untilMs }) => nowMs < untilMs)
  if (live.length === 0) return refuse('agent_authorisation_ended')
  return live.some(({ scope }) => scope.includes(agentScope)) ? undefined : refuse('agent_authorisation_too_narrow')
}

/** The delegation to the agent that reaches furthest, ended ones included. */
export function newestDelegation(agent: Agent, { delegations }: ResidentStanding): Delegation | undefined {
  return delegations
    .filter(({ to }) => to === agent.did)
    .toSorted((one, other) => other.untilMs - one.untilMs)
    .at(0)
}

/** Losing the only key would lose all certificates: a second key, guardians or the counter must be there before the first. */
export function isProtected({ keys, guardians, counter }: ResidentStanding): boolean {
  return keys.length > 1 || guardians.length > 0 || counter?.standing === 'open'
}
