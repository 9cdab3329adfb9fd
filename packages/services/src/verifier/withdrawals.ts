/**
 * Consents that holders take back. The holder's side says so where the request told it to, signed by the very key that the
 * certificate was shown with. What was shown is erased at once; that it was shown, for what, and that the consent ended is kept as
 * long as the purpose allows, so that the office can prove what it did.
 */
import { webPlatform } from '@chengxin/audit'
import { thumbprint } from '@chengxin/crypto'
import { sha256 } from '@chengxin/crypto/node'
import { withdrawalType } from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { OpenidEndpoint } from '../openid/endpoints.ts'
import { answerOf, jsonAnswer, readJson } from '../openid/exchange.ts'
import { ageOf, checkPossession } from '../openid/jwt-proof.ts'
import type { Verifier } from '../openid/vp/verifier.ts'
import { changeRecord, type Stored } from '../vault/face.ts'
import type { Asking } from './ask.ts'
import type { Asked, Shown } from './asked.ts'
import type { VerifierOffice } from './office.ts'

const ownCodes: { readonly [code: string]: number } = { asked_not_found: 404, ground_is_law: 409 }
const maxAgeMs = 5 * 60_000

export function withdrawalUriOf({ baseUrl }: Pick<Verifier, 'baseUrl'>): string {
  return `${baseUrl}/withdrawals`
}

/** POST of `{ jwt }`. `fetchAnswers` brings in what has been answered and was not looked at yet. */
export function withdrawalEndpoint(
  asking: Asking,
  office: VerifierOffice,
  fetchAnswers: () => Promise<void>,
): OpenidEndpoint {
  return {
    method: 'POST',
    path: new URL(withdrawalUriOf(office.verifier)).pathname,
    async handle(request) {
      const body = readJson(request)
      if (isRefusal(body)) return answerOf(body)
      const heard = await hearWithdrawal(asking, office, body['jwt'], fetchAnswers)
      if (!isRefusal(heard)) return jsonAnswer(200, heard)
      // Words of ours, where no standard has any.
      const status = ownCodes[heard.refused]
      return status === undefined
        ? answerOf(heard)
        : jsonAnswer(status, { error: 'invalid_request', code: heard.refused })
    },
  }
}

/**
 * Refusals, in the order they are checked: `holder_proof_malformed`, `holder_proof_elsewhere`, `holder_proof_old`,
 * `asked_not_found` (also where another key showed it: whoever cannot prove it learns nothing), `ground_is_law` (nobody consented,
 * so nothing can be taken back).
 */
export async function hearWithdrawal(
  { records, nowMs }: Asking,
  office: VerifierOffice,
  jwt: unknown,
  fetchAnswers: () => Promise<void>,
): Promise<JsonObject | Refusal> {
  if (typeof jwt !== 'string') return refuse('holder_proof_malformed')
  const proof = await checkPossession(webPlatform, jwt, withdrawalType, {
    malformed: 'holder_proof_malformed',
    keyNotAllowed: 'holder_proof_malformed',
    algorithmNotAllowed: 'holder_proof_malformed',
    signatureInvalid: 'holder_proof_malformed',
  })
  if (isRefusal(proof)) return proof
  const { aud, iat, sd_hash: shownHash } = proof.jwt.payload
  if (typeof shownHash !== 'string') return refuse('holder_proof_malformed')
  if (aud !== office.verifier.clientId) return refuse('holder_proof_elsewhere')
  if (ageOf(iat, nowMs(), maxAgeMs) !== 'good') return refuse('holder_proof_old')

  const holder = thumbprint(sha256, proof.key)
  const isTheirs = ({ value }: Stored<Asked & Json>) =>
    value.office === office.office && shownIn(value)?.holder === holder && nowMs() < value.keepUntilMs
  const find = async () => (await records.find('shown', shownHash, { limit: 100 })).filter(isTheirs)
  let found = await find()
  if (found.length === 0) {
    await fetchAnswers()
    found = await find()
  }
  if (found.length === 0) return refuse('asked_not_found')
  const consented = found.filter(({ value }) => isConsent(office, value))
  if (consented.length === 0) return refuse('ground_is_law')
  for (const { id } of consented) {
    await changeRecord(records, id, (asked) => ({ value: withdrawn(asked, { atMs: nowMs(), jwt }), result: true }))
  }
  return { withdrawn: true }
}

function isConsent({ registration }: VerifierOffice, { purposeId }: Asked): boolean {
  return registration.purposes.find((purpose) => purpose.purposeId === purposeId)?.ground.kind !== 'law'
}

function shownIn({ outcome }: Asked): Shown | undefined {
  return outcome?.status === 'accepted' ? outcome.shown : undefined
}

/** Told twice, the first time counts. */
function withdrawn(asked: Asked, withdrawal: NonNullable<Asked['withdrawal']>): Asked & Json {
  const { outcome } = asked
  if (asked.withdrawal !== undefined || outcome?.status !== 'accepted') return asked as Asked & Json
  const { shown } = outcome
  const { certificate } = shown.report
  const report = { ...shown.report, ...(certificate && { certificate: { ...certificate, claims: {} } }) }
  const left: Asked = { ...asked, outcome: { ...outcome, shown: { ...shown, claims: {}, report } }, withdrawal }
  return JSON.parse(JSON.stringify(left)) as Asked & Json
}
