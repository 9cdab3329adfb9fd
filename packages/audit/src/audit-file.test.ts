import type { JsonObject } from '@chengxin/kernel'
import { present, vct } from '@chengxin/testkit/certificate-city'
import {
  altered,
  claims,
  hiding,
  holder,
  nowMs,
  redisclosed,
  type Scene,
  scene,
  thief,
  withholding,
} from '@chengxin/testkit/certificate-scene'
import { afterAll, describe, expect, test } from 'vitest'
import { type AuditOptions, auditFile } from './audit-file.ts'
import { checkCodes, checkNames, nextSteps } from './codes.ts'
import type { Report } from './report.ts'
import { openBundle, pinsAfter, type TrustBundle } from './trust-bundle.ts'

const good = scene()
const { issuer, committee } = good.city
const reached = new Set<string>()
const stepsReached = new Set<string>()

async function audit(text: string, options: Partial<AuditOptions>): Promise<Report> {
  const report = await auditFile(text, { nowMs, ...options })
  for (const { code } of report.checks) if (code) reached.add(code)
  stepsReached.add(report.nextStep)
  return report
}

const codesOf = ({ checks }: Report) =>
  Object.fromEntries(checks.flatMap(({ name, code }) => (code ? [[name, code]] : [])))
const resultsOf = ({ checks }: Report) => checks.map(({ name, result }) => `${name} ${result}`).join(', ')

describe('a good certificate', () => {
  test('is valid as of the bundle, by every check', async () => {
    const report = await audit(good.text, good)
    expect(resultsOf(report)).toBe(
      'format pass, bundle pass, signature pass, chain pass, issuer pass, anchor pass, receipt pass, status pass, template pass, holder unknown, freshness pass',
    )
    expect(report).toMatchObject({ verdict: 'valid', nextStep: 'accept_as_copy', group: good.city.group })
    expect(report.asOf).toMatchObject({ origin: good.city.log.origin, size: 6, bundleSequence: 7 })
    expect(report.certificate).toMatchObject({ vct, typeId: 'type_degree', claims, withheld: 0 })
    expect(report.certificate?.issuer).toMatchObject({ name: 'Example University', domain: 'university.example' })
  })

  test('is valid from another file of the batch, with a line end behind it, by a bundle opened before', async () => {
    const bundle = (await openBundle(good.bundle, { pins: good.pins })) as TrustBundle
    expect((await audit(`${good.texts[4]}\n`, { bundle })).verdict).toBe('valid')
  })

  test('is valid under the issuer’s address as well as its DID', async () => {
    const report = await audit(altered(good.text, { iss: 'https://university.example/registry' }, issuer), good)
    expect(codesOf(report)).not.toHaveProperty('issuer', 'issuer_name_mismatch')
  })

  test('is valid without a copy’s reserve when its holder presents it', async () => {
    const expected = { presentation: { audience: 'https://bank.example', nonce: 'n1' } }
    const presented = present(good.text, holder, { aud: 'https://bank.example', nonce: 'n1', iat: nowMs / 1000 })
    expect(await audit(presented, { ...good, expected })).toMatchObject({ verdict: 'valid', nextStep: 'accept' })
    expect(await audit(presented, good)).toMatchObject({ verdict: 'valid', nextStep: 'accept_as_copy' })
  })

  test('stays valid with fields withheld; with the anchor withheld it cannot be decided', async () => {
    const less = await audit(
      withholding(good.text, (name) => name === 'anchor'),
      good,
    )
    expect(less).toMatchObject({ verdict: 'valid', certificate: { claims: {}, withheld: 3 } })
    const unanchored = await audit(
      withholding(good.text, (name) => name !== 'anchor'),
      good,
    )
    expect(unanchored).toMatchObject({ verdict: 'undecided', nextStep: 'ask_for_whole_certificate' })
    const expected = { anchor: 'anchor_missing', receipt: 'receipt_missing', issuer: 'issuer_time_unknown' }
    expect(codesOf(unanchored)).toMatchObject(expected)
  })

  test('is not called anything without a bundle', async () => {
    const report = await audit(good.text, {})
    expect(report).toMatchObject({ verdict: 'undecided', nextStep: 'get_bundle' })
    const passing = report.checks.filter(({ result }) => result === 'pass').map(({ name }) => name)
    expect(passing).toEqual(['format', 'freshness'])
    expect(report.checks.map(({ name }) => name)).toEqual(checkNames)
  })
})

const bundled = (change: (payload: ReturnType<Scene['city']['bundlePayload']>) => object, text = good.text) => {
  return audit(text, { bundle: good.city.signBundle(change(good.city.bundlePayload([[1, 1]]))) })
}

