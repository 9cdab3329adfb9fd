/**
 * The nonce endpoint (OpenID4VCI 1.0 section 7). It is open to anyone, so a nonce carries its own end and our mark on it
 * instead of taking room here; only those that were used are remembered, until they would have ended anyway.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { concatBytes, equalBytes, fromBase64url, toBase64url } from '@chengxin/kernel'
import { jsonAnswer, type OpenidAnswer } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import type { Issuer } from './issuer.ts'

const nonceForMs = 5 * 60_000

export function answerNonce(issuer: Issuer): OpenidAnswer {
  return jsonAnswer(200, { c_nonce: makeNonce(issuer) })
}

/** 16 random bytes, the end in milliseconds as 6 bytes, and 16 bytes of HMAC over both. */
export function makeNonce({ nonceSecret, nowMs }: Pick<Issuer, 'nonceSecret' | 'nowMs'>): string {
  const body = Buffer.alloc(22)
  randomBytes(16).copy(body)
  body.writeUIntBE(nowMs() + nonceForMs, 16, 6)
  return toBase64url(concatBytes(body, markOf(nonceSecret, body)))
}

function markOf(secret: Uint8Array, body: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update('c_nonce').update(body).digest().subarray(0, 16))
}

/** `good` for one caller only: the nonce is used up by asking. */
export async function useNonce(issuer: Issuer, nonce: string): Promise<'good' | 'invalid' | 'replayed' | 'busy'> {
  const bytes = fromBase64url(nonce)
  if (bytes?.length !== 38) return 'invalid'
  const body = bytes.subarray(0, 22)
  const untilMs = Buffer.from(body).readUIntBE(16, 6)
  if (!equalBytes(markOf(issuer.nonceSecret, body), bytes.subarray(22)) || untilMs <= issuer.nowMs()) return 'invalid'
  const key = keyOf(`nonce ${nonce}`)
  if (await issuer.stores.used.add(key, true, untilMs)) return 'good'
  return (await issuer.stores.used.get(key)) ? 'replayed' : 'busy'
}
