/**
 * One file, one answer. The certificate is read, then checked against what a trust bundle says, and every check is
 * reported whether the others passed or not, so that people see what is known and what is not.
 */
import { isRefusal, type Refusal, toBase64url } from '@chengxin/kernel'
import type { TrustedType } from './bundle-payload.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import {
  checkAnchor,
  checkBundle,
  checkChain,
  checkFreshness,
  checkHolder,
  checkIssuer,
  checkOfRefusal,
  checkReceipt,
  checkSignature,
  checkStatus,
} from './certificate-checks.ts'
import { type CheckCode, type CheckName, checkNames } from './codes.ts'
import type { ExpectedPresentation } from './key-binding.ts'
import { type Platform, webPlatform } from './platform.ts'
import type { Receipt } from './receipt.ts'
import { type AsOf, type CertificateContent, type Check, checkOf, passed, type Report, verdictOf } from './report.ts'
import { fromShortForm, isShortForm } from './short-form/short-form.ts'
import { openBundle, type Pins, type TrustBundle } from './trust-bundle.ts'
import { checkTemplate, policyOf } from './type-rules.ts'

export interface AuditOptions {
  /** The bundle as its text, or opened before: then it is opened once for many files. */
  readonly bundle?: string | TrustBundle | undefined
  /** The group that is trusted here, and the newest bundle seen of it; only for a bundle given as text. */
  readonly pins?: Pins | undefined
  readonly nowMs: number
  readonly expected?: Expected
  /** What the text was taken out of, to be said in the report. */
  readonly attachedTo?: Report['attachedTo'] | undefined
  readonly platform?: Platform
}

/** What a verifier asks for beyond what every certificate must satisfy. */
export interface Expected {
  /** Present: a live presentation to this audience is asked for. Absent: a copy will do, and the report says so. */
  readonly presentation?: ExpectedPresentation
  readonly maxStatusAgeMs?: number
  readonly maxBundleAgeMs?: number
}

/**
 * Audits a certificate file: SD-JWT VC in compact form, or in the short form of a QR code, which is made long again and then
 * checked like any other. Who found no certificate where one was to be (`certificateInPdf`) hands in that refusal, and it is
 * reported. Never throws for what the file or the bundle contains.
 */
export async function auditFile(text: string | Refusal, options: AuditOptions): Promise<Report> {
  const report = await auditText(text, options)
  return { ...report, ...(options.attachedTo && { attachedTo: options.attachedTo }) }
}

async function auditText(text: string | Refusal, options: AuditOptions): Promise<Report> {
  const { platform = webPlatform } = options
  const bundle = await bundleOf(options)
  const trusted = bundle && !isRefusal(bundle) ? bundle : undefined
  const certificate = isRefusal(text) ? text : readAnyForm(platform, text, trusted)
  const bundleCheck = isRefusal(bundle)
    ? checkOfRefusal(bundle.refused)
    : bundle
      ? checkBundle(bundle, options.nowMs)
      : checkOf('bundle_missing')
  if (isRefusal(certificate)) return reportOf([checkOfRefusal(certificate.refused), bundleCheck], trusted)

  const checks = [passed('format', formatFacts(certificate)), bundleCheck]
  checks.push(...(trusted ? await checkAgainst(trusted, certificate, platform, options) : uncheckedWithoutBundle()))
  checks.push(await checkHolder(platform, certificate, options.nowMs, options.expected?.presentation))
  const { maxBundleAgeMs } = options.expected ?? {}
  checks.push(checkFreshness(certificate, trusted, { nowMs: options.nowMs, maxBundleAgeMs }))
  const tolerated = trusted && policyOf(certificate, trusted).tolerated
  return { ...reportOf(checks, trusted, tolerated), certificate: contentOf(certificate, trusted) }
}

function readAnyForm({ sha256 }: Platform, text: string, bundle: TrustBundle | undefined): Certificate | Refusal {
  const trimmed = text.trim()
  const long = isShortForm(trimmed) ? fromShortForm(sha256, trimmed, bundle?.knownCertificates) : trimmed
  return typeof long === 'string' ? readCertificate(sha256, long) : long
}

