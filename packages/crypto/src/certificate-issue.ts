/**
 * Issues the X.509 certificates (RFC 5280) that certificate.ts lets in: an authority's own, and an organisation's under
 * it. For groups that run their authority themselves; a certificate of any other authority's making is as good.
 */
import { fromHex, toUtf8 } from '@chengxin/kernel'
import { derTags } from './der.ts'
import { writeBitString, writeDer, writeInteger, writeObjectIdentifier, writeSequence, writeText } from './der-write.ts'
import { algorithmOf, type PublicJwk } from './jwk.ts'
import { objectIdentifiers, spkiFromJwk } from './spki.ts'
import type { SignatureAlgorithm } from './strict-signature.ts'

export interface CertificateSubject {
  readonly commonName: string
  readonly organizationName?: string
}

export interface CertificateOrder {
  readonly subject: CertificateSubject
  readonly jwk: PublicJwk
  /** At most 20 bytes, and never the same twice under one issuer: 16 random ones will do. */
  readonly serial: Uint8Array
  /** Inclusive, milliseconds since 1970-01-01T00:00:00Z; rounded down to seconds. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Whether the certificate is an authority's, to sign others with, instead of an organisation's. */
  readonly isCa?: boolean
  /** Domains that the subject answers for (subjectAltName): what wallets hold an issuer's address against. */
  readonly dnsNames?: readonly string[]
}

export interface CertificateIssuer {
  readonly subject: CertificateSubject
  readonly jwk: PublicJwk
  /** Signs with that key: 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/** The certificate's DER. An authority's own is ordered from itself: the same subject and key on both sides. */
export function issueCertificate(order: CertificateOrder, issuer: CertificateIssuer): Uint8Array {
  const algorithm = algorithmOf(issuer.jwk)
  const tbs = writeSequence(
    fromHex('a003020102') as Uint8Array,
    writeInteger(order.serial),
    writeAlgorithm(algorithm),
    writeName(issuer.subject),
    writeSequence(writeTime(order.notBeforeMs), writeTime(order.notAfterMs)),
    writeName(order.subject),
    spkiFromJwk(order.jwk),
    writeExtensions(order.isCa ?? false, order.dnsNames ?? []),
  )
  return signedDer(tbs, issuer)
}

/** What was signed, by which algorithm, and the signature: the shape of certificates and of requests for them. */
export function signedDer(toSign: Uint8Array, { jwk, sign }: CertificateIssuer): Uint8Array {
  const algorithm = algorithmOf(jwk)
  const signature = sign(toSign)
  const signatureValue = algorithm === 'EdDSA' ? signature : ecdsaSignatureToDer(signature)
  return writeSequence(toSign, writeAlgorithm(algorithm), writeBitString(signatureValue))
}

function ecdsaSignatureToDer(signature: Uint8Array): Uint8Array {
  return writeSequence(writeInteger(signature.subarray(0, 32)), writeInteger(signature.subarray(32)))
}

function writeAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  const { ed25519, ecdsaWithSha256 } = objectIdentifiers
  return writeSequence(writeObjectIdentifier(algorithm === 'EdDSA' ? ed25519 : ecdsaWithSha256))
}

/** A distinguished name of at most an organisation and a common name. */
export function writeName({ commonName, organizationName }: CertificateSubject): Uint8Array {
  const part = (type: string, text: string) =>
    writeDer(derTags.set, writeSequence(writeObjectIdentifier(type), writeText(text)))
  const organization =
    organizationName === undefined ? [] : [part(objectIdentifiers.organizationName, organizationName)]
  return writeSequence(...organization, part(objectIdentifiers.commonName, commonName))
}

/**
 * Basic constraints and key usage, both critical: certificate signing for an authority, else digital signatures. Domains
 * are not critical: the subject has a name without them.
 */
function writeExtensions(isCa: boolean, dnsNames: readonly string[]): Uint8Array {
  const isTrue = writeDer(derTags.boolean, Uint8Array.of(0xff))
  const extension = (type: string, value: Uint8Array) =>
    writeSequence(writeObjectIdentifier(type), isTrue, writeDer(derTags.octetString, value))
  // A BIT STRING of named bits ends with its last 1, so the first byte counts the bits that are left over.
  const usage = isCa ? Uint8Array.of(2, 0x04) : Uint8Array.of(7, 0x80)
  const names = writeSequence(...dnsNames.map((name) => writeDer(derTags.dnsName, toUtf8(name))))
  const { subjectAltName } = objectIdentifiers
  const alternative = writeSequence(writeObjectIdentifier(subjectAltName), writeDer(derTags.octetString, names))
  const extensions = writeSequence(
    extension(objectIdentifiers.basicConstraints, isCa ? writeSequence(isTrue) : writeSequence()),
    extension(objectIdentifiers.keyUsage, writeDer(derTags.bitString, usage)),
    ...(dnsNames.length > 0 ? [alternative] : []),
  )
  return writeDer(0xa3, extensions)
}

function writeTime(atMs: number): Uint8Array {
  const { year, text } = calendarOf(Math.floor(atMs / 1000))
  if (year < 1950 || year > 9999) throw new Error(`A certificate cannot name the year ${year}.`)
  return year < 2050
    ? writeDer(derTags.utcTime, toUtf8(text.slice(2)))
    : writeDer(derTags.generalizedTime, toUtf8(text))
}

/** `YYYYMMDDhhmmssZ` of seconds since 1970. */
function calendarOf(seconds: number): { year: number; text: string } {
  // Days are counted in years that begin in March, so that the leap day is the last (H. Hinnant, chrono algorithms).
  const days = Math.floor(seconds / 86_400) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const inDay = seconds - Math.floor(seconds / 86_400) * 86_400
  const clock = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60]
  const text = [month, day, ...clock].map((part) => String(part).padStart(2, '0')).join('')
  return { year, text: `${String(year).padStart(4, '0')}${text}Z` }
}
