/**
 * Asks a certificate authority for an organisation's certificate: a PKCS #10 request (RFC 2986) without attributes. The
 * authority decides what it certifies; the request proves that whoever asks holds the key.
 */
import { fromHex } from '@chengxin/kernel'
import { type CertificateIssuer, signedDer, writeName } from './certificate-issue.ts'
import { writeInteger, writeSequence } from './der-write.ts'
import { spkiFromJwk } from './spki.ts'

/** The request's DER, signed with the key that it names. */
export function requestCertificate(subject: CertificateIssuer): Uint8Array {
  const version = writeInteger(Uint8Array.of(0))
  const noAttributes = fromHex('a000') as Uint8Array
  return signedDer(writeSequence(version, writeName(subject.subject), spkiFromJwk(subject.jwk), noAttributes), subject)
}
