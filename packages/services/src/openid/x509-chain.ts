/** Chains of X.509 certificates as `x5c` carries them (RFC 7515 section 4.1.6): plain base64 of DER, the leaf first. */
import { X509Certificate } from 'node:crypto'

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
