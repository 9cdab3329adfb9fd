/**
 * What a holder may ask of an issuer with nothing but the key that a certificate is bound to: how it stands and why, and
 * that this one copy be cancelled. Our own addition to OpenID4VCI, at `<issuer>/holder`: whoever cannot prove the key learns
 * nothing, not even whether there is such a certificate.
 */
import { webPlatform } from '@chengxin/audit'
import type { PublicJwk } from '@chengxin/crypto'
import { holderVoiceType } from '@chengxin/holder'
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { answerOf, jsonAnswer, type OpenidAnswer, type OpenidRequest, readJson } from '../exchange.ts'
import { ageOf, checkPossession } from '../jwt-proof.ts'

const maxAgeMs = 5 * 60_000

export type HolderWish = 'status' | 'cancel'

export interface HolderAsks {
  readonly key: PublicJwk
  readonly wish: HolderWish
}

/** Refusals: `holder_proof_malformed`, `holder_proof_old`, `holder_proof_elsewhere`. */
export async function readHolderWish(
  jwt: unknown,
  issuerIdentifier: string,
  nowMs: number,
): Promise<HolderAsks | Refusal> {
  if (typeof jwt !== 'string') return refuse('holder_proof_malformed')
  const proof = await checkPossession(webPlatform, jwt, holderVoiceType, {
    malformed: 'holder_proof_malformed',
    keyNotAllowed: 'holder_proof_malformed',
    algorithmNotAllowed: 'holder_proof_malformed',
    signatureInvalid: 'holder_proof_malformed',
  })
  if (isRefusal(proof)) return proof
  const { aud, iat, wish } = proof.jwt.payload
  if (wish !== 'status' && wish !== 'cancel') return refuse('holder_proof_malformed')
  if (aud !== issuerIdentifier) return refuse('holder_proof_elsewhere')
  return ageOf(iat, nowMs, maxAgeMs) === 'good' ? { key: proof.key, wish } : refuse('holder_proof_old')
}

/** What the issuer does about a wish; undefined where nothing it issued is bound to the key. */
export type MeetWish = (asked: HolderAsks) => Promise<JsonObject | undefined>

/** Refusals: those of `readHolderWish`, `issued_certificate_not_found`. */
export async function hearHolder(
  jwt: unknown,
  { identifier, nowMs }: { readonly identifier: string; readonly nowMs: () => number },
  meet: MeetWish,
): Promise<JsonObject | Refusal> {
  const asked = await readHolderWish(jwt, identifier, nowMs())
  if (isRefusal(asked)) return asked
  return (await meet(asked)) ?? refuse('issued_certificate_not_found')
}

/** POST of `{ jwt }`. */
export async function answerHolder(
  request: OpenidRequest,
  hear: (jwt: unknown) => Promise<JsonObject | Refusal>,
): Promise<OpenidAnswer> {
  const body = readJson(request)
  const answer = isRefusal(body) ? body : await hear(body['jwt'])
  return answerOf(isRefusal(answer) ? answer : jsonAnswer(200, answer))
}