async function bundleOf({ bundle, pins, platform }: AuditOptions): Promise<TrustBundle | Refusal | undefined> {
  return typeof bundle === 'string' ? openBundle(bundle, { pins, ...(platform && { platform }) }) : bundle
}

async function checkAgainst(
  bundle: TrustBundle,
  certificate: Certificate,
  platform: Platform,
  { nowMs, expected }: AuditOptions,
): Promise<Check[]> {
  const [anchorCheck, receiptCheck, receipt] = checkAnchoring(bundle, certificate, platform)
  // The time of an anchoring counts for this certificate only if it is in the batch that was anchored then.
  const anchoredBy = anchorCheck.result === 'pass' ? receipt : undefined
  return [
    await checkSignature(platform, certificate, bundle),
    checkChain(certificate, anchoredBy, bundle, nowMs),
    checkIssuer(certificate, anchoredBy, bundle),
    anchorCheck,
    receiptCheck,
    await checkStatus(certificate, bundle, { nowMs, maxStatusAgeMs: strictest(certificate, bundle, expected) }),
    checkTemplate(certificate, bundle),
  ]
}

/** The younger of what the verifier and the type ask for. */
function strictest(certificate: Certificate, bundle: TrustBundle, expected: Expected | undefined): number {
  const never = Number.POSITIVE_INFINITY
  return Math.min(expected?.maxStatusAgeMs ?? never, policyOf(certificate, bundle).maxStatusAgeMs ?? never)
}

function checkAnchoring(
  bundle: TrustBundle,
  certificate: Certificate,
  platform: Platform,
): readonly [anchor: Check, receipt: Check, opened?: Receipt] {
  const { anchor } = certificate
  if (anchor === undefined) return [checkOf('anchor_missing'), checkOf('receipt_missing')]
  if (anchor === 'malformed') return [checkOf('anchor_malformed'), checkOf('receipt_missing')]
  const receipt = bundle.receipt(anchor.receipt)
  if (isRefusal(receipt)) return [checkOf('anchor_unchecked'), checkOfRefusal(receipt.refused)]
  const receiptCheck = checkReceipt(receipt, bundle)
  if (receiptCheck.result !== 'pass') return [checkOf('anchor_unchecked'), receiptCheck]
  return [checkAnchor(platform, certificate, anchor, receipt, bundle), receiptCheck, receipt]
}

function uncheckedWithoutBundle(): Check[] {
  return [
    checkOf('signature_unchecked'),
    checkOf('chain_unchecked'),
    checkOf('issuer_unchecked'),
    checkOf('anchor_unchecked'),
    checkOf('receipt_unchecked'),
    checkOf('status_unchecked'),
    checkOf('template_unchecked'),
  ]
}

function formatFacts({ vct, sdJwt }: Certificate): Check['facts'] {
  return { vct, disclosed: sdJwt.disclosures.length }
}

function reportOf(found: readonly Check[], bundle: TrustBundle | undefined, tolerated?: readonly CheckCode[]): Report {
  const checks = checkNames.flatMap((name: CheckName) => found.find((check) => check.name === name) ?? [])
  return { ...verdictOf(checks, tolerated), ...(bundle && { asOf: asOf(bundle), group: bundle.group }), checks }
}

function asOf({ openedCheckpoint, issuedAtMs, sequence }: TrustBundle): AsOf {
  const { origin, size, root } = openedCheckpoint.checkpoint
  return { origin, size, root: toBase64url(root), bundleIssuedAtMs: issuedAtMs, bundleSequence: sequence }
}

function contentOf(certificate: Certificate, bundle: TrustBundle | undefined): CertificateContent {
  const { vct, iss, did, claims, claimDigests, sdJwt } = certificate
  const type: TrustedType | undefined = bundle?.types.find((listed) => listed.vct === vct)
  const issuer = bundle?.issuers.find((listed) => listed.did === did)
  const shown = sdJwt.disclosures.filter(({ digest }) => claimDigests.includes(digest)).length
  return {
    vct,
    ...(type && { typeId: type.typeId, display: type.display }),
    issuer: {
      stated: iss,
      did,
      ...(issuer && { name: issuer.name }),
      ...(issuer?.domain !== undefined && { domain: issuer.domain }),
    },
    claims,
    withheld: claimDigests.length - shown,
  }
}
