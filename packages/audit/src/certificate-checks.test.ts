import { toBase64 } from '@chengxin/crypto'
import { limits } from '@chengxin/kernel'
import { actor, createCertificateCity, type IssueChanges, startMs, statusUri } from '@chengxin/testkit/certificate-city'
import {
  altered,
  claims,
  compressed,
  holder,
  nowMs,
  type Scene,
  scene,
  sceneOf,
  thief,
  withKey,
  withPeriods,
  withToken,
} from '@chengxin/testkit/certificate-scene'
import { authorityDer, type X509Change, x509Of } from '@chengxin/testkit/group-authority'
import { afterAll, expect, test } from 'vitest'
import { type AuditOptions, auditFile } from './audit-file.ts'
import { checkCodes } from './codes.ts'
import type { Report } from './report.ts'

const good = scene()
const { issuer } = good.city
const reached = new Set<string>()

async function audit({ text, bundle, pins }: Scene, options: Partial<AuditOptions> = {}): Promise<Report> {
  return auditFile(text, { bundle, pins, nowMs, ...options })
}

const read = (text: string) => ({ ...good, text })
const anchoredWith = (change: object) => scene({ anchor: (claim) => ({ ...claim, ...change }) })
const receiptChanged = (change: (receipt: string) => string) =>
  scene({ anchor: (claim) => ({ ...claim, receipt: change(claim['receipt'] as string) }) })
const listed = (statuses: [number, number][], change = {}, by = issuer) =>
  scene(
    {},
    withToken((city) => city.statusToken(statuses, change, by)),
  )

function unstated(): Scene {
  const city = createCertificateCity()
  const texts = city.issue([{ claims, holder }])
  return sceneOf(city, texts, city.signBundle(city.bundlePayload()))
}

function forked(): Scene {
  const { city, texts } = scene()
  const checkpoint = city.log.checkpoint({ root: new Uint8Array(32).fill(7) })
  return sceneOf(city, texts, city.signBundle({ ...city.bundlePayload(), checkpoint }))
}

/** Certificates with an X.509 certificate in their headers, its texts as they stand there. */
function withX509(x5c: readonly string[], change: IssueChanges = {}, ca?: string | null): Scene {
  const city = createCertificateCity(5, ca)
  const texts = city.issue([{ claims, statusIndex: 0, holder }], { header: { x5c }, ...change })
  return sceneOf(city, texts, city.signBundle(city.bundlePayload()))
}

const x509 = (change?: X509Change) => [toBase64(x509Of(issuer.jwk, change))]
const byAddress = (host: string) => ({ payload: { iss: `https://${host}/` }, anchor: () => undefined })

function issuedByTwo(): Scene {
  const other = actor('other issuer', 'ES256')
  const city = createCertificateCity()
  const texts = city.issue([{ claims, holder, statusIndex: 0 }], { issuer: other })
  const payload = city.bundlePayload()
  const keys = [{ kid: other.kid, jwk: other.jwk, fromMs: startMs }]
  const issuers = [...payload.issuers, { ...payload.issuers[0], did: other.did, keys }]
  return sceneOf(city, texts, city.signBundle({ ...payload, issuers }))
}

const at = (ms: number) => startMs + ms

