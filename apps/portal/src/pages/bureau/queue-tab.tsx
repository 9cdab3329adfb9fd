/** Applications, by state; one is opened above the list. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { type ApplicationRow, applicationStatuses, bureau } from '../../api/bureau.ts'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'
import { ApplicationView } from './application-view.tsx'
import { nameOf } from './fact-words.tsx'

const tones: { readonly [status: string]: TagTone } = { submitted: 'warn', confirmed: 'good', refused: 'bad' }

export function QueueTab(): ReactElement {
  const { t } = useTranslation('bureau')
  const queryClient = useQueryClient()
  const [parameters, setParameters] = useSearchParams()
  const [open, setOpen] = useState<string>()
  const status = parameters.get('status') ?? 'submitted'
  const newest = parameters.get('newest') === 'true'
  const counts = useQuery({
    queryKey: ['desk', 'bureau', 'counts'],
    queryFn: async ({ signal }) =>
      (await bureau.applications({ status: 'submitted', newest: false }, {}, signal)).counts,
    refetchInterval: 15_000,
  }).data
  const choose = (name: string, value: string | undefined) => {
    const next = new URLSearchParams(parameters)
    next.delete('before')
    if (value === undefined) next.delete(name)
    else next.set(name, value)
    setParameters(next, { preventScrollReset: true })
  }
  const close = () => {
    setOpen(undefined)
    return queryClient.invalidateQueries({ queryKey: ['desk', 'bureau'] })
  }
  return (
    <>
      {open !== undefined && <ApplicationView key={open} applicationId={open} close={close} />}
      <div className="bureau-filters" role="group" aria-label={t('queue.filter')}>
        {applicationStatuses.map((one) => (
          <button
            key={one}
            type="button"
            className="bureau-filter"
            aria-pressed={status === one}
            onClick={() => choose('status', one === 'submitted' ? undefined : one)}
          >
            {t(`status.${one}`)} <span className="numeric">{counts?.[one] ?? ''}</span>
          </button>
        ))}
        <label className="bureau-order">
          <input
            type="checkbox"
            checked={newest}
            onChange={(event) => choose('newest', event.target.checked ? 'true' : undefined)}
          />
          {t('queue.newest')}
        </label>
      </div>
      <PagedPanel<ApplicationRow>
        key={`${status} ${newest}`}
        title={t('queue.title')}
        queryKey={['desk', 'bureau', 'applications', status, newest]}
        load={(page, signal) => bureau.applications({ status, newest }, page, signal)}
        empty={<Empty icon="bureau" title={t('queue.empty')} next={t('queue.emptyNext')} />}
      >
        {(rows) => (
          <RecordList
            caption={t('queue.title')}
            rows={rows}
            rowKey={({ applicationId }) => applicationId}
            columns={[
              {
                key: 'name',
                header: t('queue.who'),
                lead: true,
                cell: ({ applicationId, facts }) => (
                  <button
                    type="button"
                    className="link-button"
                    onClick={() => {
                      setOpen(applicationId)
                      scrollTo({ top: 0 })
                    }}
                    data-testid="open-application"
                  >
                    {nameOf(facts)}
                  </button>
                ),
              },
              {
                key: 'document',
                header: t('fact.document_type'),
                cell: ({ facts }) => t(`document.${facts.document_type}`),
              },
              {
                key: 'when',
                header: t('field.submitted'),
                cell: ({ submittedAtMs }) => <When timeMs={submittedAtMs} />,
              },
              {
                key: 'status',
                header: t('field.status'),
                cell: (row) => (
                  <>
                    <Tag tone={tones[row.status] ?? 'quiet'}>{t(`status.${row.status}`)}</Tag>
                    {row.atCounter && <Tag>{t('queue.counter')}</Tag>}
                  </>
                ),
              },
            ]}
          />
        )}
      </PagedPanel>
    </>
  )
}
