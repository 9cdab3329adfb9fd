import { type CheckCode, checkOf, passed, type Report, verdictOf } from '@chengxin/audit'
import { expect, test } from 'vitest'
import { type NewerTrust, newerTrust } from './newer-trust.ts'

const issuedAtMs = 1_000_000

/** A report in which these checks are open or failed, of a certificate that was anchored at some time. */
function reportOf(codes: readonly CheckCode[], anchoredAtMs?: number): Report {
  const issuer = passed('issuer', anchoredAtMs === undefined ? {} : { anchoredAtMs })
  const found = codes.map((code) => checkOf(code, anchoredAtMs === undefined ? {} : { anchoredAtMs }))
  const checks = found.some(({ name }) => name === 'issuer') ? found : [issuer, ...found]
  const asOf = { origin: 'log', size: 10, root: 'root', bundleSequence: 3, bundleIssuedAtMs: issuedAtMs }
  return { ...verdictOf(checks), checks, asOf }
}

test.each<[string, readonly CheckCode[], number | undefined, NewerTrust]>([
  ['a good one', [], issuedAtMs - 1, 'useless'],
  ['a good copy', ['holder_not_asked'], issuedAtMs - 1, 'useless'],
  ['a forged one', ['signature_invalid', 'status_revoked'], issuedAtMs - 1, 'useless'],
  ['no certificate at all', ['format_unknown'], undefined, 'useless'],
  ['one past its end', ['freshness_expired'], issuedAtMs - 1, 'useless'],
  ['one without its proof of anchoring', ['anchor_missing'], undefined, 'useless'],
  ['a clock that is wrong', ['bundle_from_future'], undefined, 'useless'],
  ['a suspended one, perhaps in force again', ['status_suspended'], issuedAtMs - 1, 'may_help'],
  ['a list that the bundle lacks', ['status_list_missing'], issuedAtMs - 1, 'may_help'],
  ['a list that is too old', ['status_list_expired'], issuedAtMs - 1, 'may_help'],
  ['an expired bundle', ['bundle_expired'], undefined, 'may_help'],
  ['no bundle', ['bundle_missing'], undefined, 'may_help'],
  ['an unknown issuer of some age', ['issuer_not_listed'], issuedAtMs - 1, 'may_help'],
  ['one anchored after the bundle was signed', ['status_list_missing'], issuedAtMs + 1, 'newer'],
  ['one of an issuer brought in since', ['issuer_newer_than_bundle'], issuedAtMs + 1, 'newer'],
  ['one of a type defined since', ['anchor_type_mismatch'], issuedAtMs + 1, 'newer'],
])('%s', (_case, codes, anchoredAtMs, expected) => {
  expect(newerTrust(reportOf(codes, anchoredAtMs))).toBe(expected)
})
