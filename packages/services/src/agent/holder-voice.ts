/**
 * What a holder may say to an issuer about a certificate, and ask of it, with nothing but the key that the certificate is
 * bound to: why its status changed, and that this one copy be cancelled. Our own addition to OpenID4VCI, at `<issuer>/holder`.
 */
import { parseJsonObject } from '@chengxin/crypto'
import { holderVoiceType, jsonRequest, secondsOf, signToken } from '@chengxin/holder'
import { type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { Agent } from './agent.ts'
import { holderKeyFrom } from './holder-keys.ts'
import { reached } from './receive.ts'
import type { Copy } from './records.ts'

/** The issuer's answer. Refuses with `issuer_not_reached`, or with the issuer's own code. */
export async function tellIssuer(
  { send, nowMs }: Agent,
  issuerUrl: string,
  { key }: Copy,
  wish: 'cancel' | 'status',
): Promise<JsonObject | Refusal> {
  const holder = holderKeyFrom(key)
  const payload = { aud: issuerUrl, iat: secondsOf(nowMs()), wish }
  const jwt = await signToken(holder, { typ: holderVoiceType, jwk: holder.jwk }, payload)
  const answer = await reached(() => send(jsonRequest(`${issuerUrl}/holder`, { jwt })))
  if ('refused' in answer) return answer
  const body = parseJsonObject(answer.body)
  if (answer.status === 200 && body) return body
  const code = body?.['code']
  return refuse(typeof code === 'string' ? code : 'issuer_not_reached')
}