/** The good bundle, to a reader who has seen another one before. */
async function seen(sequence: number, change: object = {}): Promise<Report> {
  const before = await openBundle(good.city.signBundle({ ...good.city.bundlePayload(), sequence, ...change }))
  return audit(good.text, { bundle: good.bundle, pins: pinsAfter(before as TrustBundle) })
}

const expected = { presentation: { audience: 'v', nonce: 'n' } }
const proof = { aud: 'v', nonce: 'n', iat: nowMs / 1000 }
const shown = (change: object, by = holder, header = {}) =>
  audit(present(good.text, by, { ...proof, ...change }, header), { ...good, expected })
const brokenSignature = good.bundle.replace(
  /"signature":"(.)/,
  (_, first) => `"signature":"${first === 'A' ? 'B' : 'A'}`,
)
const [first] = committee as [(typeof committee)[number]]

const issuedWith = (payload: JsonObject) => {
  const issued = scene({ payload })
  return audit(issued.text, issued)
}

type Row = [string, Report['verdict'], string, Report['nextStep'], () => Promise<Report>]
const rows: Row[] = [
  [
    'a changed grade',
    'not_valid',
    'format_disclosure_unreferenced',
    'do_not_accept',
    () => audit(redisclosed(good.text, 'gpa', '4.00'), good),
  ],
  ['a file of another kind', 'not_valid', 'format_unknown', 'choose_certificate', () => audit('hello', good)],
  ['an endless file', 'not_valid', 'format_too_large', 'choose_certificate', () => audit('a'.repeat(300_000), good)],
  [
    'a token of another typ',
    'not_valid',
    'format_type_wrong',
    'do_not_accept',
    () => audit(scene({ header: { typ: 'jwt' } }).text, good),
  ],
  [
    'no holder’s key',
    'not_valid',
    'format_claim_malformed',
    'do_not_accept',
    () => audit(altered(good.text, { cnf: {} }), good),
  ],
  [
    'no type',
    'not_valid',
    'format_claim_malformed',
    'do_not_accept',
    () => audit(altered(good.text, { vct: 1 }), good),
  ],
  [
    'a status that is none',
    'not_valid',
    'format_claim_malformed',
    'do_not_accept',
    () => audit(altered(good.text, { status: {} }), good),
  ],
  [
    'a key id without a DID',
    'not_valid',
    'format_claim_malformed',
    'do_not_accept',
    () => audit(scene({ header: { kid: 'key-1' } }).text, good),
  ],
  [
    'a hidden end of validity',
    'not_valid',
    'format_claim_not_disclosable',
    'do_not_accept',
    () => audit(hiding(good.text, 'exp', 9e9), good),
  ],

  [
    'a bundle that is none',
    'undecided',
    'bundle_malformed',
    'get_right_bundle',
    () => audit(good.text, { bundle: 'x' }),
  ],
  [
    'a bundle of another group',
    'undecided',
    'bundle_other_group',
    'get_right_bundle',
    () => audit(good.text, { ...good, pins: { group: 'x' as never } }),
  ],
  [
    'a bundle with another genesis',
    'undecided',
    'bundle_other_group',
    'get_right_bundle',
    () => bundled((payload) => ({ ...payload, genesis: { ...payload.genesis, chainId: 'x' } })),
  ],
  [
    'a bundle with a broken signature',
    'undecided',
    'bundle_signature_invalid',
    'get_right_bundle',
    () => audit(good.text, { bundle: brokenSignature }),
  ],
  [
    'a bundle of one signer',
    'undecided',
    'bundle_threshold_not_met',
    'get_right_bundle',
    () => audit(good.text, { bundle: good.city.signBundle(good.city.bundlePayload(), [first]) }),
  ],
  [
    'a bundle of one signer twice',
    'undecided',
    'bundle_threshold_not_met',
    'get_right_bundle',
    () => audit(good.text, { bundle: good.city.signBundle(good.city.bundlePayload(), [first, first]) }),
  ],
  [
    'a bundle signed by strangers',
    'undecided',
    'bundle_threshold_not_met',
    'get_right_bundle',
    () => audit(good.text, { bundle: good.city.signBundle(good.city.bundlePayload(), [thief, holder]) }),
  ],
  ['a bundle older than one seen', 'undecided', 'bundle_rolled_back', 'get_newer_bundle', () => seen(8)],
  [
    'another bundle of the same number',
    'undecided',
    'bundle_equivocates',
    'get_right_bundle',
    () => seen(7, { expiresAtMs: nowMs + 5 }),
  ],
  [
    'a checkpoint without its quorum',
    'undecided',
    'bundle_checkpoint_invalid',
    'get_right_bundle',
    () => bundled((payload) => ({ ...payload, checkpoint: good.city.log.checkpoint({ cosigners: 1 }) })),
  ],
  [
    'a log key that is none',
    'undecided',
    'bundle_checkpoint_invalid',
    'get_right_bundle',
    () => bundled((payload) => ({ ...payload, logKeys: ['x'] })),
  ],
  [
    'a bundle from the future',
    'undecided',
    'bundle_from_future',
    'check_clock',
    () => bundled((payload) => ({ ...payload, issuedAtMs: nowMs + 61_000 })),
  ],
  [
    'an expired bundle',
    'undecided',
    'bundle_expired',
    'get_newer_bundle',
    () => bundled((payload) => ({ ...payload, expiresAtMs: nowMs })),
  ],
  [
    'a revocation in an expired bundle',
    'not_valid',
    'status_revoked',
    'ask_issuer',
    () => bundled((payload) => ({ ...payload, expiresAtMs: nowMs }), good.texts[1]),
  ],
  [
    'a bundle taken on its own word',
    'valid',
    'bundle_trusted_as_given',
    'accept_as_copy',
    () => audit(good.text, { bundle: good.bundle }),
  ],
  [
    'a bundle that is too old',
    'undecided',
    'freshness_bundle_too_old',
    'get_newer_bundle',
    () => audit(good.text, { ...good, expected: { maxBundleAgeMs: 1000 } }),
  ],

  [
    'no proof of the holder',
    'not_valid',
    'holder_missing',
    'ask_for_holder_proof',
    () => audit(good.text, { ...good, expected }),
  ],
  ['a proof of no shape', 'not_valid', 'holder_proof_malformed', 'do_not_accept', () => shown({ nonce: 1 })],
  [
    'a proof with another algorithm',
    'not_valid',
    'holder_algorithm_not_allowed',
    'do_not_accept',
    () => shown({}, holder, { alg: 'EdDSA' }),
  ],
  ['a proof by another', 'not_valid', 'holder_signature_invalid', 'do_not_accept', () => shown({}, thief)],
  [
    'a bad proof that nobody asked for',
    'not_valid',
    'holder_signature_invalid',
    'do_not_accept',
    () => audit(present(good.text, thief, proof), good),
  ],
  [
    'a proof for another presentation',
    'not_valid',
    'holder_other_presentation',
    'do_not_accept',
    () => shown({ sd_hash: 'A'.repeat(43) }),
  ],
  ['a proof for another audience', 'not_valid', 'holder_audience_wrong', 'do_not_accept', () => shown({ aud: 'w' })],
  [
    'a proof for another question',
    'not_valid',
    'holder_nonce_wrong',
    'ask_for_holder_proof',
    () => shown({ nonce: 'w' }),
  ],
  [
    'a proof from the future',
    'not_valid',
    'holder_proof_from_future',
    'check_clock',
    () => shown({ iat: nowMs / 1000 + 61 }),
  ],
  ['a proof from 1970', 'not_valid', 'holder_proof_too_old', 'ask_for_holder_proof', () => shown({ iat: 1 })],

  [
    'a certificate of the past',
    'not_valid',
    'freshness_expired',
    'ask_for_current',
    () => issuedWith({ exp: nowMs / 1000 }),
  ],
  [
    'a certificate of tomorrow',
    'not_valid',
    'freshness_not_yet_valid',
    'ask_for_current',
    () => issuedWith({ nbf: nowMs / 1000 + 61 }),
  ],
  [
    'a certificate issued tomorrow',
    'not_valid',
    'freshness_issued_in_future',
    'check_clock',
    () => audit(altered(good.text, { iat: nowMs / 1000 + 61 }, issuer), good),
  ],
]

test.each(rows)('%s: %s, %s, %s', async (_case, verdict, code, nextStep, run) => {
  const report = await run()
  expect(Object.values(codesOf(report))).toContain(code)
  expect(report.verdict).toBe(verdict)
  expect(report.nextStep).toBe(nextStep)
  const [bundle, status] = ['bundle', 'status'].map((name) => report.checks.find((check) => check.name === name))
  if (status?.result === 'pass') expect(bundle?.result).toBe('pass')
})

afterAll(() => {
  // The strict reading of the format has a table of its own, in sd-jwt.test.ts; a certificate without a key is malformed.
  const own = Object.entries(checkCodes).filter(([, [name]]) => /bundle|holder|freshness/.test(name))
  // Printed forms have a file of their own.
  const missing = own
    .map(([code]) => code)
    .filter((code) => !reached.has(code) && !code.startsWith('holder_print') && code !== 'holder_key_missing')
  // Policies of types have a file of their own too.
  const steps = Object.keys(nextSteps).filter((step) => step !== 'accept_by_policy')
  missing.push(...steps.filter((step) => !stepsReached.has(step)))
  if (missing.length > 0) throw new Error(`No case reaches ${missing.join(', ')}.`)
})
