import { sha256 } from '@chengxin/crypto'
import { canonicalize, type JsonObject, toBase64url, toUtf8 } from '@chengxin/kernel'
import { altered, nowMs, type Payload, type Scene, scene, withholding } from '@chengxin/testkit/certificate-scene'
import { expect, test } from 'vitest'
import { auditFile } from './audit-file.ts'
import { integrityOf } from './type-rules.ts'

const audit = ({ text, bundle, pins }: Scene) => auditFile(text, { bundle, pins, nowMs })
const codeOf = async (made: Scene) => (await audit(made)).checks.find(({ name }) => name === 'template')?.code ?? 'none'

const good = scene()
const [type] = good.city.bundlePayload().types as [Payload['types'][number]]
const own = integrityOf(type.displayHash)
const other = integrityOf(toBase64url(sha256(toUtf8('another template'))))
const naming = (integrity: string) => scene({ payload: { 'vct#integrity': integrity } })

/** The type with more said in its display, and the hash of all of it. */
function withDisplay(change: JsonObject) {
  const display = { ...(type.display as JsonObject), ...change }
  const displayHash = toBase64url(sha256(toUtf8(canonicalize(display))))
  return (payload: Payload) => ({ ...payload, types: payload.types.map((each) => ({ ...each, display, displayHash })) })
}

test.each<[string, string, string, () => Scene]>([
  ['no template named', 'valid', 'template_not_stated', () => good],
  ['the template of the ledger named', 'valid', 'none', () => naming(own)],
  ['another template named', 'not_valid', 'template_swapped', () => naming(other)],
  [
    'a template named in another spelling',
    'not_valid',
    'template_swapped',
    () => naming(own.replace('sha256-', 'SHA256-')),
  ],
  [
    'a type that the bundle does not show',
    'not_valid',
    'template_not_listed',
    () => scene({}, (payload) => ({ ...payload, types: [] })),
  ],
])('%s: %s, %s', async (_case, verdict, code, make) => {
  const made = make()
  expect(await codeOf(made)).toBe(code)
  expect((await audit(made)).verdict).toBe(verdict)
})

test('a template that is named after the anchoring, under the issuer’s key, is found out', async () => {
  const text = altered(good.text, { 'vct#integrity': own }, good.city.issuer)
  const report = await audit({ ...good, text })
  expect(report.verdict).toBe('not_valid')
  expect(report.checks.find(({ name }) => name === 'anchor')?.code).toBe('anchor_mismatch')
})

test('a bundle that shows a type otherwise than its hash says is no bundle', async () => {
  const display = { en: { name: 'Certificate of nothing', claims: {} } }
  const swapped = scene({}, (payload) => ({ ...payload, types: payload.types.map((each) => ({ ...each, display })) }))
  const report = await audit(swapped)
  expect(report).toMatchObject({ verdict: 'undecided', nextStep: 'get_right_bundle' })
  expect(report.checks.find(({ name }) => name === 'bundle')?.code).toBe('bundle_malformed')
})

const unanchored = (policy: JsonObject) => {
  const made = scene({}, withDisplay({ policy }))
  return { ...made, text: withholding(made.text, (name) => name !== 'anchor') }
}
const anchorCodes = ['anchor_missing', 'receipt_missing', 'issuer_time_unknown']

test.each<[string, string, string, () => Scene]>([
  ['all that was left out is tolerated', 'valid', 'accept_by_policy', () => unanchored({ tolerated: anchorCodes })],
  [
    'one of it is not',
    'undecided',
    'ask_for_whole_certificate',
    () => unanchored({ tolerated: anchorCodes.slice(0, 2) }),
  ],
  ['the policy is none', 'undecided', 'ask_for_whole_certificate', () => unanchored({ tolerated: 'everything' })],
  [
    'a failure is never tolerated',
    'not_valid',
    'ask_issuer',
    () => {
      const made = scene({}, withDisplay({ policy: { tolerated: ['status_revoked'] } }))
      return { ...made, text: made.texts[1] as string }
    },
  ],
  [
    'nor an issuer’s key that nobody knows',
    'not_valid',
    'do_not_accept',
    () =>
      scene({}, (payload) => ({
        ...withDisplay({ policy: { tolerated: ['signature_key_unknown'] } })(payload),
        issuers: payload.issuers.map((issuer) => ({
          ...issuer,
          keys: [{ ...issuer.keys[0], kid: `${issuer.did}#key-9` }],
        })),
      })),
  ],
  [
    'a list is younger than the type asks',
    'valid',
    'accept_as_copy',
    () => scene({}, withDisplay({ policy: { maxStatusAgeSeconds: 86_400 } })),
  ],
  [
    'a list is older than the type asks',
    'undecided',
    'get_newer_bundle',
    () => scene({}, withDisplay({ policy: { maxStatusAgeSeconds: 1 } })),
  ],
  [
    'a list is older than the type asks, which it tolerates',
    'valid',
    'accept_by_policy',
    () => scene({}, withDisplay({ policy: { maxStatusAgeSeconds: 1, tolerated: ['status_list_too_old'] } })),
  ],
])('the type’s policy, where %s: %s, %s', async (_case, verdict, nextStep, make) => {
  const report = await audit(make())
  expect([report.verdict, report.nextStep]).toEqual([verdict, nextStep])
})

test('of the verifier’s and the type’s age of lists the stricter counts', async () => {
  const { text, bundle, pins } = scene({}, withDisplay({ policy: { maxStatusAgeSeconds: 86_400 } }))
  const strict = await auditFile(text, { bundle, pins, nowMs, expected: { maxStatusAgeMs: 1000 } })
  expect(strict.checks.find(({ name }) => name === 'status')?.code).toBe('status_list_too_old')
})
