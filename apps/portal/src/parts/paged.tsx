/**
 * Lists of any length, one page at a time: the page shown stands in the address (so that it can be linked and the
 * browser's back button works), and no more than one page is ever in the document.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { Page } from '../api/transactions.ts'
import { Icon } from './icon.tsx'
import { Loaded } from './load-state.tsx'
import { Panel } from './panel.tsx'
import './paged.css'

/** A row is a line on a desk and a card on a phone. */
export const pageRows = matchMedia('(max-width: 860px)').matches ? 12 : 25

export interface PagedProps<Row> {
  /** What is listed, with its filters: another key starts at the first page. */
  readonly queryKey: readonly unknown[]
  readonly load: (page: { readonly limit: number; readonly before?: string }, signal: AbortSignal) => Promise<Page<Row>>
  /** Name of the cursor in the address, where a page has several lists. */
  readonly cursorName?: string
  readonly empty: ReactNode
  readonly children: (rows: readonly Row[], atStart: boolean) => ReactNode
}

export function Paged<Row>({ queryKey, load, cursorName = 'before', empty, children }: PagedProps<Row>): ReactElement {
  const { t } = useTranslation('shell')
  const [parameters, setParameters] = useSearchParams()
  const before = parameters.get(cursorName) ?? undefined
  // Where "newer" leads; after a reload the trail is gone and "newest" is offered instead.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([])

  const query = useQuery({
    queryKey: [...queryKey, before],
    queryFn: ({ signal }) => load({ limit: pageRows, ...(before === undefined ? {} : { before }) }, signal),
    placeholderData: keepPreviousData,
  })

  const show = (cursor: string | undefined, nextTrail: readonly (string | undefined)[]) => {
    setTrail(nextTrail)
    const next = new URLSearchParams(parameters)
    if (cursor === undefined) next.delete(cursorName)
    else next.set(cursorName, cursor)
    setParameters(next, { preventScrollReset: true })
  }

  return (
    <Loaded query={query} lines={8}>
      {({ rows, next }) => {
        if (rows.length === 0 && before === undefined) return empty
        return (
          <div className={query.isPlaceholderData ? 'paged paged-stale' : 'paged'} aria-busy={query.isFetching}>
            {children(rows, before === undefined)}
            {(before !== undefined || next !== undefined) && (
              <nav className="pager" aria-label={t('paging.label')}>
                {before !== undefined && (
                  <button
                    type="button"
                    className="plain-button pager-back"
                    onClick={() => show(trail.at(-1), trail.slice(0, -1))}
                  >
                    <Icon name="chevron" size={18} />
                    {trail.length > 0 ? t('paging.newer') : t('paging.first')}
                  </button>
                )}
                {next !== undefined && (
                  <button
                    type="button"
                    className="plain-button pager-on"
                    disabled={query.isPlaceholderData}
                    onClick={() => show(next, [...trail, before])}
                  >
                    {t('paging.older')}
                    <Icon name="chevron" size={18} />
                  </button>
                )}
              </nav>
            )}
          </div>
        )
      }}
    </Loaded>
  )
}

/** A paged list in its own panel. */
export function PagedPanel<Row>({
  title,
  note,
  action,
  ...paged
}: PagedProps<Row> & { readonly title: string; readonly note?: ReactNode; readonly action?: ReactNode }): ReactElement {
  return (
    <Panel title={title} {...(note === undefined ? {} : { note })} {...(action === undefined ? {} : { action })}>
      <Paged {...paged} />
    </Panel>
  )
}
