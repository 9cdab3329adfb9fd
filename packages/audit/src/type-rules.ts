/**
 * What a type itself says, in the document of its display that the ledger has the hash of: how its certificates are shown,
 * and what may stay open when one is judged. A new form, or another policy, is a new type.
 */
import { fromBase64url, type Json } from '@chengxin/kernel'
import type { TrustedType } from './bundle-payload.ts'
import type { Certificate } from './certificate.ts'
import type { CheckCode } from './codes.ts'
import { type Check, checkOf, passed } from './report.ts'
import { isObject } from './shape.ts'
import type { TrustBundle } from './trust-bundle.ts'

/**
 * Whether the certificate is shown in the form that it was issued for. It can name that form by hash (`vct#integrity`, section
 * 6 of draft-ietf-oauth-sd-jwt-vc); the hash that counts is the one that the ledger has.
 */
export function checkTemplate(certificate: Certificate, bundle: TrustBundle): Check {
  const type = typeOf(certificate, bundle)
  if (!type) return checkOf('template_not_listed', { vct: certificate.vct })
  const facts = { typeId: type.typeId, displayHash: type.displayHash }
  const stated = certificate.sdJwt.claims['vct#integrity']
  if (stated === undefined) return checkOf('template_not_stated', facts)
  return stated === integrityOf(type.displayHash) ? passed('template', facts) : checkOf('template_swapped', facts)
}

/** A hash as subresource integrity spells it: plain base64 after the name of the algorithm. */
export function integrityOf(displayHash: string): string {
  const bytes = fromBase64url(displayHash) ?? new Uint8Array()
  return `sha256-${btoa(String.fromCharCode(...bytes))}`
}

function typeOf({ vct }: Certificate, { types }: TrustBundle): TrustedType | undefined {
  return types.find((type) => type.vct === vct)
}

export interface TypePolicy {
  /** Checks that may stay open. */
  readonly tolerated: readonly CheckCode[]
  readonly maxStatusAgeMs?: number
}

/** What a policy may leave open: what a holder can withhold, and how old a list may be; never a signature or a failure. */
const tolerable: readonly CheckCode[] = [
  'anchor_missing',
  'receipt_missing',
  'issuer_time_unknown',
  'chain_time_unknown',
  'status_not_stated',
  'status_list_too_old',
]
const strict: TypePolicy = { tolerated: [] }

/** The policy of a certificate's type; where the type has none, or one that cannot be read, nothing may stay open. */
export function policyOf(certificate: Certificate, bundle: TrustBundle): TypePolicy {
  const policy = typeOf(certificate, bundle)?.display['policy']
  if (!isObject(policy)) return strict
  const { tolerated, maxStatusAgeSeconds } = policy
  const named = Array.isArray(tolerated) ? (tolerated as readonly Json[]) : []
  const hasAge = typeof maxStatusAgeSeconds === 'number' && maxStatusAgeSeconds > 0
  return {
    tolerated: tolerable.filter((code) => named.includes(code)),
    ...(hasAge && { maxStatusAgeMs: maxStatusAgeSeconds * 1000 }),
  }
}
