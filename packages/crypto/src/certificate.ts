/**
 * X.509 v3 certificates (RFC 5280), read to the extent that a group needs to let an organisation in: names, validity,
 * a P-256 or Ed25519 key, and whether it may issue. It runs in agreed execution, so there is no clock, no platform
 * parser and no leniency: one spelling (DER), 8 KiB at most, and a critical extension that we do not know is refused.
 */
import { equalBytes, fromUtf8, isRefusal, type Refusal, refuse, toHex } from '@chengxin/kernel'
import {
  type DerValue,
  derTags,
  isObjectIdentifier,
  readBitString,
  readDer,
  readInteger,
  readOne,
  readSequence,
} from './der.ts'
import { type DistinguishedName, readName, readTime } from './der-fields.ts'
import { ecdsaSignatureFromDer } from './ecdsa-der.ts'
import type { PublicJwk } from './jwk.ts'
import { jwkFromSpki, objectIdentifiers } from './spki.ts'
import type { SignatureAlgorithm } from './strict-signature.ts'
import type { VerifySignature } from './verify.ts'

export interface Certificate {
  /** Lower-case hexadecimal, no leading zeros. */
  readonly serial: string
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** Inclusive bounds, milliseconds since 1970-01-01T00:00:00Z. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly jwk: PublicJwk
  /** Whether basic constraints say that it is a certificate authority's. */
  readonly isCa: boolean
  /** What the key may do, if the certificate says so; otherwise nothing is ruled out. */
  readonly keyUsage?: { readonly digitalSignature: boolean; readonly keyCertSign: boolean }
  /** Domains by its subjectAltName, as they are written; none where it names none that can be read. */
  readonly dnsNames: readonly string[]
  readonly signatureAlgorithm: SignatureAlgorithm
  /** What the issuer signed, and its signature, 64 bytes with a low s. */
  readonly signedBytes: Uint8Array
  readonly signature: Uint8Array
}

const maxBytes = 8 * 1024
const malformed = refuse('certificate_malformed')

/**
 * What a certificate says, its signature unverified. Refusals, in the order they are checked: `certificate_too_large`,
 * `certificate_malformed`, `certificate_algorithm_not_allowed` (not ECDSA with SHA-256 or Ed25519),
 * `certificate_key_not_allowed` (not P-256 or Ed25519, or no proper point), `certificate_extension_unknown`.
 */
export function parseCertificate(der: Uint8Array): Certificate | Refusal {
  if (der.length > maxBytes) return refuse('certificate_too_large')
  const [tbs, algorithm, signatureValue, ...rest] = readSequence(der) ?? []
  const signatureBits = signatureValue && readBitString(signatureValue)
  if (!tbs || !algorithm || !signatureBits || tbs.tag !== derTags.sequence || rest.length > 0) return malformed
  const body = readBody(tbs)
  if (!body) return malformed
  if (!equalBytes(body.algorithm.encoded, algorithm.encoded)) return malformed

  const signatureAlgorithm = readAlgorithm(algorithm)
  if (!signatureAlgorithm) return refuse('certificate_algorithm_not_allowed')
  const signature = signatureAlgorithm === 'EdDSA' ? signatureBits : ecdsaSignatureFromDer(signatureBits)
  if (signature?.length !== 64) return malformed
  const jwk = jwkFromSpki(body.spki.encoded)
  if (isRefusal(jwk)) return refuse('certificate_key_not_allowed')
  const extensions = readExtensions(body.extensions)
  if (isRefusal(extensions)) return extensions

  const { serial, issuer, subject, notBeforeMs, notAfterMs } = body
  const signed = { signatureAlgorithm, signedBytes: tbs.encoded, signature }
  return { serial, issuer, subject, notBeforeMs, notAfterMs, jwk, ...extensions, ...signed }
}

interface Body {
  readonly serial: string
  readonly algorithm: DerValue
  readonly issuer: DistinguishedName
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly subject: DistinguishedName
  readonly spki: DerValue
  /** The content of the extensions' explicit tag. */
  readonly extensions: Uint8Array
}

/** The fields of a TBSCertificate (RFC 5280 section 4.1) of version 3 without unique identifiers. */
function readBody(tbs: DerValue): Body | undefined {
  const fields = readDer(tbs.content)
  if (fields?.length !== 8) return undefined
  const [version, serialNumber, algorithm, issuerName, validity, subjectName, spki, extensions] = fields as [
    DerValue,
    DerValue,
    DerValue,
    DerValue,
    DerValue,
    DerValue,
    DerValue,
    DerValue,
  ]
  if (toHex(version.encoded) !== 'a003020102' || extensions.tag !== 0xa3) return undefined
  const serial = readInteger(serialNumber)
  const [issuer, subject] = [readName(issuerName), readName(subjectName)]
  const times = validity.tag === derTags.sequence ? readDer(validity.content)?.map(readTime) : undefined
  if (!serial || serial.length > 20 || !issuer || !subject || times?.length !== 2) return undefined
  const [notBeforeMs, notAfterMs] = times
  if (notBeforeMs === undefined || notAfterMs === undefined || notBeforeMs > notAfterMs) return undefined
  const serialHex = toHex(serial).replace(/^0(?=.)/, '')
  return {
    serial: serialHex,
    algorithm,
    issuer,
    notBeforeMs,
    notAfterMs,
    subject,
    spki,
    extensions: extensions.content,
  }
}

