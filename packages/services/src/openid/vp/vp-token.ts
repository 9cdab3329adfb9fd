/**
 * The `vp_token` of an answer (OpenID4VP 1.0 section 8.1), judged: each certificate by the trust bundle and by the holder's
 * proof for this very request, and all of them together by the query.
 */
import { auditFile, type Report, readCertificate, type TrustBundle } from '@chengxin/audit'
import { thumbprint } from '@chengxin/crypto'
import {
  type Candidate,
  type CredentialQuery,
  type DcqlQuery,
  matchCredential,
  parseDcql,
  refuseUnsatisfied,
  selectClaims,
} from '@chengxin/holder'
import { isRefusal, type Json, type JsonObject, type Refusal, refuse, toBase64url, toUtf8 } from '@chengxin/kernel'
import type { Presented, Session, Verifier } from './verifier.ts'

export interface RefusedPresentation extends Refusal {
  /** Of the certificates that were looked at, the one that failed last. */
  readonly reports: readonly Report[]
}

const maxPresentations = 32

/**
 * Refusals, in the order they are checked: `vp_token_malformed`, `vp_token_id_unknown`, `vp_token_too_many`,
 * `vp_token_repeated`, then for each certificate `presentation_not_valid`, `presentation_undecided` and those of
 * `matchCredential`, and last `dcql_not_satisfied`.
 */
export async function checkVpToken(
  verifier: Verifier,
  session: Session,
  token: Json | undefined,
): Promise<readonly Presented[] | RefusedPresentation> {
  const query = parseDcql(session.query)
  if (isRefusal(query)) throw new Error('An open request has a query that cannot be read.')
  const answers = readAnswers(query, token)
  if (isRefusal(answers)) return { ...answers, reports: [] }

  const presented: Presented[] = []
  const reports: Report[] = []
  for (const { credentialQuery, text } of answers) {
    const report = await audit(verifier, session, credentialQuery, text)
    reports.push(report)
    const fault = reportFault(verifier, report)
    if (fault) return { ...fault, reports }
    const shown = readShown(verifier, credentialQuery, text, report)
    if (isRefusal(shown)) return { ...shown, reports }
    presented.push(shown)
  }
  const unsatisfied = refuseUnsatisfied(query, new Set(presented.map(({ queryId }) => queryId)))
  return unsatisfied ? { ...unsatisfied, reports } : presented
}

interface Answer {
  readonly credentialQuery: CredentialQuery
  readonly text: string
}

function readAnswers({ credentials }: DcqlQuery, token: Json | undefined): readonly Answer[] | Refusal {
  if (typeof token !== 'object' || token === null || Array.isArray(token)) return refuse('vp_token_malformed')
  const answers: Answer[] = []
  for (const [id, texts] of Object.entries(token as JsonObject)) {
    const credentialQuery = credentials.find((query) => query.id === id)
    if (!credentialQuery) return refuse('vp_token_id_unknown')
    if (!Array.isArray(texts) || texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
      return refuse('vp_token_malformed')
    }
    if (texts.length > (credentialQuery.multiple ? maxPresentations : 1)) return refuse('vp_token_too_many')
    answers.push(...texts.map((text) => ({ credentialQuery, text })))
  }
  if (answers.length === 0) return refuse('vp_token_malformed')
  // One certificate counts once within a query: two shows of it would pass for two certificates.
  const jwts = answers.map(({ credentialQuery, text }) => `${credentialQuery.id} ${text.split('~')[0] ?? ''}`)
  return new Set(jwts).size < jwts.length ? refuse('vp_token_repeated') : answers
}

async function audit(
  verifier: Verifier,
  { audience, nonce }: Session,
  { needsHolderBinding }: CredentialQuery,
  text: string,
): Promise<Report> {
  const { platform, maxStatusAgeMs, maxBundleAgeMs } = verifier
  const hasProof = !text.endsWith('~')
  const expected = {
    ...((needsHolderBinding || hasProof) && { presentation: { audience, nonce } }),
    ...(maxStatusAgeMs !== undefined && { maxStatusAgeMs }),
    ...(maxBundleAgeMs !== undefined && { maxBundleAgeMs }),
  }
  const judge = (bundle: TrustBundle) => auditFile(text, { bundle, nowMs: verifier.nowMs(), platform, expected })
  const held = await verifier.bundle()
  const report = await judge(held)
  if (report.verdict === 'valid') return report
  // The certificate, its type or its list may be newer than the bundle in hand.
  const newest = await verifier.bundle({ newest: true })
  return newest === held ? report : judge(newest)
}

function reportFault({ tolerated }: Verifier, { verdict, checks }: Report): Refusal | undefined {
  if (verdict === 'valid') return undefined
  if (verdict === 'not_valid') return refuse('presentation_not_valid')
  const open = checks.filter(({ result, code }) => result !== 'pass' && code !== 'holder_not_asked')
  const isTolerated = open.every(({ code }) => code !== undefined && tolerated.includes(code))
  return isTolerated ? undefined : refuse('presentation_undecided')
}

function readShown({ platform }: Verifier, query: CredentialQuery, text: string, report: Report): Presented | Refusal {
  const certificate = readCertificate(platform.sha256, text)
  if (isRefusal(certificate)) return refuse('presentation_not_valid')
  const { claims, keyBinding } = certificate.sdJwt
  const isHolderBound = keyBinding !== undefined
  const candidate: Candidate = { format: 'dc+sd-jwt', vct: certificate.vct, claims, isHolderBound }
  const match = matchCredential(query, candidate)
  if (isRefusal(match)) return match
  const shown = match.paths.map((path) => ({ path, values: selectClaims(claims, path) ?? [] }))
  const hashOf = (part: string) => toBase64url(platform.sha256(toUtf8(part)))
  const shownHash = hashOf(text.slice(0, text.lastIndexOf('~') + 1))
  const holder = thumbprint(platform.sha256, certificate.holderKey)
  return { queryId: query.id, hash: hashOf(text), shownHash, holder, report, claims: shown }
}
