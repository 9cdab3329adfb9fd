/**
 * A verifier's signed report, for a case file: what it checked, what came out by name of the check, and when. It carries the
 * verifier's X.509 certificate, so that a trust bundle is all that is needed to know who signed. It proves what the
 * verifier said, not that the certificate is good: the report names the file by its hash, and the file can be checked again.
 */
import { isRefusal, type JsonObject, type Refusal, refuse } from '@chengxin/kernel'
import { parseJwt, verifyJwt } from './jwt.ts'
import { type Platform, webPlatform } from './platform.ts'
import type { Report } from './report.ts'
import type { TrustBundle } from './trust-bundle.ts'

export const reportType = 'chengxin-report+jws'

export interface ReportItem {
  /** SHA-256 of the file or presentation, white space at its ends left out, in base64url. */
  readonly hash: string
  readonly report: Report
}

export interface SignedReportPayload {
  readonly v: 1
  readonly group: string
  /** DID of who made it. */
  readonly verifier: string
  readonly domain: string
  readonly madeAtMs: number
  readonly purposeId?: string
  readonly items: readonly ReportItem[]
}

export interface OpenedReport extends SignedReportPayload {
  /** The organisation in the signer's X.509 certificate. */
  readonly organisation: string
}

const maxReportCharacters = 4 * 1024 * 1024

/** Whether a text is meant as a signed report, told by its header alone. */
export function looksLikeReport(text: string): boolean {
  return parseJwt(text.trim(), maxReportCharacters)?.header['typ'] === reportType
}

/**
 * Opens a signed report. Refusals, in the order they are checked: `report_malformed`, `report_other_group`,
 * `report_signer_unknown` (its certificate is not under the group's authority, or was not in force), `report_signature_invalid`.
 */
export async function openSignedReport(
  text: string,
  bundle: TrustBundle,
  platform: Platform = webPlatform,
): Promise<OpenedReport | Refusal> {
  const jwt = parseJwt(text.trim(), maxReportCharacters)
  if (jwt?.header['typ'] !== reportType || !isPayload(jwt.payload)) return refuse('report_malformed')
  const payload = jwt.payload as unknown as SignedReportPayload
  if (payload.group !== bundle.group) return refuse('report_other_group')
  const { x5c } = jwt.header
  const chain = x5c === undefined ? undefined : bundle.chain(x5c)
  if (!chain || isRefusal(chain)) return refuse('report_signer_unknown')
  const isInForce = chain.notBeforeMs <= payload.madeAtMs && payload.madeAtMs <= chain.notAfterMs
  if (!isInForce || !chain.dnsNames.includes(payload.domain)) return refuse('report_signer_unknown')
  if ((await verifyJwt(platform, jwt, chain.jwk)) !== 'holds') return refuse('report_signature_invalid')
  return { ...payload, organisation: chain.subject.organizationName ?? chain.subject.commonName ?? '' }
}

function isPayload({ v, group, verifier, domain, madeAtMs, items }: JsonObject): boolean {
  const isText = (value: unknown) => typeof value === 'string'
  const isItem = (item: unknown) => {
    const { hash, report } = (item ?? {}) as {
      readonly hash?: unknown
      readonly report?: { readonly checks?: unknown }
    }
    return isText(hash) && Array.isArray(report?.checks)
  }
  return (
    v === 1 &&
    [group, verifier, domain].every(isText) &&
    typeof madeAtMs === 'number' &&
    Array.isArray(items) &&
    items.every(isItem)
  )
}
