/**
 * A certificate: an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc) with the members that every certificate of a group has. Here
 * ends what can be said of a file alone; everything after it needs to know whom to trust.
 */
import { type PublicJwk, parseDidUrl, type Sha256 } from '@chengxin/crypto'
import { compareText, type Did, isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { type AnchorClaim, parseAnchorClaim } from './anchor.ts'
import { holderKey } from './key-binding.ts'
import { readSdJwt, type SdJwt } from './sd-jwt.ts'
import { isObject } from './shape.ts'
import { isSeconds, type StatusReference } from './status-list.ts'

export const certificateType = 'dc+sd-jwt'

export interface Certificate {
  readonly sdJwt: SdJwt
  /** The type by its address. */
  readonly vct: string
  /** The issuer as stated: its DID or an https address. */
  readonly iss: string
  /** `<did>#<key id>` of the header. */
  readonly kid: string
  readonly did: Did
  /** The header's `x5c` as it stands, where there is one. */
  readonly x5c?: Json
  readonly holderKey: PublicJwk
  readonly issuedAtMs?: number
  readonly notBeforeMs?: number
  readonly expiresAtMs?: number
  readonly status?: StatusReference
  /** The proof of anchoring, where it is disclosed. */
  readonly anchor?: AnchorClaim | 'malformed'
  /** Sorted digests of all hidden claims but the proof of anchoring: what the anchored commitment covers. */
  readonly claimDigests: readonly string[]
  /** Members in plain sight that the commitment covers as they stand; absent where there are none. */
  readonly plain?: JsonObject
  /** Fields of the person or thing, disclosed or plain. */
  readonly claims: JsonObject
}

/** What verifiers decide by must be plain to each of them (section 2.2.2.2 of the draft); a holder may not withhold it. */
const plainNames = ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status'] as const
/** Covered by the commitment in a form of their own, but for `iat`, which nothing is judged by that it could improve. */
const otherwiseCommitted: ReadonlySet<string> = new Set(['vct', 'iss', 'cnf', 'status', '_sd', '_sd_alg', 'iat'])
const technicalNames: ReadonlySet<string> = new Set([...plainNames, 'iat', 'anchor'])

/**
 * Reads a certificate. Refusals: those of `readSdJwt`, then `format_type_wrong`, `format_claim_not_disclosable`,
 * `format_claim_malformed`.
 */
export function readCertificate(sha256: Sha256, text: string): Certificate | Refusal {
  // People and editors leave line ends behind a text; the certificate itself has no white space.
  const sdJwt = readSdJwt(sha256, text.trim())
  if (isRefusal(sdJwt)) return sdJwt
  const { header } = sdJwt.issuerJwt
  if (header['typ'] !== certificateType) return refuse('format_type_wrong')
  if (plainNames.some((name) => sdJwt.disclosedNames.has(name))) return refuse('format_claim_not_disclosable')

  const { vct, iss, iat, nbf, exp, status, anchor } = sdJwt.claims
  const key = typeof header['kid'] === 'string' ? parseDidUrl(header['kid']) : undefined
  const reference = statusReference(status)
  const hasTimes = [iat, nbf, exp].every((time) => time === undefined || isSeconds(time))
  if (typeof vct !== 'string' || typeof iss !== 'string' || !key || !hasTimes || reference === null) {
    return refuse('format_claim_malformed')
  }
  const holder = holderKey(sdJwt.claims)
  if (!holder) return refuse('format_claim_malformed')

  return {
    sdJwt,
    vct,
    iss,
    kid: header['kid'] as string,
    did: key.did,
    ...(header['x5c'] !== undefined && { x5c: header['x5c'] }),
    holderKey: holder,
    ...(isSeconds(iat) && { issuedAtMs: iat * 1000 }),
    ...(isSeconds(nbf) && { notBeforeMs: nbf * 1000 }),
    ...(isSeconds(exp) && { expiresAtMs: exp * 1000 }),
    ...(reference && { status: reference }),
    ...(anchor !== undefined && { anchor: parseAnchorClaim(anchor) ?? 'malformed' }),
    claimDigests: claimDigests(sdJwt),
    ...plainMembers(sdJwt),
    claims: Object.fromEntries(Object.entries(sdJwt.claims).filter(([name]) => !technicalNames.has(name))),
  }
}

/** `undefined` where no list is named, `null` where one is named wrongly. */
function statusReference(status: Json | undefined): StatusReference | undefined | null {
  if (status === undefined) return undefined
  const list = isObject(status) ? status['status_list'] : undefined
  if (!isObject(list)) return null
  const { uri, idx } = list
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) return null
  return { uri, index: idx }
}

function plainMembers({ issuerJwt }: SdJwt): { readonly plain?: JsonObject } {
  const members = Object.entries(issuerJwt.payload).filter(([name]) => !otherwiseCommitted.has(name))
  return members.length > 0 ? { plain: Object.fromEntries(members) } : {}
}

function claimDigests({ issuerJwt, disclosures }: SdJwt): readonly string[] {
  const all = (issuerJwt.payload['_sd'] ?? []) as readonly string[]
  const anchor = disclosures.find(({ name, digest }) => name === 'anchor' && all.includes(digest))
  return all.filter((digest) => digest !== anchor?.digest).sort(compareText)
}
