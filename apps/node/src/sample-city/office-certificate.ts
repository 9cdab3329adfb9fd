/**
 * X.509 certificates of the sample city's offices, under the city's authority. Made anew at each start, and the same each
 * time: wallets know an office by the hash of its certificate, and its registration on the ledger names that hash.
 */
import { type SampleName, sampleActor, samplePrivateKey } from '@chengxin/client'
import { issueCertificate, publicPart, sha256, signPortably } from '@chengxin/crypto'
import { toUtf8 } from '@chengxin/kernel'
import { sampleAuthority } from './genesis.ts'

const fromMs = Date.UTC(2026, 0, 1)
const untilMs = Date.UTC(2046, 0, 1)

/** DER, for the key of one of the cast and one domain. */
export function officeCertificate(name: SampleName, organizationName: string, domain: string): Uint8Array {
  const authorityKey = samplePrivateKey('certificate-authority', 'ES256')
  const serial = sha256(toUtf8(`sample city certificate of ${name} for ${domain}`)).slice(0, 16)
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return issueCertificate(
    {
      subject: { organizationName, commonName: domain },
      jwk: sampleActor(name).jwk,
      serial,
      notBeforeMs: fromMs,
      notAfterMs: untilMs,
      dnsNames: [domain],
    },
    {
      subject: sampleAuthority,
      jwk: publicPart(authorityKey),
      sign: (bytes) => signPortably(authorityKey, bytes),
    },
  )
}
