/**
 * The resident's word on one act: a live key of the resident's DID signs a statement that says exactly what is to be done,
 * made for this once by the agent. A passkey signs it as WebAuthn does, with the hash of the statement as its challenge.
 */
import { webauthnSignedBytes } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { canonicalize, fromBase64url, isRefusal, type JsonObject, type Refusal, refuse, toUtf8 } from '@chengxin/kernel'
import { randomId } from '../desk/random-id.ts'
import { type Agent } from './agent.ts'
import type { Principal } from './authorisation.ts'
import { type Act, asJson, type Evidence } from './records.ts'

/** What the browser sends back. */
export interface Assertion {
  readonly keyId: string
  /** base64url of what a signer gives: 64 bytes, or the parts of a passkey's assertion. */
  readonly signature: string
}

export const assertionSchema: JsonObject = {
  type: 'object',
  properties: {
    keyId: { type: 'string', maxLength: 64 },
    signature: { type: 'string', maxLength: 12_000, pattern: '^[A-Za-z0-9_-]+$' },
  },
  required: ['keyId', 'signature'],
  additionalProperties: false,
}

/** As long as somebody may think before agreeing. */
export const actForMs = 5 * 60_000
const verify = createVerifier().verify

/** Whether a live key of the resident signed the statement. Refusals: `assertion_key_unknown`, `assertion_not_over_this`. */
export function checkAssertion(
  { relyingParty, nowMs }: Pick<Agent, 'relyingParty' | 'nowMs'>,
  { standing }: Principal,
  statement: string,
  { keyId, signature }: Assertion,
): Evidence | Refusal {
  const key = standing.keys.find((live) => live.keyId === keyId)
  if (!key) return refuse('assertion_key_unknown')
  const part = fromBase64url(signature)
  if (!part) return refuse('assertion_not_over_this')
  const signingInput = toUtf8(statement)
  const signed = key.passkey
    ? webauthnSignedBytes({ sha256, relyingParty, signingInput, signaturePart: part })
    : { signedBytes: signingInput, signature: part }
  const holds =
    !isRefusal(signed) && signed.signature.length === 64 && verify(key.jwk, signed.signedBytes, signed.signature)
  if (!holds) return refuse('assertion_not_over_this')
  return { statement, keyId, jwk: key.jwk, signature, atMs: nowMs() }
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
