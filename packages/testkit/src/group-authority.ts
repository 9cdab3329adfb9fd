/** The certificate authority of the test city, and X.509 certificates as it gives them to issuers. */
import { issueCertificate, type PublicJwk, privateJwkFrom, publicPart, sha256, signPortably } from '@chengxin/crypto'
import { toUtf8 } from '@chengxin/kernel'

const subject = { organizationName: 'Test city', commonName: 'Test city authority' }
const yearMs = 365 * 86_400_000
/** Long before and long after any clock of a test, the machine's own among them. */
const fromMs = Date.UTC(2020, 0, 1)
const untilMs = fromMs + 100 * yearMs

function authorityNamed(name: string) {
  const privateJwk = privateJwkFrom('ES256', sha256(toUtf8(`test authority ${name}`)))
  return { subject, jwk: publicPart(privateJwk), sign: (bytes: Uint8Array) => signPortably(privateJwk, bytes) }
}

/** DER of the authority's own certificate: what the genesis names. */
export const authorityDer = issueCertificate(
  {
    subject,
    jwk: authorityNamed('own').jwk,
    serial: Uint8Array.of(1),
    notBeforeMs: fromMs,
    notAfterMs: untilMs,
    isCa: true,
  },
  authorityNamed('own'),
)

export interface X509Change {
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  readonly dnsNames?: readonly string[]
  /** Signs with another authority's key, under the same name. */
  readonly byOther?: boolean
}

/** DER of an issuer's certificate: for this key, on the domain of the test city's university. */
export function x509Of(jwk: PublicJwk, { byOther = false, ...change }: X509Change = {}): Uint8Array {
  return issueCertificate(
    {
      subject: { organizationName: 'Example University', commonName: 'university.example' },
      jwk,
      serial: Uint8Array.of(0x2a),
      notBeforeMs: fromMs,
      notAfterMs: untilMs,
      dnsNames: ['university.example'],
      ...change,
    },
    authorityNamed(byOther ? 'other' : 'own'),
  )
}
