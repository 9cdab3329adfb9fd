/** Chains of X.509 certificates as `x5c` carries them (RFC 7515 section 4.1.6): plain base64 of DER, the leaf first. */
import { X509Certificate } from 'node:crypto'
import { type P256PublicJwk, parsePublicJwk } from '@chengxin/crypto'
import { equalBytes, isRefusal, type Json, type Refusal, refuse } from '@chengxin/kernel'

const maxLength = 4

export interface TrustedChain {
  readonly leaf: Uint8Array
  readonly key: P256PublicJwk
  readonly dnsNames: readonly string[]
}

export function x5cOf(chain: readonly Uint8Array[]): readonly string[] {
  return chain.map((der) => Buffer.from(der).toString('base64'))
}

/** The DNS names that a certificate is for, as they are written; wildcards stay as such and so match no host. */
export function dnsNamesOf(der: Uint8Array): readonly string[] {
  return namesOf(new X509Certificate(der))
}

function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []))
}

/**
 * The leaf of a chain that ends under one of the anchors. Refusals, in the order they are checked: `chain_malformed` (form, a
 * leaf that is no P-256 key's or is an authority's, an anchor inside, which HAIP forbids), `chain_untrusted`, `chain_not_in_force`.
 */
export function openChain(
  x5c: Json | undefined,
  anchors: readonly Uint8Array[],
  nowMs: number,
): TrustedChain | Refusal {
  const chain = readChain(x5c)
  const [leaf] = chain ?? []
  const isAnchor = ({ raw }: X509Certificate) => anchors.some((der) => equalBytes(raw, der))
  if (!chain || !leaf || leaf.ca || chain.some(isAnchor)) return refuse('chain_malformed')
  const { kty, crv, x, y } = leaf.publicKey.export({ format: 'jwk' })
  const key = parsePublicJwk({ kty, crv, x, y })
  if (isRefusal(key) || key.crv !== 'P-256') return refuse('chain_malformed')

  const trusted = anchors.map((der) => new X509Certificate(der))
  const path = pathTo(chain, trusted)
  if (path === undefined) return refuse('chain_untrusted')
  const isInForce = path.every(
    ({ validFrom, validTo }) => Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo),
  )
  if (!isInForce) return refuse('chain_not_in_force')
  return { leaf: new Uint8Array(leaf.raw), key, dnsNames: namesOf(leaf) }
}

/** The chain and the anchor above it, where every one signed the one before it. */
function pathTo(chain: readonly X509Certificate[], anchors: readonly X509Certificate[]) {
  const isAbove = (issuer: X509Certificate, subject: X509Certificate) =>
    issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  const holds = chain.slice(1).every((issuer, index) => isAbove(issuer, chain[index] as X509Certificate))
  if (!holds) return undefined
  const last = chain.at(-1) as X509Certificate
  const anchor = anchors.find((candidate) => isAbove(candidate, last))
  return anchor && [...chain, anchor]
}

function readChain(x5c: Json | undefined): readonly X509Certificate[] | undefined {
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > maxLength) return undefined
  const chain: X509Certificate[] = []
  for (const text of x5c as readonly Json[]) {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
    if (bytes === undefined || bytes.toString('base64') !== text) return undefined
    try {
      chain.push(new X509Certificate(bytes))
    } catch {
      return undefined
    }
  }
  return chain
}
