/** Whether an issuer was entitled at a time: the one question that everything about issuers serves. */
import type { TimeMs } from '@chengxin/kernel'
import type { AuthorisationPeriod } from './types.ts'

/** When a period ended or, if it lasts, would end by ending it now. */
export function endedBy(period: AuthorisationPeriod, nowMs: TimeMs): TimeMs {
  const end = endOf(period)
  return end !== undefined && end < nowMs ? end : nowMs
}

function endOf({ untilMs, endedAtMs }: AuthorisationPeriod): TimeMs | undefined {
  if (untilMs === undefined || endedAtMs === undefined) return untilMs ?? endedAtMs
  return endedAtMs < untilMs ? endedAtMs : untilMs
}

/** Whether a period lasts at a time. */
export function isOpenAt(period: AuthorisationPeriod, atMs: TimeMs): boolean {
  const end = endOf(period)
  return period.fromMs <= atMs && (end === undefined || atMs < end)
}

/**
 * True when a period covers the time and no compromise does. A compromise reaches back over earlier periods, because the
 * keys may have been in wrong hands then too, and ends when the issuer was frozen.
 */
export function isEntitledAt(periods: readonly AuthorisationPeriod[], atMs: TimeMs): boolean {
  const isCovered = periods.some((period) => isOpenAt(period, atMs))
  return isCovered && !periods.some((period) => isCompromisedAt(period, atMs))
}

function isCompromisedAt({ compromisedSinceMs, endedAtMs }: AuthorisationPeriod, atMs: TimeMs): boolean {
  return compromisedSinceMs !== undefined && compromisedSinceMs <= atMs && (endedAtMs === undefined || atMs < endedAtMs)
}
