/**
 * The credential, deferred credential and notification endpoints (OpenID4VCI 1.0 sections 8 to 11). Each token fetches
 * each type once: a batch is a batch, and who wants another needs another offer.
 */
import { isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { emptyAnswer, jsonAnswer, type OpenidAnswer, type OpenidRequest, readJson } from '../exchange.ts'
import { keyOf } from '../expiring-store.ts'
import { randomSecret } from '../secrets.ts'
import { checkAccess } from './access.ts'
import { type CredentialOrder, type Issuer, notificationEvents } from './issuer.ts'
import { checkKeyProofs } from './key-proofs.ts'
import { tokenForMs } from './token.ts'

/**
 * POST for certificates. Refusals: those of `checkAccess` and of a JSON body, `credential_request_malformed`,
 * `credential_identifier_not_supported`, `encryption_not_supported`, `credential_configuration_unknown`,
 * `credential_not_granted`, those of `checkKeyProofs`, `credential_already_issued`, `issuance_denied`, `too_busy`.
 */
export async function requestCredentials(issuer: Issuer, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const access = await checkAccess(issuer, request)
  if (isRefusal(access)) return access
  const body = readJson(request)
  if (isRefusal(body)) return body
  const { credential_configuration_id: configurationId, credential_identifier: identifier } = body
  if (identifier !== undefined) return refuse('credential_identifier_not_supported')
  if (body['credential_response_encryption'] !== undefined) return refuse('encryption_not_supported')
  if (typeof configurationId !== 'string') return refuse('credential_request_malformed')
  if (!Object.hasOwn(issuer.configurations, configurationId)) return refuse('credential_configuration_unknown')
  if (!access.configurationIds.includes(configurationId)) return refuse('credential_not_granted')
  const holderKeys = await checkKeyProofs(issuer, proofsOf(body), access.clientId)
  if (isRefusal(holderKeys)) return holderKeys

  const { tokenKey, subject } = access
  const wishKey = keyOf(`wish ${tokenKey} ${configurationId}`)
  const isFirst = await issuer.stores.used.add(wishKey, true, issuer.nowMs() + tokenForMs)
  if (!isFirst) return refuse((await issuer.stores.used.get(wishKey)) ? 'credential_already_issued' : 'too_busy')
  const order = { orderId: randomSecret(), subject, configurationId, holderKeys }
  let answer: OpenidAnswer | Refusal = refuse('issuance_denied')
  try {
    answer = await fill(issuer, order, tokenKey, randomSecret())
    return answer
  } finally {
    // A wish that came to nothing may be made again.
    if (isRefusal(answer)) await issuer.stores.used.take(wishKey)
  }
}

/** Wallets of before 1.0 send one proof in a form of its own. It is judged as a list of one; beside a list it is nothing. */
function proofsOf({ proofs, proof }: JsonObject): Json | undefined {
  if (proof === undefined) return proofs
  if (proofs !== undefined || typeof proof !== 'object' || proof === null || Array.isArray(proof)) return null
  const { proof_type: type, ...rest } = proof as JsonObject
  const value = typeof type === 'string' ? rest[type] : undefined
  return typeof type === 'string' && value !== undefined ? { [type]: [value] } : null
}

async function fill(
  issuer: Issuer,
  order: CredentialOrder,
  tokenKey: string,
  transactionId: string,
): Promise<OpenidAnswer | Refusal> {
  const filled = await issuer.fill(order)
  if (isRefusal(filled)) return filled
  const { deferred, notifications } = issuer.stores
  if (filled.status === 'waiting') {
    const untilMs = issuer.nowMs() + tokenForMs
    if (!(await deferred.add(keyOf(transactionId), { order, tokenKey }, untilMs))) return refuse('too_busy')
    return jsonAnswer(202, { transaction_id: transactionId, interval: filled.retryAfterSeconds })
  }
  const notificationId = randomSecret()
  await notifications.add(keyOf(notificationId), { order, tokenKey }, issuer.nowMs() + tokenForMs)
  const credentials = filled.certificates.map((credential) => ({ credential }))
  return jsonAnswer(200, { credentials, notification_id: notificationId })
}

/**
 * POST for certificates that were not ready. Refusals: those of `checkAccess` and of a JSON body,
 * `transaction_id_unknown` (also fetched before, or ordered with another token), `issuance_denied`.
 */
export async function requestDeferred(issuer: Issuer, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const access = await checkAccess(issuer, request)
  if (isRefusal(access)) return access
  const body = readJson(request)
  if (isRefusal(body)) return body
  const { transaction_id: id } = body
  const known = typeof id === 'string' ? await issuer.stores.deferred.get(keyOf(id)) : undefined
  // Looked at before it is taken, so that a stranger's question does not use up somebody's certificates.
  if (typeof id !== 'string' || known?.tokenKey !== access.tokenKey) return refuse('transaction_id_unknown')
  const taken = await issuer.stores.deferred.take(keyOf(id))
  if (!taken) return refuse('transaction_id_unknown')
  try {
    return await fill(issuer, taken.value.order, access.tokenKey, id)
  } catch (thrown) {
    await issuer.stores.deferred.add(keyOf(id), taken.value, taken.untilMs)
    throw thrown
  }
}

/**
 * POST of what became of the certificates. Refusals: those of `checkAccess` and of a JSON body, `notification_malformed`,
 * `notification_id_unknown`. Told twice is told once.
 */
export async function takeNotification(issuer: Issuer, request: OpenidRequest): Promise<OpenidAnswer | Refusal> {
  const access = await checkAccess(issuer, request)
  if (isRefusal(access)) return access
  const body = readJson(request)
  if (isRefusal(body)) return body
  const { notification_id: id } = body
  const event = notificationEvents.find((known) => known === body['event'])
  if (typeof id !== 'string' || event === undefined) return refuse('notification_malformed')
  const known = await issuer.stores.notifications.get(keyOf(id))
  if (known?.tokenKey !== access.tokenKey) return refuse('notification_id_unknown')
  const heard = keyOf(`notification ${id} ${event}`)
  const isFirst = await issuer.stores.used.add(heard, true, issuer.nowMs() + tokenForMs)
  if (isFirst) await issuer.notified?.(known.order, event)
  return emptyAnswer
}
