/**
 * Which certificates answer a query, and with which claims (OpenID4VP 1.0 section 6.4). The same rules choose for a holder
 * and judge for a verifier, so that the two cannot disagree.
 */
import { type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { hasClaim } from './claim-path.ts'
import type { ClaimPath, ClaimQuery, CredentialQuery, DcqlQuery } from './query.ts'

/** A certificate as far as queries ask: for a holder with all its claims, for a verifier with those that were shown. */
export interface Candidate {
  readonly format: string
  readonly vct: string
  readonly claims: JsonObject
  readonly isHolderBound: boolean
}

export interface CredentialMatch {
  /** What to disclose, and nothing else. */
  readonly paths: readonly ClaimPath[]
  /** `unknown`: the verifier named authorities, and whether the issuer is under one of them was not judged. */
  readonly authority: 'not_asked' | 'unknown'
}

/**
 * Whether one certificate answers one query. Refusals, in the order they are checked: `dcql_format_other`,
 * `dcql_type_other`, `dcql_holder_binding_missing`, `dcql_claims_missing` (also where a value is not one of those asked for).
 */
export function matchCredential(query: CredentialQuery, candidate: Candidate): CredentialMatch | Refusal {
  if (candidate.format !== query.format) return refuse('dcql_format_other')
  if (!query.vctValues.includes(candidate.vct)) return refuse('dcql_type_other')
  if (query.needsHolderBinding && !candidate.isHolderBound) return refuse('dcql_holder_binding_missing')
  const claims = chosenClaims(query, candidate.claims)
  if (claims === undefined) return refuse('dcql_claims_missing')
  const authority = query.hasTrustedAuthorities ? 'unknown' : 'not_asked'
  return { paths: claims.map(({ path }) => path), authority }
}

/** The claims of the first set that the certificate has whole; all of them where there are no sets. */
function chosenClaims({ claims, claimSets }: CredentialQuery, held: JsonObject): readonly ClaimQuery[] | undefined {
  if (claims === undefined) return []
  const hasAll = (asked: readonly ClaimQuery[]) => asked.every((claim) => hasClaim(held, claim))
  if (claimSets === undefined) return hasAll(claims) ? claims : undefined
  return claimSets
    .map((ids) => claims.filter(({ id }) => id !== undefined && ids.includes(id)))
    .find((asked) => hasAll(asked))
}

/**
 * Ids of the queries to answer, given those that can be answered: all where there are no sets, else the first possible
 * option of each required set. `dcql_not_satisfied` where a required part has no answer.
 */
export function chosenQueries(query: DcqlQuery, answerable: ReadonlySet<string>): ReadonlySet<string> | Refusal {
  const { credentials, credentialSets } = query
  const isPossible = (ids: readonly string[]) => ids.every((id) => answerable.has(id))
  if (credentialSets === undefined) {
    const ids = credentials.map(({ id }) => id)
    return isPossible(ids) ? new Set(ids) : refuse('dcql_not_satisfied')
  }
  const chosen = new Set<string>()
  for (const { options, required } of credentialSets) {
    // What need not be shown is not shown.
    if (!required) continue
    const option = options.find(isPossible)
    if (option === undefined) return refuse('dcql_not_satisfied')
    for (const id of option) chosen.add(id)
  }
  return chosen
}

/** Whether the answered queries are enough: optional sets may be among them. `dcql_not_satisfied` otherwise. */
export function refuseUnsatisfied(query: DcqlQuery, answered: ReadonlySet<string>): Refusal | undefined {
  const chosen = chosenQueries(query, answered)
  return chosen instanceof Set ? undefined : refuse('dcql_not_satisfied')
}
