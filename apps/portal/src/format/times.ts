/** Moments and spans in words of the reader's region, in the time zone of the reader's device. */
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const steps: readonly (readonly [limitMs: number, unitMs: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [minuteMs, secondMs, 'second'],
  [hourMs, minuteMs, 'minute'],
  [dayMs, hourMs, 'hour'],
  [30 * dayMs, dayMs, 'day'],
  [365 * dayMs, 30 * dayMs, 'month'],
  [Number.POSITIVE_INFINITY, 365 * dayMs, 'year'],
]

/** How long ago, or how far ahead: "2 minutes ago", "in 3 days". Clocks differ, so the last seconds are "now". */
export function formatAgo(
  timeMs: number,
  nowMs: number,
  tag: string,
  style: Intl.RelativeTimeFormatStyle = 'long',
): string {
  const distanceMs = timeMs - nowMs
  const format = new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style })
  if (Math.abs(distanceMs) < 3 * secondMs) return format.format(0, 'second')
  for (const [limitMs, unitMs, unit] of steps) {
    if (Math.abs(distanceMs) < limitMs) return format.format(Math.trunc(distanceMs / unitMs), unit)
  }
  return formatDate(timeMs, tag)
}

export function formatMoment(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(timeMs)
}

/** With milliseconds and the time zone, for those who compare records. */
export function formatExactMoment(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  }).format(timeMs)
}

export function formatDate(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }).format(timeMs)
}

/** A span such as a lag: milliseconds below a second, else seconds, minutes, hours or days. */
export function formatSpan(spanMs: number, tag: string): string {
  const [value, unit, digits] =
    spanMs < secondMs
      ? [spanMs, 'millisecond', 0]
      : spanMs < minuteMs
        ? [spanMs / secondMs, 'second', 1]
        : spanMs < hourMs
          ? [spanMs / minuteMs, 'minute', 0]
          : spanMs < 2 * dayMs
            ? [spanMs / hourMs, 'hour', 0]
            : [spanMs / dayMs, 'day', 0]
  return new Intl.NumberFormat(tag, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: digits,
  }).format(value)
}
