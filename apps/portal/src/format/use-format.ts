/** The formatters, bound to the language that is shown. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { tagOf } from '../i18n/languages.ts'
import { formatAmount, formatBytes, formatInteger } from './numbers.ts'
import { formatAgo, formatDate, formatExactMoment, formatMoment, formatSpan } from './times.ts'

export interface Format {
  readonly tag: string
  integer(value: number | bigint): string
  amount(value: string | number | bigint): string
  bytes(value: number): string
  ago(timeMs: number, nowMs: number): string
  /** As `ago`, for lists: "3 min. ago". */
  shortAgo(timeMs: number, nowMs: number): string
  moment(timeMs: number): string
  exactMoment(timeMs: number): string
  date(timeMs: number): string
  span(spanMs: number): string
}

export function useFormat(): Format {
  const { i18n } = useTranslation()
  const tag = tagOf(i18n.language)
  return useMemo(
    () => ({
      tag,
      integer: (value) => formatInteger(value, tag),
      amount: (value) => formatAmount(value, tag),
      bytes: (value) => formatBytes(value, tag),
      ago: (timeMs, nowMs) => formatAgo(timeMs, nowMs, tag),
      shortAgo: (timeMs, nowMs) => formatAgo(timeMs, nowMs, tag, 'short'),
      moment: (timeMs) => formatMoment(timeMs, tag),
      exactMoment: (timeMs) => formatExactMoment(timeMs, tag),
      date: (timeMs) => formatDate(timeMs, tag),
      span: (spanMs) => formatSpan(spanMs, tag),
    }),
    [tag],
  )
}