function readAlgorithm({ tag, content }: DerValue): SignatureAlgorithm | undefined {
  const parts = tag === derTags.sequence ? readDer(content) : undefined
  if (parts?.length !== 1) return undefined
  if (isObjectIdentifier(parts[0], objectIdentifiers.ecdsaWithSha256)) return 'ES256'
  return isObjectIdentifier(parts[0], objectIdentifiers.ed25519) ? 'EdDSA' : undefined
}

type Extensions = Pick<Certificate, 'isCa' | 'keyUsage' | 'dnsNames'>

function readExtensions(content: Uint8Array): Extensions | Refusal {
  const extensions = readSequence(content)
  if (!extensions || extensions.length === 0) return malformed
  const seen = new Set<string>()
  let isCa = false
  let keyUsage: Extensions['keyUsage']
  let dnsNames: readonly string[] = []
  for (const extension of extensions) {
    const parts = extension.tag === derTags.sequence ? readDer(extension.content) : undefined
    const [identifier, second, third] = parts ?? []
    const isCritical = second?.tag === derTags.boolean
    const value = isCritical ? third : second
    if (identifier?.tag !== derTags.objectIdentifier || value?.tag !== derTags.octetString) return malformed
    // DER leaves a default out, so a written criticality is TRUE, and TRUE is 0xff.
    if (parts?.length !== (isCritical ? 3 : 2) || (isCritical && !isTrue(second))) return malformed
    const name = toHex(identifier.content)
    if (seen.has(name)) return malformed
    seen.add(name)

    if (name === objectIdentifiers.basicConstraints) {
      const constraint = readBasicConstraints(value.content)
      if (constraint === undefined) return malformed
      isCa = constraint
    } else if (name === objectIdentifiers.keyUsage) {
      keyUsage = readKeyUsage(value.content)
      if (!keyUsage) return malformed
    } else if (isCritical) return refuse('certificate_extension_unknown')
    else if (name === objectIdentifiers.subjectAltName) dnsNames = readDnsNames(value.content)
  }
  return { isCa, ...(keyUsage && { keyUsage }), dnsNames }
}

/** Whether the holder is an authority; a limit on the path below it says nothing where paths have one step. */
function readBasicConstraints(content: Uint8Array): boolean | undefined {
  const parts = readSequence(content)
  if (!parts || parts.length > 2) return undefined
  if (parts.length === 0) return false
  const [ca, pathLength] = parts
  if (!isTrue(ca) || (pathLength && !readInteger(pathLength))) return undefined
  return true
}

/** The named bits of RFC 5280 section 4.2.1.3 that matter here: digitalSignature is the first, keyCertSign the sixth. */
function readKeyUsage(content: Uint8Array): Extensions['keyUsage'] | undefined {
  const bits = readOne(content, derTags.bitString)?.content
  if (!bits || bits.length < 2 || bits.length > 3 || (bits[0] as number) > 7) return undefined
  const first = bits[1] as number
  return { digitalSignature: (first & 0x80) !== 0, keyCertSign: (first & 0x04) !== 0 }
}

/** No refusal here: members agreed to certificates before anybody read their domains. */
function readDnsNames(content: Uint8Array): readonly string[] {
  const names = readSequence(content) ?? []
  return names.flatMap(({ tag, content: bytes }) => (tag === derTags.dnsName ? (fromUtf8(bytes) ?? []) : []))
}

function isTrue(value: DerValue | undefined): boolean {
  return value?.tag === derTags.boolean && value.content.length === 1 && value.content[0] === 0xff
}

export interface CertificateCheck {
  readonly certificate: Certificate
  /** The group's authority; it is trusted because the group named it, so its own signature is not looked at. */
  readonly ca: Certificate
  readonly verify: VerifySignature
  readonly atMs: number
}

/**
 * Whether the authority issued this certificate for an organisation's signing key and both are valid at that time:
 * `undefined`, or the first refusal that applies, in this order: `certificate_of_other_issuer`,
 * `certificate_issuer_not_ca`, `certificate_not_for_signing` (an authority's own, or not for digital signatures),
 * `certificate_not_yet_valid`, `certificate_expired`, `certificate_signature_invalid`.
 */
export function refuseCertificate({ certificate, ca, verify, atMs }: CertificateCheck): Refusal | undefined {
  if (!equalBytes(certificate.issuer.encoded, ca.subject.encoded)) return refuse('certificate_of_other_issuer')
  if (!ca.isCa || ca.keyUsage?.keyCertSign === false) return refuse('certificate_issuer_not_ca')
  if (certificate.isCa || certificate.keyUsage?.digitalSignature === false) return refuse('certificate_not_for_signing')
  if (atMs < certificate.notBeforeMs || atMs < ca.notBeforeMs) return refuse('certificate_not_yet_valid')
  if (atMs > certificate.notAfterMs || atMs > ca.notAfterMs) return refuse('certificate_expired')
  const isAlgorithmOfKey = (certificate.signatureAlgorithm === 'EdDSA') === (ca.jwk.crv === 'Ed25519')
  if (!isAlgorithmOfKey || !verify(ca.jwk, certificate.signedBytes, certificate.signature)) {
    return refuse('certificate_signature_invalid')
  }
  return undefined
}
