/**
 * The resident's word on one act: a live key of the resident's DID signs a statement that says exactly what is to be done,
 * made for this once by the agent. A passkey signs it as WebAuthn does, with the hash of the statement as its challenge.
 */
import { canonicalize, isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type Assertion, actForMs, checkStatement, type Evidence } from '../desk/assertion.ts'
import { randomId } from '../desk/random-id.ts'
import { type Agent } from './agent.ts'
import type { Principal } from './authorisation.ts'
import { type Act, asJson } from './records.ts'

/** Whether a live key of the resident signed the statement. Refusals: `assertion_key_unknown`, `assertion_not_over_this`. */
export function checkAssertion(
  agent: Pick<Agent, 'relyingParty' | 'nowMs'>,
  { standing }: Principal,
  statement: string,
  assertion: Assertion,
): Evidence | Refusal {
  return checkStatement(agent, standing.keys, statement, assertion)
}

export interface OpenAct {
  readonly actId: string
  readonly untilMs: number
}

/** Keeps what waits for the resident. With a statement it can be done once that has been signed. */
export async function openAct(
  agent: Agent,
  { account, did }: Pick<Principal, 'account' | 'did'>,
  act: Pick<Act, 'purpose' | 'data'> & { readonly says?: JsonObject },
): Promise<OpenAct & { readonly statement: string }> {
  await forgetOldActs(agent, account)
  const untilMs = agent.nowMs() + actForMs
  const actId = randomId('act')
  const { purpose, data, says = {} } = act
  const statement = canonicalize({
    v: 1,
    purpose,
    group: agent.groupId,
    agent: agent.did,
    did,
    actId,
    untilMs,
    ...says,
  })
  const kept: Act = { account, did, purpose, untilMs, statement, data }
  await agent.kept.acts.insert(actId, asJson(kept), { account })
  return { actId, untilMs, statement }
}

/** What was opened and left alone holds personal values for nothing. */
async function forgetOldActs({ kept, nowMs }: Agent, account: string): Promise<void> {
  for (const { id, value } of await kept.acts.find('account', account, { limit: 200 })) {
    if (value.untilMs <= nowMs()) await kept.acts.erase(id)
  }
}

/** An act of this resident that still waits. Refuses with `act_not_found`. */
export async function findAct(
  agent: Agent,
  { account, did }: Principal,
  actId: string,
  purpose: Act['purpose'],
): Promise<(Act & { readonly statement: string }) | Refusal> {
  const act = (await agent.kept.acts.get(actId))?.value
  const isTheirs = act?.account === account && act.did === did && act.purpose === purpose
  if (!isTheirs || act.statement === undefined || act.untilMs <= agent.nowMs()) return refuse('act_not_found')
  return { ...act, statement: act.statement }
}

/**
 * An act that the resident has signed, still to be done. Refusals: `act_not_found`, `assertion_key_unknown`,
 * `assertion_not_over_this`.
 */
export async function signedAct(
  agent: Agent,
  principal: Principal,
  actId: string,
  purpose: Act['purpose'],
  assertion: Assertion,
): Promise<{ readonly act: Act; readonly evidence: Evidence } | Refusal> {
  const act = await findAct(agent, principal, actId, purpose)
  if (isRefusal(act)) return act
  const evidence = checkAssertion(agent, principal, act.statement, assertion)
  return isRefusal(evidence) ? evidence : { act, evidence }
}

/** As `signedAct`, and the act is taken: whoever erases its record does it, so that two calls at once cannot both. */
export async function takeAct(
  agent: Agent,
  principal: Principal,
  actId: string,
  purpose: Act['purpose'],
  assertion: Assertion,
): Promise<{ readonly act: Act; readonly evidence: Evidence } | Refusal> {
  const signed = await signedAct(agent, principal, actId, purpose, assertion)
  if (isRefusal(signed)) return signed
  return (await agent.kept.acts.erase(actId)) ? signed : refuse('act_not_found')
}
