/** Chains of X.509 certificates as `x5c` carries them (RFC 7515 section 4.1.6): plain base64 of DER, the leaf first. */
import { webPlatform } from '@chengxin/audit'
import { type Certificate, fromBase64, type P256PublicJwk, parseCertificate } from '@chengxin/crypto'
import { equalBytes, isRefusal, type Json, type Refusal, refuse } from '@chengxin/kernel'

const maxLength = 4

export interface TrustedChain {
  readonly leaf: Uint8Array
  readonly key: P256PublicJwk
  readonly dnsNames: readonly string[]
}

interface Link {
  readonly der: Uint8Array
  readonly certificate: Certificate
}

/**
 * The leaf of a chain that ends under one of the anchors. Refusals, in the order they are checked: `chain_malformed` (form, a
 * leaf that is no P-256 key's or is an authority's, an anchor inside, which HAIP forbids), `chain_untrusted`, `chain_not_in_force`.
 */
export async function openChain(
  x5c: Json | undefined,
  anchors: readonly Uint8Array[],
  nowMs: number,
): Promise<TrustedChain | Refusal> {
  const chain = readChain(x5c)
  const [leaf] = chain ?? []
  const hasAnchor = chain?.some(({ der }) => anchors.some((anchor) => equalBytes(der, anchor)))
  if (!chain || !leaf || leaf.certificate.isCa || hasAnchor) return refuse('chain_malformed')
  const { jwk, dnsNames } = leaf.certificate
  if (jwk.crv !== 'P-256') return refuse('chain_malformed')

  const path = await pathTo(chain, anchors)
  if (path === undefined) return refuse('chain_untrusted')
  const isInForce = path.every(({ notBeforeMs, notAfterMs }) => notBeforeMs <= nowMs && nowMs < notAfterMs)
  return isInForce ? { leaf: leaf.der, key: jwk, dnsNames } : refuse('chain_not_in_force')
}

/** The chain and the anchor above it, where every one signed the one before it. */
async function pathTo(
  chain: readonly Link[],
  anchors: readonly Uint8Array[],
): Promise<readonly Certificate[] | undefined> {
  const certificates = chain.map(({ certificate }) => certificate)
  for (const [index, issuer] of certificates.slice(1).entries()) {
    if (!(await isAbove(issuer, certificates[index] as Certificate))) return undefined
  }
  const last = certificates.at(-1) as Certificate
  for (const der of anchors) {
    const anchor = parseCertificate(der)
    if (!isRefusal(anchor) && (await isAbove(anchor, last))) return [...certificates, anchor]
  }
  return undefined
}

async function isAbove(issuer: Certificate, subject: Certificate): Promise<boolean> {
  const mayIssue = issuer.isCa && issuer.keyUsage?.keyCertSign !== false
  const isNamed = equalBytes(subject.issuer.encoded, issuer.subject.encoded)
  const isAlgorithmOfKey = (subject.signatureAlgorithm === 'EdDSA') === (issuer.jwk.crv === 'Ed25519')
  if (!mayIssue || !isNamed || !isAlgorithmOfKey) return false
  return webPlatform.verify(issuer.jwk, subject.signedBytes, subject.signature)
}

function readChain(x5c: Json | undefined): readonly Link[] | undefined {
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > maxLength) return undefined
  const chain: Link[] = []
  for (const text of x5c as readonly Json[]) {
    const der = typeof text === 'string' ? fromBase64(text) : undefined
    const certificate = der && parseCertificate(der)
    if (der === undefined || certificate === undefined || isRefusal(certificate)) return undefined
    chain.push({ der, certificate })
  }
  return chain
}
