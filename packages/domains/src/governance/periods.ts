/** Spans of time, oldest first: a question about the past is answered from state alone. */
import type { TimeMs } from '@chengxin/kernel'

interface Period {
  readonly fromMs: TimeMs
  readonly untilMs?: TimeMs
}

export function periodAt<P extends Period>(periods: readonly P[], atMs: TimeMs): P | undefined {
  return periods.find(({ fromMs, untilMs }) => fromMs <= atMs && (untilMs === undefined || atMs < untilMs))
}

/** The same spans with the last one ended, if it still lasts. */
export function endLast<P extends Period>(periods: readonly P[], atMs: TimeMs): readonly P[] {
  const last = periods.at(-1)
  if (last === undefined || last.untilMs !== undefined) return periods
  return [...periods.slice(0, -1), { ...last, untilMs: atMs }]
}
