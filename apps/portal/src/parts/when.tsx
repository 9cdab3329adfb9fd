/** A moment as "3 minutes ago", with the exact one on hover and for machines. */
import type { ReactElement } from 'react'
import { useFormat } from '../format/use-format.ts'
import { useNowMs } from './now.ts'

export function When({ timeMs }: { readonly timeMs: number }): ReactElement {
  const format = useFormat()
  const nowMs = useNowMs()
  return (
    <time className="when" dateTime={new Date(timeMs).toISOString()} title={format.exactMoment(timeMs)}>
      {format.shortAgo(timeMs, nowMs)}
    </time>
  )
}

export function Moment({ timeMs }: { readonly timeMs: number }): ReactElement {
  const format = useFormat()
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={format.exactMoment(timeMs)}>
      {format.moment(timeMs)}
    </time>
  )
}

export function Day({ timeMs }: { readonly timeMs: number }): ReactElement {
  const format = useFormat()
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={format.exactMoment(timeMs)}>
      {format.date(timeMs)}
    </time>
  )
}
