/**
 * What a holder's side makes of a request: whom the ledger knows under the name that asks, for which purpose, which fields,
 * for how long. The verifier's word counts only as far as its registration goes.
 */
import type { Json, JsonObject, Refusal } from '@chengxin/kernel'
import { isRefusal, refuse } from '@chengxin/kernel'
import type { AskedPresentation } from './open-request.ts'
import { vctOf } from './protocol.ts'
import { type Purpose, purposeFor, type Registration } from './registration.ts'

/** How a request says what it falls under: an entry of `verifier_info` (OpenID4VP 1.0 section 5.1). */
export const registrationFormat = 'chengxin-registration'

export interface RegistrationClaim {
  readonly group: string
  readonly verifier: string
  readonly registrationHash: string
  readonly purposeId: string
  /** Where the holder's side says that the consent is withdrawn. */
  readonly withdrawalUri?: string
}

export function registrationInfo(claim: RegistrationClaim): JsonObject {
  return { format: registrationFormat, data: { ...claim } }
}

/** What a request says it falls under; undefined where it says nothing of the kind. */
export function claimedRegistration(verifierInfo: Json | undefined): RegistrationClaim | undefined {
  if (!Array.isArray(verifierInfo)) return undefined
  const entry = (verifierInfo as readonly Json[]).find(
    (candidate) => isObject(candidate) && candidate['format'] === registrationFormat,
  )
  const data = isObject(entry) ? entry['data'] : undefined
  if (!isObject(data)) return undefined
  const { group, verifier, registrationHash, purposeId } = data
  const texts = [group, verifier, registrationHash, purposeId]
  return texts.every((text) => typeof text === 'string') ? (data as unknown as RegistrationClaim) : undefined
}

export interface JudgedRequest {
  readonly purpose: Purpose
  /** By the query's id: the type and the fields that are asked for. */
  readonly items: readonly { readonly queryId: string; readonly typeId: string; readonly fields: readonly string[] }[]
}

/** Proves the anchoring and shows nothing of the person: asked for with every certificate. */
const technicalFields: ReadonlySet<string> = new Set(['anchor'])

/**
 * Judges a request by the registration that the ledger has. Refusals, in the order they are checked:
 * `request_without_purpose`, `request_client_mismatch` (who signed is not the one that is registered), then those of
 * `purposeFor` for each certificate that is asked for.
 */
export function judgeRequest(
  registration: Registration,
  group: string,
  asked: Pick<AskedPresentation, 'clientId' | 'query' | 'verifierInfo'>,
): JudgedRequest | Refusal {
  const claim = claimedRegistration(asked.verifierInfo)
  if (claim?.group !== group || claim.verifier !== registration.verifier) return refuse('request_without_purpose')
  if (asked.clientId === undefined || !registration.clientIds.includes(asked.clientId)) {
    return refuse('request_client_mismatch')
  }
  const items: JudgedRequest['items'][number][] = []
  let purpose: Purpose | undefined
  for (const { id, vctValues, claims = [] } of asked.query.credentials) {
    const names = new Set(claims.map(({ path: [name] }) => String(name)))
    const fields = [...names].filter((name) => !technicalFields.has(name))
    for (const vct of vctValues) {
      const typeId = typeIdOf(group, vct)
      const found = purposeFor(registration, { purposeId: claim.purposeId, typeId, fields })
      if (isRefusal(found)) return found
      purpose = found
      items.push({ queryId: id, typeId, fields })
    }
  }
  return purpose ? { purpose, items } : refuse('request_without_purpose')
}

function typeIdOf(group: string, vct: string): string {
  const prefix = vctOf(group, '')
  return vct.startsWith(prefix) ? vct.slice(prefix.length) : ''
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
