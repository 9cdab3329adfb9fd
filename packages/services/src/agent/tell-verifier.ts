/**
 * Says to the verifier that a consent was withdrawn, where its own request told us to, with the key that each certificate was shown
 * by. What cannot be said now is said when the resident looks at the consents again.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { jsonRequest, secondsOf, signToken, withdrawalType } from '@chengxin/holder'
import { isRefusal } from '@chengxin/kernel'
import { changeRecord } from '../vault/face.ts'
import type { Agent } from './agent.ts'
import { holderKeyFrom } from './holder-keys.ts'
import { reached } from './receive.ts'
import { asJson, type Consent } from './records.ts'

/** The verifier's codes for: it keeps nothing of this any more, or a law and no consent lets it. */
const nothingToErase = new Set<unknown>(['asked_not_found', 'ground_is_law'])

/** The consent as it stands afterwards. */
export async function tellVerifier(agent: Agent, consentId: string, consent: Consent): Promise<Consent> {
  const { state, withdrawalUri, isVerifierTold, refusedWith } = consent
  // What the verifier did not accept it does not keep.
  if (state !== 'withdrawn' || refusedWith !== undefined || withdrawalUri === undefined || isVerifierTold === true)
    return consent
  const told = { ...consent, isVerifierTold: await tellAll(agent, consent, withdrawalUri) }
  await changeRecord(agent.kept.consents, consentId, () => ({ value: asJson(told), result: true }))
  return told
}

async function tellAll(agent: Agent, { items, verifier }: Consent, uri: string): Promise<boolean> {
  const { kept, nowMs, send } = agent
  for (const { certificateId, sdHash } of items) {
    const copies = (await kept.holdings.get(certificateId))?.value.copies ?? []
    const shown = copies.find(({ shownTo }) => shownTo.includes(verifier.audience))
    if (shown === undefined) return false
    const holder = holderKeyFrom(shown.key)
    const payload = { aud: verifier.audience, iat: secondsOf(nowMs()), sd_hash: sdHash }
    const jwt = await signToken(holder, { typ: withdrawalType, jwk: holder.jwk }, payload)
    const answer = await reached(() => send(jsonRequest(uri, { jwt })))
    if (isRefusal(answer)) return false
    const code = parseJsonObject(answer.body)?.['code']
    if (answer.status !== 200 && !nothingToErase.has(code)) return false
  }
  return true
}
