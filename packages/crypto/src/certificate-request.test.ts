/** OpenSSL, which we did not write, reads the requests and certifies what they ask for. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBase64url, isRefusal } from '@chengxin/kernel'
import { afterAll, expect, test } from 'vitest'
import { parseCertificate, refuseCertificate } from './certificate.ts'
import { requestCertificate } from './certificate-request.ts'
import { publicPart } from './jwk.ts'
import { createSigner, createVerifier, generatePrivateJwk } from './node/index.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const directory = mkdtempSync(join(tmpdir(), 'chengxin-request-'))
afterAll(() => rmSync(directory, { recursive: true }))

const at = (name: string) => join(directory, name)
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
const derOf = (file: string) => Buffer.from(readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')

test.skipIf(!hasOpenssl).each(['ES256', 'EdDSA'] as const)('a request with %s is certified by openssl', (algorithm) => {
  const key = generatePrivateJwk(algorithm)
  const { jwk, sign } = createSigner(key)
  const subject = { organizationName: 'City University 城大', commonName: 'member_university' }
  writeFileSync(at('request.pem'), pem(requestCertificate({ subject, jwk, sign })))
  const request = openssl('req', '-in', at('request.pem'), '-noout', '-verify', '-subject', '-nameopt', 'utf8')
  expect(request).toContain('City University 城大')
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650'],
    ...['-subj', '/O=City/CN=City CA', '-keyout', at('ca.key'), '-out', at('ca.pem')],
    ...['-addext', 'keyUsage=critical,keyCertSign'],
  )
  writeFileSync(at('usage.cnf'), 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n')
  openssl(
    ...['x509', '-req', '-in', at('request.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'],
    ...['-days', '365', '-extfile', at('usage.cnf'), '-out', at('certificate.pem')],
  )
  const [certificate, ca] = [parseCertificate(derOf(at('certificate.pem'))), parseCertificate(derOf(at('ca.pem')))]
  if (isRefusal(certificate) || isRefusal(ca)) throw new Error(JSON.stringify([certificate, ca]))
  expect(certificate.subject).toMatchObject(subject)
  expect(certificate.jwk).toEqual(publicPart(key))
  const { verify } = createVerifier()
  expect(refuseCertificate({ certificate, ca, verify, atMs: Date.now() + 1_000 })).toBeUndefined()
})

test('a request is signed with the key that it names, and no other', () => {
  const [one, other] = [createSigner(generatePrivateJwk('EdDSA')), createSigner(generatePrivateJwk('EdDSA'))]
  const request = requestCertificate({ subject: { commonName: 'member_one' }, jwk: one.jwk, sign: one.sign })
  const signature = request.subarray(-64)
  // SEQUENCE and length, two bytes each, before what is signed; algorithm and BIT STRING header after it.
  const signed = request.subarray(3, request.length - 64 - 3 - 7)
  const verifier = createVerifier()
  expect(fromBase64url(one.jwk.x)).toHaveLength(32)
  expect(verifier.verify(one.jwk, signed, signature)).toBe(true)
  expect(verifier.verify(other.jwk, signed, signature)).toBe(false)
})
