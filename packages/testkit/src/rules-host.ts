/** The host of rules as a node has it: native hashes and verification, real certificates. */
import { deriveDid, parseCertificate, refuseCertificate } from '@chengxin/crypto'
import { createVerifier, sha256 } from '@chengxin/crypto/node'
import { fromBase64url, isRefusal, refuse, type TimeMs, toBase64url } from '@chengxin/kernel'
import type { Host } from '@chengxin/module-kit'

export function rulesHost(chainId: string): Host {
  const { verify } = createVerifier()
  return {
    sha256,
    verifySignature: verify,
    deriveDid: (key) => deriveDid(sha256, chainId, key),
    checkCertificate(certificateText, caText, atMs) {
      const der = fromBase64url(certificateText)
      const certificate = der === undefined ? refuse('certificate_malformed') : parseCertificate(der)
      if (der === undefined || isRefusal(certificate)) return refuse('certificate_malformed')
      const ca = parseCertificate(fromBase64url(caText) as Uint8Array)
      if (isRefusal(ca)) return ca
      const refusal = refuseCertificate({ certificate, ca, verify, atMs })
      if (refusal) return refusal
      return {
        organisation: certificate.subject.organizationName ?? '',
        serial: certificate.serial,
        fingerprint: toBase64url(sha256(der)),
        notAfterMs: certificate.notAfterMs as TimeMs,
        publicKey: certificate.jwk,
      }
    },
  }
}
