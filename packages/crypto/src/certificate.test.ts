import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expectOk, fromBase64url, isRefusal, toHex } from '@chengxin/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Certificate, parseCertificate, refuseCertificate } from './certificate.ts'
import { type CertificateIssuer, type CertificateOrder, issueCertificate } from './certificate-issue.ts'
import { createSigner, generatePrivateJwk } from './node/sign.ts'
import { createVerifier } from './node/verify.ts'
import { refuseSignature } from './strict-signature.ts'

const path = new URL('../../../vectors/crypto/certificates.json', import.meta.url)
const { certificates } = JSON.parse(readFileSync(path, 'utf8')) as { certificates: Record<string, string> }
const { verify } = createVerifier()

const der = (name: string) => fromBase64url(certificates[name] as string) as Uint8Array
const parsed = (name: string) => expectOk(parseCertificate(der(name)))

/** OpenSSL's own reading of the same bytes. */
function opensslReading(bytes: Uint8Array) {
  const certificate = new X509Certificate(bytes)
  return {
    serial: certificate.serialNumber.toLowerCase().replace(/^0(?=.)/, ''),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    isCa: certificate.ca,
    key: certificate.publicKey.export({ format: 'jwk' }),
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1],
    organizationName: /^O=(.*)$/m.exec(certificate.subject)?.[1],
  }
}

function ourReading({ serial, notBeforeMs, notAfterMs, isCa, jwk, subject }: Certificate) {
  const { commonName, organizationName } = subject
  return { serial, notBeforeMs, notAfterMs, isCa, key: jwk, commonName, organizationName }
}

describe('certificates that OpenSSL made', () => {
  test.each(['ca', 'caed', 'leaf', 'leafed', 'mixed', 'subca', 'encrypt', 'nousage', 'many1'])(
    '%s is read as OpenSSL reads it',
    (name) => {
      expect(ourReading(parsed(name))).toEqual(opensslReading(der(name)))
    },
  )

  test('the organisation’s certificate says what it was made to say', () => {
    const leaf = parsed('leaf')
    expect(leaf.serial).toBe('1f')
    expect(leaf.subject.commonName).toBe('node1.university.example')
    expect(leaf.subject.organizationName).toBe('University of Example')
    expect(leaf.issuer.commonName).toBe('Group Root 城信')
    expect(leaf.keyUsage).toEqual({ digitalSignature: true, keyCertSign: false })
  })

  test.each<[string, string, string]>([
    ['RSA', 'rsa', 'certificate_key_not_allowed'],
    ['P-384', 'p384', 'certificate_key_not_allowed'],
    ['P-256 with its parameters spelled out', 'explicit', 'certificate_key_not_allowed'],
    ['SHA-384 for its signature', 'sha384', 'certificate_algorithm_not_allowed'],
    ['critical name constraints', 'constraints', 'certificate_extension_unknown'],
    ['two common names', 'twonames', 'certificate_malformed'],
  ])('one with %s is refused', (_case, name, code) => {
    expect(parseCertificate(der(name))).toEqual({ refused: code })
  })

  test('one of version 1 is refused', () => {
    expect(parseCertificate(der('v1'))).toEqual({ refused: 'certificate_malformed' })
  })

  test('signatures with a high s, which X.509 allows, are read as their low one', () => {
    const many = [1, 2, 3, 4, 5, 6].map((index) => parsed(`many${index}`))
    for (const certificate of many) {
      expect(refuseSignature('ES256', certificate.signature)).toBeUndefined()
      expect(
        refuseCertificate({ certificate, ca: parsed('ca'), verify, atMs: certificate.notBeforeMs }),
      ).toBeUndefined()
    }
    // The vectors were made so that some are high: a low s in DER never has a leading zero before it.
    const isHigh = [1, 2, 3, 4, 5, 6].some((index) => /022100[89a-f][0-9a-f]{63}$/.test(toHex(der(`many${index}`))))
    expect(isHigh).toBe(true)
  })
})

