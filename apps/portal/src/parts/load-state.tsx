/** What stands where content will be: its outline while it loads, a next step where there is none, a retry where it failed. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api/http.ts'
import { Icon, type IconName } from './icon.tsx'
import './load-state.css'

export function Outline({ lines = 4 }: { readonly lines?: number }): ReactElement {
  const { t } = useTranslation('shell')
  return (
    <div className="outline" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="outline-line" style={{ width: `${92 - ((line * 23) % 40)}%` }} />
      ))}
    </div>
  )
}

export interface EmptyProps {
  readonly icon?: IconName
  readonly title: string
  readonly next: ReactNode
}

export function Empty({ icon = 'city', title, next }: EmptyProps): ReactElement {
  return (
    <div className="state">
      <span className="state-icon">
        <Icon name={icon} size={26} />
      </span>
      <p className="state-title">{title}</p>
      <p className="state-next">{next}</p>
    </div>
  )
}

export function Failure({ problem, retry }: { readonly problem: unknown; readonly retry: () => void }): ReactElement {
  const { t } = useTranslation('shell')
  const status = problem instanceof ApiProblem ? problem.status : -1
  // What does not exist, or may not be seen, will not change by asking again.
  const mayPass = status < 400 || status === 429 || status >= 500
  return (
    <div className="state" role="alert">
      <span className="state-icon state-icon-bad">
        <Icon name={status === 0 ? 'refresh' : 'unknown'} size={26} />
      </span>
      <p className="state-title">{t(`state.${reasonOf(status)}`)}</p>
      {problem instanceof ApiProblem && (
        <p className="state-next">
          <code>{problem.code}</code>
        </p>
      )}
      {mayPass && (
        <button type="button" className="plain-button" onClick={retry}>
          <Icon name="refresh" size={18} />
          {t('state.retry')}
        </button>
      )}
    </div>
  )
}

function reasonOf(status: number): 'unreachable' | 'malformed' | 'forbidden' | 'missing' | 'busy' | 'failed' {
  switch (status) {
    case 0:
      return 'unreachable'
    case 400:
      return 'malformed'
    case 401:
    case 403:
      return 'forbidden'
    case 404:
    case 410:
      return 'missing'
    case 429:
    case 503:
      return 'busy'
    default:
      return 'failed'
  }
}

/** Content of a query, or the state it is in. What was loaded before stays while it is asked again. */
export function Loaded<T>({
  query,
  lines,
  children,
}: {
  readonly query: UseQueryResult<T>
  readonly lines?: number
  readonly children: (data: T) => ReactNode
}): ReactNode {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <Failure problem={query.error} retry={() => void query.refetch()} />
  return <Outline {...(lines === undefined ? {} : { lines })} />
}
