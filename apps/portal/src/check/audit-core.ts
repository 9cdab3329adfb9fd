/**
 * The check itself, by packages/audit, in this browser: the file is sent nowhere. Fetched apart from the page, so that
 * the page stands while the core is still on its way.
 */
import {
  auditFile,
  type OpenedReport,
  openBundle,
  openSignedReport,
  type Pins,
  pinsAfter,
  type Report,
  type TrustBundle,
  toShortForm,
  webPlatform,
} from '@chengxin/audit'
import { fromBase64url, fromUtf8, isRefusal, refuse } from '@chengxin/kernel'

export { looksLikeReport } from '@chengxin/audit'

import { pinsOf, rememberPins } from './pins.ts'
import type { Taken } from './take-file.ts'

/** A trust bundle as it was found: opened, or refused with its code; the text is kept so that a report can say so. */
export interface FoundBundle {
  readonly text: string
  readonly opened?: TrustBundle
  readonly refused?: string
  readonly pins: Pins | undefined
}

/** Clocks of a phone and of a committee differ; a bundle from further ahead is not remembered. */
const clockSkewMs = 5 * 60 * 1000

export async function findBundle(text: string, nowMs: number): Promise<FoundBundle> {
  const pins = pinsOf(groupNamedIn(text))
  const opened = await openBundle(text, { pins })
  if (isRefusal(opened)) return { text, refused: opened.refused, pins }
  if (opened.issuedAtMs <= nowMs + clockSkewMs) rememberPins(pinsAfter(opened))
  return { text, opened, pins }
}

export async function check(
  { text, attachedTo, refused }: Taken,
  bundle: FoundBundle | undefined,
  nowMs: number,
): Promise<Report> {
  const found = refused === undefined ? text : refuse(refused)
  const options = { nowMs, attachedTo }
  if (bundle === undefined) return auditFile(found, options)
  if (bundle.opened !== undefined) return auditFile(found, { ...options, bundle: bundle.opened })
  return auditFile(found, { ...options, bundle: bundle.text, pins: bundle.pins })
}

/** The short form, for a code that is checked with a bundle like this one or a later one. */
export function shorten(text: string, bundle: FoundBundle | undefined): string | undefined {
  return toShortForm(webPlatform.sha256, text, bundle?.opened?.knownCertificates)
}

/** A signed report of somebody's check; it needs a bundle that holds to tell who signed. */
export async function openReport(
  text: string,
  bundle: FoundBundle | undefined,
): Promise<OpenedReport | { readonly refused: string }> {
  return bundle?.opened === undefined ? { refused: 'bundle_missing' } : openSignedReport(text, bundle.opened)
}

/** Which group a bundle says it is of: only to find what is remembered of that group, which the opening then holds it to. */
function groupNamedIn(text: string): string | undefined {
  try {
    const { payload } = JSON.parse(text) as { payload?: unknown }
    const bytes = typeof payload === 'string' ? fromBase64url(payload) : undefined
    const { group } = JSON.parse((bytes && fromUtf8(bytes)) ?? '{}') as { group?: unknown }
    return typeof group === 'string' ? group : undefined
  } catch {
    return undefined
  }
}
