/** What every token that proves possession of a key has in common: a key of its own, one algorithm, a time, a signature. */
import { type Jwt, type Platform, parseJwt, verifyJwt } from '@chengxin/audit'
import type { PublicJwk } from '@chengxin/crypto'
import { readP256, skewMs } from '@chengxin/holder'
import { type Json, type Refusal, refuse } from '@chengxin/kernel'

export interface PossessionCodes {
  readonly malformed: string
  readonly keyNotAllowed: string
  readonly algorithmNotAllowed: string
  readonly signatureInvalid: string
}

export interface Possession {
  readonly jwt: Jwt
  readonly key: PublicJwk
}

const maxCharacters = 16 * 1024

/** A token of this `typ` whose header carries the key that it is signed with: P-256, and nothing secret of it. */
export async function checkPossession(
  platform: Platform,
  text: string,
  typ: string,
  codes: PossessionCodes,
): Promise<Possession | Refusal> {
  const jwt = parseJwt(text, maxCharacters)
  if (!jwt || jwt.header['typ'] !== typ) return refuse(codes.malformed)
  const { jwk } = jwt.header
  if (jwk === undefined) return refuse(codes.keyNotAllowed)
  const key = readP256(jwk)
  if (!key) return refuse(codes.keyNotAllowed)
  const verdict = await verifyJwt(platform, jwt, key)
  if (verdict === 'algorithm_not_allowed') return refuse(codes.algorithmNotAllowed)
  return verdict === 'holds' ? { jwt, key } : refuse(codes.signatureInvalid)
}

/** Where a time of issue lies; anything but a plausible number is no time at all. */
export function ageOf(iat: Json | undefined, nowMs: number, maxAgeMs: number): 'good' | 'future' | 'old' | 'malformed' {
  if (typeof iat !== 'number' || !(iat >= 0 && iat <= 253_402_300_799)) return 'malformed'
  if (iat * 1000 > nowMs + skewMs) return 'future'
  return iat * 1000 < nowMs - maxAgeMs ? 'old' : 'good'
}
