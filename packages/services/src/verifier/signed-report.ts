/** Makes the report that goes into a case file: what was checked, what came out, and who says so. Checked by `audit`. */
import type { Report, ReportItem, SignedReportPayload } from '@chengxin/audit'
import { reportType } from '@chengxin/audit'
import { sha256 } from '@chengxin/crypto/node'
import { canonicalize, toBase64url, toUtf8 } from '@chengxin/kernel'
import { type IssuerSigner, issuerHeader, signJwt } from '../issuer/sign-jwt.ts'

export interface ReportOrder {
  readonly group: string
  readonly domain: string
  readonly madeAtMs: number
  /** Absent where files were checked for nobody's request. */
  readonly purposeId?: string
  readonly items: readonly ReportItem[]
}

/** A compact JWS over a canonical payload, by the verifier's key and with its X.509 certificate. */
export function signReport({ items, ...order }: ReportOrder, signer: IssuerSigner): Promise<string> {
  const payload: SignedReportPayload = { v: 1, verifier: signer.did, ...order, items }
  const text = canonicalize(payload)
  return signJwt(issuerHeader(signer, reportType), toUtf8(text), signer)
}

/** One file as an item of a report: by its hash, so that the report names it and need not repeat it. */
export function fileItem(text: string, report: Report): ReportItem {
  return itemOf(toBase64url(sha256(toUtf8(text.trim()))), report)
}

export function itemOf(hash: string, report: Report): ReportItem {
  // What is left out of a report is left out of its JSON as well.
  return JSON.parse(JSON.stringify({ hash, report }))
}