/** The certificates of a scene are anchored at `at(6)`, and its bundle is made at `at(60_000)`. */
test.each<[string, 'valid' | 'not_valid' | 'undecided', string, () => Scene, Partial<AuditOptions>?]>([
  [
    'another holder under the old signature',
    'not_valid',
    'signature_invalid',
    () => read(altered(good.text, { cnf: { jwk: thief.jwk } })),
  ],
  ['a signature by somebody else', 'not_valid', 'signature_invalid', () => scene({ signedBy: thief })],
  [
    'an algorithm of its own choice',
    'not_valid',
    'signature_algorithm_not_allowed',
    () => scene({ header: { alg: 'none' } }),
  ],
  ['an X.509 certificate for the issuer’s key', 'valid', 'none', () => withX509(x509())],
  ['no X.509 certificate', 'valid', 'chain_not_stated', () => good],
  ['two X.509 certificates', 'not_valid', 'chain_malformed', () => withX509([...x509(), ...x509()])],
  ['an X.509 certificate that is none', 'not_valid', 'chain_malformed', () => withX509(['AAAA'])],
  [
    'an X.509 certificate of another authority',
    'not_valid',
    'chain_untrusted',
    () => withX509(x509({ byOther: true })),
  ],
  ['the authority’s own X.509 certificate', 'not_valid', 'chain_untrusted', () => withX509([toBase64(authorityDer)])],
  [
    'an X.509 certificate for another key',
    'not_valid',
    'chain_key_mismatch',
    () => withX509([toBase64(x509Of(thief.jwk))]),
  ],
  [
    'an X.509 certificate for another domain',
    'not_valid',
    'chain_name_mismatch',
    () => withX509(x509({ dnsNames: ['other.example'] }), byAddress('university.example')),
  ],
  [
    'an X.509 certificate that had ended',
    'not_valid',
    'chain_not_in_force',
    () => withX509(x509({ notAfterMs: startMs - 1000 })),
  ],
  [
    'an X.509 certificate that begins after the batch',
    'not_valid',
    'chain_not_in_force',
    () => withX509(x509({ notBeforeMs: startMs + limits.blockTimeLagMs + 30_000 })),
  ],
  [
    'an X.509 certificate that is newer than the block time of a group that was idle',
    'valid',
    'none',
    () => withX509(x509({ notBeforeMs: startMs + limits.blockTimeLagMs })),
  ],
  [
    'an X.509 certificate that has ended since',
    'valid',
    'none',
    () => withX509(x509({ notAfterMs: startMs + 30_000 })),
  ],
  [
    'an X.509 certificate that has ended since who knows when',
    'undecided',
    'chain_time_unknown',
    () => withX509(x509({ notAfterMs: startMs + 30_000 }), { anchor: () => undefined }),
  ],
  [
    'an X.509 certificate in a group without an authority',
    'undecided',
    'chain_authority_unknown',
    () => withX509(x509(), {}, null),
  ],
  [
    'an X.509 certificate for a key that is not listed',
    'not_valid',
    'chain_unchecked',
    () => scene({ header: { x5c: x509() } }, withKey({ kid: `${issuer.did}#key-2` })),
  ],
  [
    'a status list with an X.509 certificate for the issuer’s key',
    'valid',
    'none',
    () =>
      scene(
        {},
        withToken((city) => city.statusToken([], {}, issuer, { x5c: x509() })),
      ),
  ],
  [
    'a status list with an X.509 certificate of another authority',
    'undecided',
    'status_list_chain_invalid',
    () =>
      scene(
        {},
        withToken((city) => city.statusToken([], {}, issuer, { x5c: x509({ byOther: true }) })),
      ),
  ],
  [
    'a key that is not listed',
    'not_valid',
    'signature_key_unknown',
    () => scene({}, (payload) => ({ ...payload, issuers: [] })),
  ],

  ['an anchor of no shape', 'not_valid', 'anchor_malformed', () => scene({ anchor: () => ({ salt: 'x' }) })],
  ['an anchor with a short salt', 'not_valid', 'anchor_malformed', () => anchoredWith({ salt: 'AAAA' })],
  ['an anchor with another salt', 'not_valid', 'anchor_mismatch', () => anchoredWith({ salt: 'A'.repeat(22) })],
  ['an anchor at another place', 'not_valid', 'anchor_mismatch', () => anchoredWith({ index: 1 })],
  ['a batch that was anchored as larger', 'not_valid', 'anchor_mismatch', () => scene({ count: 6 })],
  [
    'a new holder, signed by the issuer',
    'not_valid',
    'anchor_mismatch',
    () => read(altered(good.text, { cnf: { jwk: thief.jwk } }, issuer)),
  ],
  [
    'another status, signed by the issuer',
    'not_valid',
    'anchor_mismatch',
    () => read(altered(good.text, { status: { status_list: { idx: 9, uri: statusUri } } }, issuer)),
  ],
  [
    'a field in plain sight, added under the issuer’s key',
    'not_valid',
    'anchor_mismatch',
    () => read(altered(good.text, { distinction: 'with honours' }, issuer)),
  ],
  [
    'a longer life, given under the issuer’s key',
    'not_valid',
    'anchor_mismatch',
    () => {
      const short = scene({ payload: { exp: nowMs / 1000 + 60 } })
      return { ...short, text: altered(short.text, { exp: nowMs / 1000 + 3600 }, issuer) }
    },
  ],
  [
    'fields in plain sight, anchored with the rest',
    'valid',
    'none',
    () => scene({ payload: { distinction: 'with honours', exp: nowMs / 1000 + 60 } }),
  ],
  [
    'a transaction of another kind',
    'not_valid',
    'anchor_transaction_unrelated',
    () => scene({ actionType: 'credentials.other' }),
  ],
  ['a batch that another anchored', 'not_valid', 'anchor_not_by_issuer', () => scene({ anchoredBy: actor('other') })],
  [
    'a batch anchored in another name',
    'not_valid',
    'anchor_not_by_issuer',
    () => scene({ principal: actor('other').did }),
  ],
  [
    'a batch anchored by a delegate',
    'valid',
    'none',
    () => scene({ anchoredBy: actor('clerk'), principal: issuer.did }),
  ],
  ['a batch of another type', 'not_valid', 'anchor_type_mismatch', () => scene({ typeId: 'type_licence' })],

  ['a receipt of no shape', 'not_valid', 'receipt_malformed', () => receiptChanged(() => 'x')],
  [
    'a receipt of another log',
    'not_valid',
    'receipt_other_log',
    () => scene({ checkpoint: { origin: 'city.example/other' } }),
  ],
  [
    'a receipt with too few cosignatures',
    'not_valid',
    'receipt_quorum_missing',
    () => scene({ checkpoint: { cosigners: 1 } }),
  ],
  [
    'a receipt with a size that nobody signed',
    'not_valid',
    'receipt_log_signature_invalid',
    () => receiptChanged((receipt) => receipt.replace('\n6\n', '\n7\n')),
  ],
  [
    'a receipt of another leaf',
    'not_valid',
    'receipt_not_included',
    () => receiptChanged((receipt) => receipt.replace('index 5', 'index 4')),
  ],
  ['a leaf of another form', 'not_valid', 'receipt_leaf_malformed', () => scene({ leaf: { v: 2 } })],
  ['a leaf with a member too many', 'not_valid', 'receipt_leaf_malformed', () => scene({ leaf: { more: 1 } })],
  ['a leaf without a transaction', 'not_valid', 'receipt_leaf_malformed', () => scene({ leaf: { jws: 'x' } })],
  [
    'an anchoring that was refused',
    'not_valid',
    'receipt_transaction_refused',
    () => scene({ code: 'issuer_not_authorised' }),
  ],
  ['a log with two histories', 'not_valid', 'receipt_forked_log', forked],

  [
    'an issuer unknown to the group',
    'not_valid',
    'issuer_not_listed',
    () => scene({}, (payload) => ({ ...payload, issuers: [] })),
  ],
  [
    'an issuer newer than the bundle',
    'undecided',
    'issuer_newer_than_bundle',
    () => scene({}, (payload) => ({ ...payload, issuers: [], issuedAtMs: at(5) })),
  ],
  [
    'a name that only begins like the issuer’s',
    'not_valid',
    'issuer_name_mismatch',
    () => read(altered(good.text, { iss: 'https://university.example.evil' }, issuer)),
  ],
  ['a type the issuer never had', 'not_valid', 'issuer_type_not_listed', () => scene({}, withPeriods())],
  ['a right that began later', 'not_valid', 'issuer_not_entitled_yet', () => scene({}, withPeriods({ fromMs: at(7) }))],
  ['a right that began then', 'valid', 'none', () => scene({}, withPeriods({ fromMs: at(6) }))],
  [
    'a right that ended then',
    'not_valid',
    'issuer_entitlement_ended',
    () => scene({}, withPeriods({ untilMs: at(6) })),
  ],
  ['a right that ended after', 'valid', 'none', () => scene({}, withPeriods({ untilMs: at(7) }))],
  [
    'a right that has passed to a successor since',
    'valid',
    'issuer_succeeded',
    () => scene({}, withPeriods({ untilMs: at(50), successor: thief.did })),
  ],
  ['a right frozen then', 'not_valid', 'issuer_frozen', () => scene({}, withPeriods({ frozenSinceMs: at(6) }))],
  ['a right frozen after', 'valid', 'none', () => scene({}, withPeriods({ frozenSinceMs: at(7) }))],
  [
    'a compromise since before',
    'not_valid',
    'issuer_compromised',
    () => scene({}, withPeriods({ frozenSinceMs: at(9), compromisedSinceMs: at(6) })),
  ],
  [
    'a compromise since after',
    'valid',
    'none',
    () => scene({}, withPeriods({ frozenSinceMs: at(9), compromisedSinceMs: at(7) })),
  ],
  [
    'a compromise found in a later period',
    'not_valid',
    'issuer_compromised',
    () =>
      scene({}, withPeriods({ untilMs: at(7) }, { fromMs: at(8), frozenSinceMs: at(9), compromisedSinceMs: at(6) })),
  ],
  [
    'a right given again after a compromise',
    'valid',
    'none',
    () => scene({}, withPeriods({ frozenSinceMs: at(3), compromisedSinceMs: at(1) }, { fromMs: at(4) })),
  ],
  ['a key retired then', 'not_valid', 'issuer_key_not_active', () => scene({}, withKey({ untilMs: at(6) }))],
  ['a key added later', 'not_valid', 'issuer_key_not_active', () => scene({}, withKey({ fromMs: at(7) }))],
  [
    'a key taken off the list',
    'not_valid',
    'issuer_key_not_active',
    () => scene({}, withKey({ kid: `${issuer.did}#key-2` })),
  ],
  [
    'a key listed under a foreign DID',
    'not_valid',
    'signature_key_unknown',
    () =>
      scene({}, (payload) => ({ ...payload, issuers: payload.issuers.map((each) => ({ ...each, did: thief.did })) })),
  ],

  ['a certificate that was revoked', 'not_valid', 'status_revoked', () => read(good.texts[1] as string)],
  ['a certificate that is suspended', 'not_valid', 'status_suspended', () => read(good.texts[2] as string)],
  ['a certificate that was superseded', 'not_valid', 'status_superseded', () => read(good.texts[3] as string)],
  ['no status list named', 'undecided', 'status_not_stated', unstated],
  [
    'no status list in the bundle',
    'undecided',
    'status_list_missing',
    () => scene({}, (payload) => ({ ...payload, statusLists: [] })),
  ],
  [
    'a status list that is none',
    'undecided',
    'status_list_malformed',
    () =>
      scene(
        {},
        withToken(() => 'x'),
      ),
  ],
  [
    'a status list of another address',
    'undecided',
    'status_list_malformed',
    () => listed([], { sub: 'https://node.example/other' }),
  ],
  ['a status list by somebody else', 'undecided', 'status_list_key_unknown', () => listed([], {}, thief)],
  ['a status list of another issuer', 'undecided', 'status_list_key_unknown', issuedByTwo],
  [
    'a status list that was changed',
    'undecided',
    'status_list_signature_invalid',
    () =>
      scene(
        {},
        withToken((city) => city.statusToken([]).replace(/.{20}$/, 'A'.repeat(20))),
      ),
  ],
  ['a status list that has expired', 'undecided', 'status_list_expired', () => listed([], { exp: nowMs / 1000 })],
  [
    'a revocation in a list that has expired',
    'not_valid',
    'status_revoked',
    () => listed([[0, 1]], { exp: nowMs / 1000 }),
  ],
  [
    'a status list that is too old',
    'undecided',
    'status_list_too_old',
    () => good,
    { expected: { maxStatusAgeMs: 1000 } },
  ],
  [
    'a status list anchored while the issuer’s keys were in other hands',
    'undecided',
    'status_list_compromised',
    () => scene({}, withPeriods({ compromisedSinceMs: at(50_000), frozenSinceMs: at(50_001) })),
  ],
  [
    'a status list anchored before the issuer’s keys were in other hands',
    'valid',
    'none',
    () => scene({}, withPeriods({ compromisedSinceMs: at(50_001), frozenSinceMs: at(50_002) })),
  ],
  [
    'a status list anchored after the issuer was frozen for a compromise, let go and trusted again',
    'valid',
    'none',
    () => scene({}, withPeriods({ compromisedSinceMs: at(40_000), frozenSinceMs: at(45_000) }, { fromMs: at(48_000) })),
  ],
  [
    'a status list without a place for it',
    'not_valid',
    'status_index_out_of_range',
    () => listed([], { status_list: { bits: 2, lst: compressed(0, 0) } }),
  ],
  [
    'a status without a meaning',
    'not_valid',
    'status_value_unknown',
    () => listed([], { status_list: { bits: 8, lst: compressed(9, 16) } }),
  ],
])('%s: %s, %s', async (_case, verdict, code, makeScene, options) => {
  const report = await audit(makeScene(), options)
  const codes: string[] = report.checks.flatMap((check) => check.code ?? [])
  for (const each of codes) reached.add(each)
  if (code !== 'none') expect(codes).toContain(code)
  expect(report.verdict).toBe(verdict)
  if (verdict !== 'valid') expect(report.nextStep).not.toMatch(/^accept/)
  for (const check of report.checks) if (check.code) expect(checkCodes[check.code][0]).toBe(check.name)
})

test('a transaction that anchors two batches serves the certificates of both', async () => {
  const { city, texts, bundle, pins } = scene({
    alsoAnchors: { batchId: 'batch_other', root: 'A'.repeat(43), count: 9 },
  })
  expect(await audit(sceneOf(city, texts, bundle))).toMatchObject({ verdict: 'valid', group: pins.group })
})

afterAll(() => {
  const elsewhere = [
    'signature_unchecked',
    'issuer_unchecked',
    'issuer_time_unknown',
    'anchor_missing',
    'receipt_missing',
  ]
  elsewhere.push('receipt_unchecked', 'status_unchecked', 'status_bundle_expired')
  const mine = Object.entries(checkCodes).filter(([, [name]]) =>
    /signature|chain|issuer|anchor|receipt|status/.test(name),
  )
  const missing = mine.map(([code]) => code).filter((code) => !reached.has(code) && !elsewhere.includes(code))
  if (missing.length > 0) throw new Error(`No case reaches ${missing.join(', ')}.`)
})
