/** Whether newer trust data could change an answer, as the verifier's desk and wallets' requests ask for it too. */
import type { CheckName, Report } from '@chengxin/audit'

/** What stands in the certificate alone, or is a matter of clocks and holders: no bundle changes it. */
const withoutBundle: ReadonlySet<CheckName> = new Set(['format', 'signature', 'holder', 'freshness'])

/** `newer`: the certificate is younger than the bundle it was judged by, so that there will be one that knows it. */
export type NewerTrust = 'useless' | 'may_help' | 'newer'

export function newerTrust({ verdict, nextStep, checks, asOf }: Report): NewerTrust {
  if (verdict === 'valid') return 'useless'
  if (verdict === 'not_valid') {
    // A suspension may have been lifted, an issuer brought in; what somebody has changed in a file stays changed.
    const failed = checks.filter(({ name, result }) => result === 'fail' && name !== 'bundle')
    if (failed.some(({ name }) => withoutBundle.has(name))) return 'useless'
  } else if (nextStep !== 'get_bundle' && nextStep !== 'get_newer_bundle') return 'useless'
  const anchoredAtMs = checks.find(({ name }) => name === 'issuer')?.facts['anchoredAtMs']
  const isNewer = typeof anchoredAtMs === 'number' && asOf !== undefined && anchoredAtMs > asOf.bundleIssuedAtMs
  return isNewer ? 'newer' : 'may_help'
}
