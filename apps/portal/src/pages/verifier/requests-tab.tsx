/** What the office asked and still keeps. */
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type AskedRequest, type RegistrationAnswer, requestsQuery } from '../../api/verifier.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Day, When } from '../../parts/when.tsx'
import { AskedView } from './asked-view.tsx'
import { useRegistrationWords } from './words.ts'

const tones: { readonly [status in AskedRequest['status']]: TagTone } = {
  open: 'warn',
  accepted: 'good',
  refused: 'bad',
  expired: 'quiet',
}

export function RequestsTab({ answer }: { readonly answer: RegistrationAnswer }): ReactElement {
  const { t } = useTranslation('verifier')
  const words = useRegistrationWords(answer)
  const query = useQuery({ ...requestsQuery, refetchInterval: 10_000 })
  const [open, setOpen] = useState<string>()
  if (open !== undefined) return <AskedView requestId={open} answer={answer} again={() => setOpen(undefined)} />
  return (
    <Loaded query={query}>
      {(requests) =>
        requests.length === 0 ? (
          <Empty icon="verifier" title={t('requests.none')} next={t('requests.noneNext')} />
        ) : (
          <RecordList
            caption={t('tabs.requests')}
            rows={requests}
            rowKey={({ requestId }) => requestId}
            columns={[
              {
                key: 'purpose',
                header: t('requests.purpose'),
                lead: true,
                cell: ({ requestId, purposeId }) => (
                  <button type="button" className="link-button" onClick={() => setOpen(requestId)}>
                    {words.purpose(purposeId)}
                  </button>
                ),
              },
              { key: 'type', header: t('requests.type'), cell: ({ typeId }) => words.type(typeId) },
              { key: 'asked', header: t('requests.asked'), cell: ({ askedAtMs }) => <When timeMs={askedAtMs} /> },
              {
                key: 'status',
                header: t('requests.status'),
                cell: ({ status, withdrawnAtMs }) =>
                  withdrawnAtMs === undefined ? (
                    <Tag tone={tones[status]}>{t(`requests.word.${status}`)}</Tag>
                  ) : (
                    <Tag tone="quiet">{t('requests.word.withdrawn')}</Tag>
                  ),
              },
              { key: 'kept', header: t('requests.kept'), cell: ({ keepUntilMs }) => <Day timeMs={keepUntilMs} /> },
            ]}
          />
        )
      }
    </Loaded>
  )
}
