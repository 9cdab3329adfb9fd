/** The X.509 certificate of an office: asked for with its key, taken only where the group's authority gave it for that very key. */
import { type Certificate, type PublicJwk, parseCertificate, refuseCertificate } from '@chengxin/crypto'
import { createVerifier } from '@chengxin/crypto/node'
import { canonicalize, fromBase64url, isRefusal } from '@chengxin/kernel'
import type { GenesisDocument } from '@chengxin/module-kit'
import { OfficesFault } from './offices-file.ts'

export interface ExpectedCertificate {
  readonly office: string
  readonly key: PublicJwk
  readonly domain: string
  readonly genesis: Pick<GenesisDocument, 'ca'>
  readonly atMs: number
}

/** DER of a PEM file's certificate. Throws `OfficesFault` where it is not this office's. */
export function readOfficeCertificate(pem: string, expected: ExpectedCertificate): Uint8Array {
  const { office, key, domain, genesis, atMs } = expected
  const fail = (sentence: string) => new OfficesFault(`The certificate of ${office} cannot be used: ${sentence}.`)
  const [, body] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem) ?? []
  if (body === undefined) throw fail('the file holds no certificate (PEM)')
  const der = new Uint8Array(Buffer.from(body, 'base64'))
  const [certificate, ca] = [parseCertificate(der), parseCertificate(fromBase64url(genesis.ca) ?? new Uint8Array())]
  if (isRefusal(certificate)) throw fail(certificate.refused)
  if (isRefusal(ca)) throw fail(`the authority's own is refused (${ca.refused})`)
  const { verify } = createVerifier()
  const refused = refuseCertificate({ certificate, ca, verify, atMs })
  if (refused !== undefined) throw fail(refused.refused)
  if (canonicalize(certificate.jwk) !== canonicalize(key)) throw fail('it is for another key')
  if (!isFor(certificate, domain)) throw fail(`it is not for the domain ${domain}`)
  return der
}

function isFor({ dnsNames }: Certificate, domain: string): boolean {
  return dnsNames.includes(domain)
}
