/**
 * The X.509 certificate that an issuer may put into what it signs (`x5c`, RFC 7515 section 4.1.6), for readers who know
 * certificate authorities and no ledger. It says nothing more than the trust bundle does, so whoever has the bundle only
 * makes sure that the two do not contradict each other: the same key, under the authority that the group's genesis names.
 */
import {
  fromBase64,
  type PublicJwk,
  parseCertificate,
  refuseCertificate,
  type Certificate as X509Certificate,
} from '@chengxin/crypto'
import { fromBase64url, isRefusal, type Json, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import type { Platform } from './platform.ts'

/** The certificate authority of a group, as its genesis names it; `undefined` where it names none that can be read. */
export function authorityOf({ ca }: JsonObject): X509Certificate | undefined {
  const der = typeof ca === 'string' ? fromBase64url(ca) : undefined
  const authority = der && parseCertificate(der)
  return authority && !isRefusal(authority) ? authority : undefined
}

/**
 * The certificate of a header, issued by that authority. One certificate, its authority left out (HAIP 1.0 section 6.1.1
 * forbids the anchor inside, and groups let in organisations by certificates of one step). When it is in force is for
 * whoever knows the time. Refusals, in the order they are checked: `chain_malformed`, `chain_authority_unknown`,
 * `chain_untrusted`.
 */
export function openChain(
  { verifyAtOnce }: Platform,
  x5c: Json,
  authority: X509Certificate | undefined,
): X509Certificate | Refusal {
  const text = Array.isArray(x5c) && x5c.length === 1 ? (x5c[0] as Json) : undefined
  const der = typeof text === 'string' ? fromBase64(text) : undefined
  const certificate = der && parseCertificate(der)
  if (!certificate || isRefusal(certificate)) return refuse('chain_malformed')
  if (!authority) return refuse('chain_authority_unknown')
  // Any moment within both periods will do: of the refusals only those about issuing are asked for here.
  const atMs = Math.max(certificate.notBeforeMs, authority.notBeforeMs)
  const refused = refuseCertificate({ certificate, ca: authority, verify: verifyAtOnce, atMs })
  return refused ? refuse('chain_untrusted') : certificate
}

export function isKeyOf({ jwk }: X509Certificate, key: PublicJwk): boolean {
  return jwk.crv === key.crv && jwk.x === key.x && (jwk.crv === 'Ed25519' || jwk.y === (key as typeof jwk).y)
}

export function isInForce({ notBeforeMs, notAfterMs }: X509Certificate, atMs: number): boolean {
  return notBeforeMs <= atMs && atMs <= notAfterMs
}

/** Whether an issuer's https address is on a domain of the certificate; an issuer named by its DID has none to compare. */
export function isNamedBy({ dnsNames }: X509Certificate, iss: string): boolean {
  return (
    !iss.startsWith('https://') ||
    dnsNames.some((name) => iss === `https://${name}` || iss.startsWith(`https://${name}/`))
  )
}
