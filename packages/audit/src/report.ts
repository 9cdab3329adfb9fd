/** What an audit answers: one verdict over named checks, each with the facts it rests on. */
import type { JsonObject } from '@chengxin/kernel'
import { type CheckCode, type CheckName, type CheckResult, checkCodes, type NextStep } from './codes.ts'

export type Fact = string | number | boolean

export interface Check {
  readonly name: CheckName
  readonly result: CheckResult
  /** Absent where the check passed and there is nothing to add. */
  readonly code?: CheckCode
  /** What was found, for people who want to see it: ids, times, ages, numbers. */
  readonly facts: { readonly [name: string]: Fact }
}

/** `valid` is said as of a moment, never for good: see `asOf`. */
export type Verdict = 'valid' | 'not_valid' | 'undecided'

/** The log's state that the verdict rests on, and when the committee signed for it. */
export interface AsOf {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly bundleIssuedAtMs: number
  readonly bundleSequence: number
}

/** What the certificate says of itself, to be shown beside the verdict and never without it. */
export interface CertificateContent {
  readonly vct: string
  /** Absent where the trust bundle does not list the type. */
  readonly typeId?: string
  /** Names of the type and of its fields by language, as the committee signed them. */
  readonly display?: JsonObject
  readonly issuer: { readonly stated: string; readonly did?: string; readonly name?: string; readonly domain?: string }
  /** The fields shown, without those that are about the certificate itself. */
  readonly claims: JsonObject
  /** How many fields the issuer signed that were withheld, decoys included. */
  readonly withheld: number
}

export interface Report {
  readonly verdict: Verdict
  readonly nextStep: NextStep
  readonly asOf?: AsOf
  /** The group whose rules the verdict follows: whoever relies on it must know this name. */
  readonly group?: string
  /** What the certificate was attached to. The verdict says nothing of what is drawn there. */
  readonly attachedTo?: 'pdf'
  readonly certificate?: CertificateContent
  /** One of each name, in the order of `checkNames`. */
  readonly checks: readonly Check[]
}

export type Facts = Check['facts']

export function passed(name: CheckName, facts: Facts = {}): Check {
  return { name, result: 'pass', facts }
}

/** The check that a code belongs to, with the result that the code means. */
export function checkOf(code: CheckCode, facts: Facts = {}): Check {
  const [name, result] = checkCodes[code]
  return { name, result, code, facts }
}

/** Checks that say nothing against it although they are open: nobody asked for them. */
const harmlessCodes: readonly CheckCode[] = ['holder_not_asked', 'holder_printed']

/** `tolerated`: checks that the type's policy leaves open. */
export function verdictOf(
  checks: readonly Check[],
  tolerated: readonly CheckCode[] = [],
): { verdict: Verdict; nextStep: NextStep } {
  // A bad bundle says nothing about the certificate: it only takes away what the certificate could be judged by.
  const failed = checks.find(({ name, result }) => result === 'fail' && name !== 'bundle')
  if (failed) return { verdict: 'not_valid', nextStep: stepAfterFailure(failed) }
  const open = checks.filter(({ result, code }) => result !== 'pass' && !(code && harmlessCodes.includes(code)))
  const undecided = open.filter(({ code }) => !(code && tolerated.includes(code)))
  if (undecided.length > 0) return { verdict: 'undecided', nextStep: stepOutOfDoubt(open) }
  if (open.length > 0) return { verdict: 'valid', nextStep: 'accept_by_policy' }
  const isCopy = checks.some(({ code }) => code !== undefined && harmlessCodes.includes(code))
  return { verdict: 'valid', nextStep: isCopy ? 'accept_as_copy' : 'accept' }
}

function stepAfterFailure({ code }: Check): NextStep {
  switch (code) {
    case 'format_unknown':
    case 'format_too_large':
    case 'format_short_malformed':
    case 'format_pdf_too_large':
    case 'format_pdf_malformed':
    case 'format_pdf_encrypted':
    case 'format_pdf_several_certificates':
    case 'format_pdf_without_certificate':
      return 'choose_certificate'
    case 'status_revoked':
    case 'status_suspended':
      return 'ask_issuer'
    case 'status_superseded':
    case 'holder_print_expired':
    case 'freshness_expired':
    case 'freshness_not_yet_valid':
      return 'ask_for_current'
    case 'freshness_issued_in_future':
    case 'holder_proof_from_future':
      return 'check_clock'
    case 'holder_missing':
    case 'holder_nonce_wrong':
    case 'holder_proof_too_old':
      return 'ask_for_holder_proof'
    default:
      return 'do_not_accept'
  }
}

function stepOutOfDoubt(open: readonly Check[]): NextStep {
  const codes = new Set(open.map(({ code }) => code))
  if (codes.has('bundle_missing')) return 'get_bundle'
  if (codes.has('bundle_from_future')) return 'check_clock'
  if (codes.has('bundle_expired') || codes.has('bundle_rolled_back')) return 'get_newer_bundle'
  if (open.some(({ name }) => name === 'bundle')) return 'get_right_bundle'
  if (codes.has('anchor_missing')) return 'ask_for_whole_certificate'
  if (codes.has('status_not_stated')) return 'ask_issuer'
  return 'get_newer_bundle'
}
