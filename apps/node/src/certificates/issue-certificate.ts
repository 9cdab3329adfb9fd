/**
 * X.509 v3 certificates (RFC 5280) with P-256 keys, signed with ecdsa-with-SHA256 (RFC 5758): a group's authority and the
 * organisations that it names. A real city brings certificates of its own authority; these found the sample city.
 */
import { randomBytes } from 'node:crypto'
import type { P256PublicJwk, PrivateJwk } from '@chengxin/crypto'
import { createSigner, sha256 } from '@chengxin/crypto/node'
import { concatBytes, fromBase64url } from '@chengxin/kernel'
import { bits, element, explicit, octets, oid, sequence, set, time, truth, unsigned, utf8 } from './der.ts'

export interface Named {
  readonly organisation: string
  readonly commonName: string
}

export interface CertificateRequest {
  readonly subject: Named
  readonly subjectKey: P256PublicJwk
  readonly issuer: Named
  readonly issuerKey: P256PrivateJwk
  readonly fromMs: number
  readonly untilMs: number
  /** Whether the subject may itself sign certificates; only a group's authority. */
  readonly isAuthority: boolean
}

export type P256PrivateJwk = Extract<PrivateJwk, { readonly crv: 'P-256' }>

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const p256Key = sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'))

/** The certificate in DER. */
export function issueCertificate(request: CertificateRequest): Uint8Array {
  const { subject, subjectKey, issuer, issuerKey, fromMs, untilMs } = request
  const toBeSigned = sequence(
    explicit(0, unsigned(Uint8Array.of(2))),
    unsigned(serialNumber()),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time(fromMs), time(untilMs)),
    nameOf(subject),
    sequence(p256Key, bits(pointOf(subjectKey))),
    explicit(3, sequence(...extensionsOf(request))),
  )
  const signature = createSigner(issuerKey).sign(toBeSigned)
  const pair = sequence(unsigned(signature.subarray(0, 32)), unsigned(signature.subarray(32)))
  return sequence(toBeSigned, ecdsaWithSha256, bits(pair))
}

/** Sixteen random bytes, the first neither zero nor negative, so that the length never varies. */
function serialNumber(): Uint8Array {
  const serial = new Uint8Array(randomBytes(16))
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}

function nameOf({ organisation, commonName }: Named): Uint8Array {
  return sequence(attribute('2.5.4.10', organisation), attribute('2.5.4.3', commonName))
}

function attribute(type: string, value: string): Uint8Array {
  return set(sequence(oid(type), utf8(value)))
}

function extensionsOf({ subjectKey, issuerKey, isAuthority }: CertificateRequest): Uint8Array[] {
  // Bits count from the left: digitalSignature is the first, keyCertSign and cRLSign the sixth and seventh.
  const usage = isAuthority ? bits(Uint8Array.of(0x06), 1) : bits(Uint8Array.of(0x80), 7)
  const constraints = isAuthority ? sequence(truth(), unsigned(Uint8Array.of(0))) : sequence()
  return [
    sequence(oid('2.5.29.19'), truth(), octets(constraints)),
    sequence(oid('2.5.29.15'), truth(), octets(usage)),
    sequence(oid('2.5.29.14'), octets(octets(keyIdOf(subjectKey)))),
    sequence(oid('2.5.29.35'), octets(sequence(element(0x80, keyIdOf(issuerKey))))),
  ]
}

/** The leftmost 160 bits of SHA-256 of the key's bits (RFC 7093, method 1). */
function keyIdOf(key: P256PublicJwk): Uint8Array {
  return sha256(pointOf(key)).slice(0, 20)
}

function pointOf({ x, y }: P256PublicJwk): Uint8Array {
  const [left, right] = [fromBase64url(x), fromBase64url(y)]
  if (!left || !right) throw new Error('The key of a certificate is malformed.')
  return concatBytes(Uint8Array.of(4), left, right)
}
