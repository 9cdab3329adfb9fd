import { sha256 } from '@chengxin/crypto'
import { toBase64url, toUtf8 } from '@chengxin/kernel'
import { signJws } from '@chengxin/testkit/certificate-city'
import { holder, nowMs, scene, thief } from '@chengxin/testkit/certificate-scene'
import { expect, test } from 'vitest'
import { auditFile } from './audit-file.ts'
import { printedType } from './printed.ts'

const good = scene()
const nowSeconds = nowMs / 1000
const payload = { iat: nowSeconds - 3600, exp: nowSeconds + 3600, recipient: 'Transport Bureau' }

/** The good certificate as it is printed, by its holder if nobody else is named. */
function printed(change: object = {}, by = holder, header: object = {}): string {
  const hash = toBase64url(sha256(toUtf8(good.text)))
  const named = { alg: 'ES256', typ: printedType, ...header }
  return good.text + signJws(named, { ...payload, sd_hash: hash, ...change }, by)
}

const expected = { presentation: { audience: 'v', nonce: 'n' } }

test.each<[string, string, string, string, object?]>([
  ['as it is', printed(), 'valid', 'holder_printed'],
  ['for nobody named', printed({ recipient: undefined }), 'valid', 'holder_printed'],
  ['past its end', printed({ exp: nowSeconds }), 'not_valid', 'holder_print_expired'],
  ['printed later than now', printed({ iat: nowSeconds + 120 }), 'not_valid', 'holder_proof_from_future'],
  ['for somebody, by another key', printed({}, thief), 'not_valid', 'holder_signature_invalid'],
  ['of another certificate', printed({ sd_hash: 'A'.repeat(43) }), 'not_valid', 'holder_other_presentation'],
  ['without an end', printed({ exp: undefined }), 'not_valid', 'holder_proof_malformed'],
  ['for a number', printed({ recipient: 7 }), 'not_valid', 'holder_proof_malformed'],
  [
    'under another algorithm’s name',
    printed({}, holder, { alg: 'EdDSA' }),
    'not_valid',
    'holder_algorithm_not_allowed',
  ],
  ['to a verifier that asks for the holder', printed(), 'not_valid', 'holder_missing', expected],
  [
    'as a live presentation',
    printed({ aud: 'v', nonce: 'n', iat: nowSeconds }, holder, { typ: 'kb+jwt' }),
    'valid',
    'none',
    expected,
  ],
])('a printed form %s', async (_case, text, verdict, code, expects) => {
  const { bundle, pins } = good
  const report = await auditFile(text, { bundle, pins, nowMs, ...(expects && { expected: expects }) })
  const check = report.checks.find(({ name }) => name === 'holder')
  expect([report.verdict, check?.code ?? 'none']).toEqual([verdict, code])
})

test('whoever reads it sees for whom it was printed, and until when', async () => {
  const { bundle, pins } = good
  const report = await auditFile(printed(), { bundle, pins, nowMs })
  expect(report.nextStep).toBe('accept_as_copy')
  expect(report.checks.find(({ name }) => name === 'holder')?.facts).toEqual({
    printedAtMs: nowMs - 3_600_000,
    untilMs: nowMs + 3_600_000,
    recipient: 'Transport Bureau',
  })
})
