import { X509Certificate } from 'node:crypto'
import { generatePrivateJwk } from '@chengxin/crypto/node'
import { expect, test } from 'vitest'
import { issueCertificate, type P256PrivateJwk } from './issue-certificate.ts'

const authority = { organisation: 'Sample City', commonName: 'Sample City Authority' }
const subject = { organisation: '示例大學', commonName: 'member_university' }
const authorityKey = generatePrivateJwk('ES256') as P256PrivateJwk
const subjectKey = generatePrivateJwk('ES256') as P256PrivateJwk
const day = 86_400_000
const now = Date.now()

function issue(overrides: Partial<Parameters<typeof issueCertificate>[0]> = {}): Uint8Array {
  return issueCertificate({
    subject,
    subjectKey,
    issuer: authority,
    issuerKey: authorityKey,
    fromMs: now - day,
    untilMs: now + day,
    isAuthority: false,
    ...overrides,
  })
}

const ca = () => issue({ subject: authority, subjectKey: authorityKey, isAuthority: true })

test('OpenSSL reads what was written, and checks it against the authority', () => {
  const [root, leaf] = [new X509Certificate(ca()), new X509Certificate(issue())]
  expect(root.ca).toBe(true)
  expect(leaf.ca).toBe(false)
  expect(leaf.subject).toBe('O=示例大學\nCN=member_university')
  expect(leaf.checkIssued(root)).toBe(true)
  expect(leaf.verify(root.publicKey)).toBe(true)
  expect(leaf.publicKey.export({ format: 'jwk' })).toMatchObject({ x: subjectKey.x, y: subjectKey.y })
  expect(leaf.verify(leaf.publicKey)).toBe(false)
})

test('times keep their second on both sides of 2050', () => {
  for (const untilMs of [Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0, 1), Date.UTC(2150, 5, 4, 3, 2, 1)]) {
    expect(Date.parse(new X509Certificate(issue({ untilMs })).validTo)).toBe(untilMs)
  }
})