describe('verification against the group’s authority', () => {
  const [ca, leaf] = [parsed('ca'), parsed('leaf')]
  const year = 365 * 86_400_000

  test.each<[string, string]>([
    ['leaf', 'ca'],
    ['leafed', 'caed'],
    ['mixed', 'caed'],
    ['nousage', 'ca'],
  ])('%s holds under %s from its first to its last millisecond', (name, authority) => {
    const [certificate, issuer] = [parsed(name), parsed(authority)]
    for (const atMs of [certificate.notBeforeMs, Math.min(certificate.notAfterMs, issuer.notAfterMs)]) {
      expect(refuseCertificate({ certificate, ca: issuer, verify, atMs })).toBeUndefined()
    }
  })

  test.each<[string, string, string, number, string]>([
    ['of an authority of another name', 'leafed', 'ca', 0, 'certificate_of_other_issuer'],
    ['of another authority of the same name', 'byother', 'ca', 0, 'certificate_signature_invalid'],
    ['signed by an organisation', 'bysub', 'leaf', 0, 'certificate_issuer_not_ca'],
    ['of a lower authority', 'subca', 'ca', 0, 'certificate_not_for_signing'],
    ['of the authority itself', 'ca', 'ca', 0, 'certificate_not_for_signing'],
    ['for key agreement', 'encrypt', 'ca', 0, 'certificate_not_for_signing'],
    ['too early', 'leaf', 'ca', -1, 'certificate_not_yet_valid'],
    ['too late', 'leaf', 'ca', year + 1000, 'certificate_expired'],
    ['after its authority', 'nousage', 'ca', 101 * year, 'certificate_expired'],
  ])('a certificate %s is refused', (_case, name, authority, afterMs, code) => {
    const certificate = parsed(name)
    const atMs = certificate.notBeforeMs + afterMs
    expect(refuseCertificate({ certificate, ca: parsed(authority), verify, atMs })).toEqual({ refused: code })
  })

  test('an authority’s key of the other algorithm does not verify', () => {
    const edwards = { ...ca, jwk: parsed('caed').jwk }
    const refused = refuseCertificate({ certificate: leaf, ca: edwards, verify, atMs: leaf.notBeforeMs })
    expect(refused).toEqual({ refused: 'certificate_signature_invalid' })
  })

  test('no byte of a certificate can be changed', () => {
    const bytes = der('leaf')
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [0x01, 0x80]) {
        const changed = bytes.slice()
        changed[at] = (changed[at] as number) ^ mask
        const certificate = parseCertificate(changed)
        if (isRefusal(certificate)) continue
        expect(isRefusal(refuseCertificate({ certificate, ca, verify, atMs: leaf.notBeforeMs }))).toBe(true)
      }
    }
  })

  test('nor cut, nor lengthened', () => {
    const bytes = der('leaf')
    for (let end = 0; end < bytes.length; end++) {
      expect(parseCertificate(bytes.slice(0, end))).toEqual({ refused: 'certificate_malformed' })
    }
    expect(parseCertificate(Uint8Array.of(...bytes, 0))).toEqual({ refused: 'certificate_malformed' })
    expect(parseCertificate(new Uint8Array(8 * 1024 + 1))).toEqual({ refused: 'certificate_too_large' })
  })

  test('bytes at random give a refusal, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(isRefusal(parseCertificate(bytes))).toBe(true)
      }),
    )
  })
})

describe('certificates that we issue', () => {
  const issuerOf = (algorithm: 'EdDSA' | 'ES256'): CertificateIssuer => ({
    subject: { commonName: 'Group Root', organizationName: 'City 城信' },
    ...createSigner(generatePrivateJwk(algorithm)),
  })
  const dayMs = 86_400_000

  test.each(['EdDSA', 'ES256'] as const)('by a key of %s verify here and with OpenSSL', (algorithm) => {
    const issuer = issuerOf(algorithm)
    const [notBeforeMs, notAfterMs] = [1_900_000_000_000, 1_900_000_000_000 + 365 * dayMs]
    const order = (change: Partial<CertificateOrder>): Uint8Array =>
      issueCertificate(
        {
          subject: { commonName: 'node.example', organizationName: 'Bureau' },
          jwk: createSigner(generatePrivateJwk('ES256')).jwk,
          serial: Uint8Array.of(0, 0x80, 1),
          notBeforeMs,
          notAfterMs,
          ...change,
        },
        issuer,
      )
    const caDer = order({ subject: issuer.subject, jwk: issuer.jwk, isCa: true })
    const leafDer = order({})
    const [ca, leaf] = [expectOk(parseCertificate(caDer)), expectOk(parseCertificate(leafDer))]
    expect(refuseCertificate({ certificate: leaf, ca, verify, atMs: notBeforeMs })).toBeUndefined()
    for (const [certificate, bytes] of [[ca, caDer] as const, [leaf, leafDer] as const]) {
      expect(ourReading(certificate)).toEqual(opensslReading(bytes))
    }
    const [openCa, openLeaf] = [new X509Certificate(caDer), new X509Certificate(leafDer)]
    expect(openLeaf.checkIssued(openCa)).toBe(true)
    expect(openLeaf.verify(openCa.publicKey)).toBe(true)
    expect(openCa.verify(openCa.publicKey)).toBe(true)
    expect([leaf.notBeforeMs, leaf.notAfterMs, leaf.serial]).toEqual([notBeforeMs, notAfterMs, '8001'])
  })

  test('for any time between 1950 and 9999 say that time', () => {
    const issuer = issuerOf('EdDSA')
    const seconds = fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    fc.assert(
      fc.property(seconds, seconds, (one, other) => {
        const [notBeforeMs, notAfterMs] = [Math.min(one, other) * 1000, Math.max(one, other) * 1000]
        const { subject, jwk } = issuer
        const bytes = issueCertificate({ subject, jwk, serial: Uint8Array.of(1), notBeforeMs, notAfterMs }, issuer)
        const certificate = expectOk(parseCertificate(bytes))
        expect([certificate.notBeforeMs, certificate.notAfterMs]).toEqual([notBeforeMs, notAfterMs])
        expect(Date.parse(new X509Certificate(bytes).validTo)).toBe(notAfterMs)
      }),
      { examples: [[Date.UTC(2000, 1, 29) / 1000, Date.UTC(2100, 1, 28, 23, 59, 59) / 1000]] },
    )
  })
})
