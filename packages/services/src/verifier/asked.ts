/**
 * What an office asked and what came of it. It is kept in the vault, found by the office, and erased when the time is over
 * that the purpose allows; the question itself is gone within minutes where nobody answers.
 */

import type { Report } from '@chengxin/audit'
import type { Json, JsonObject } from '@chengxin/kernel'
import type { Collection, Vault } from '../vault/face.ts'

export type Device = 'other' | 'browser'

export interface Asked {
  readonly office: string
  /** Account of the officer. */
  readonly askedBy: string
  readonly askedAtMs: number
  /** Until when an answer is taken. */
  readonly untilMs: number
  readonly keepUntilMs: number
  readonly purposeId: string
  readonly typeId: string
  readonly fields: readonly string[]
  /** Those of the fields that the holder may leave out. */
  readonly optional?: readonly string[]
  readonly device: Device
  /** Fetches the answer; shown to nobody. */
  readonly ticket: string
  readonly link?: string
  readonly outcome?: Outcome
  /** The holder withdrew the consent: what was shown is gone, what proves that one had it stays until the time is over. */
  readonly withdrawal?: { readonly atMs: number; readonly jwt: string }
}

export type Outcome =
  | { readonly status: 'accepted'; readonly atMs: number; readonly shown: Shown }
  | { readonly status: 'refused'; readonly atMs: number; readonly code: string; readonly reports: readonly Report[] }

export interface Shown {
  /** SHA-256 of the presentation. */
  readonly hash: string
  /** What the holder's withdrawal would name: what was shown, and by which key. */
  readonly shownHash: string
  readonly holder: string
  /** What was asked for; nothing that was shown beyond it. Empty once the holder has withdrawn. */
  readonly claims: JsonObject
  readonly report: Report
}

export type AskedRecords = Collection<Asked & Json>

export function askedRecords(vault: Vault): AskedRecords {
  return vault.collection<Asked & Json>('verifier-requests')
}

/** What an officer sees of it. */
export function askedView(requestId: string, asked: Asked, nowMs: number): JsonObject {
  const { ticket: _ticket, askedBy: _askedBy, office: _office, outcome, link, withdrawal, ...seen } = asked
  const isOpen = outcome === undefined && nowMs < asked.untilMs
  const status = outcome?.status ?? (isOpen ? 'open' : 'expired')
  return {
    requestId,
    ...seen,
    status,
    ...(isOpen && link !== undefined && { link }),
    ...(outcome && { answeredAtMs: outcome.atMs }),
    ...(withdrawal && { withdrawnAtMs: withdrawal.atMs }),
    ...(outcome?.status === 'accepted' && { shown: outcome.shown as unknown as JsonObject }),
    ...(outcome?.status === 'refused' && { code: outcome.code, reports: outcome.reports as unknown as Json }),
  }
}
