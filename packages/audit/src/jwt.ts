/**
 * A JSON Web Token (RFC 7519) as a compact JWS, read strictly: one spelling, each name once, and an algorithm that follows
 * from the key and is never chosen by the token (RFC 8725 section 3.1), so that `none` and HMAC have no way in.
 */
import { algorithmOf, normaliseLowS, type PublicJwk, parseCompactJws, parseJsonObject } from '@chengxin/crypto'
import { fromUtf8, isRefusal, type JsonObject } from '@chengxin/kernel'
import type { Platform } from './platform.ts'

export interface Jwt {
  readonly header: JsonObject
  readonly payload: JsonObject
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

/** The parts of a token whose signature nobody has checked yet, or `undefined` where it is none. */
export function parseJwt(text: string, maxBytes: number): Jwt | undefined {
  const jws = parseCompactJws(text, { maxBytes })
  if (isRefusal(jws)) return undefined
  const payloadText = fromUtf8(jws.payload)
  const payload = payloadText === undefined ? undefined : parseJsonObject(payloadText)
  if (!payload) return undefined
  return { header: jws.header, payload, signingInput: jws.signingInput, signature: jws.signature }
}

export type JwtVerdict = 'holds' | 'algorithm_not_allowed' | 'signature_invalid'

/** Whether the token is signed by this key, with the one algorithm of this key. */
export async function verifyJwt(platform: Platform, jwt: Jwt, key: PublicJwk): Promise<JwtVerdict> {
  if (jwt.header['alg'] !== algorithmOf(key)) return 'algorithm_not_allowed'
  const signature = key.crv === 'P-256' ? lowS(jwt.signature) : jwt.signature
  if (!signature) return 'signature_invalid'
  return (await platform.verify(key, jwt.signingInput, signature)) ? 'holds' : 'signature_invalid'
}

/**
 * Foreign signers give the higher of two valid s half of the time, and RFC 7518 allows both. Nothing here is named by the
 * bytes of a signature, so the second spelling does no harm; ledgers, where it would, refuse it.
 */
function lowS(signature: Uint8Array): Uint8Array | undefined {
  try {
    return normaliseLowS(signature)
  } catch {
    return undefined
  }
}
