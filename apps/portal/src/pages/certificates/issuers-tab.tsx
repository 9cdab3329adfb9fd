import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type IssuerPeriod, listIssuers } from '../../api/credentials.ts'
import { useCity } from '../../city/city.ts'
import { useTypeName } from '../../city/type-name.ts'
import { Did } from '../../parts/did.tsx'
import { Empty } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Day } from '../../parts/when.tsx'

export function IssuersTab(): ReactElement {
  const { t } = useTranslation('certificates')
  const { group } = useCity()
  const typeName = useTypeName()
  return (
    <PagedPanel
      title={t('issuers.title')}
      note={t('issuers.note')}
      queryKey={['issuers', group.id]}
      load={(page, signal) => listIssuers(group.id, page, signal)}
      empty={<Empty icon="person" title={t('issuers.empty')} next={t('issuers.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('issuers.title')}
          rows={rows}
          rowKey={({ issuer, typeId, period }) => `${issuer} ${typeId} ${period}`}
          columns={[
            { key: 'issuer', header: t('issuers.issuer'), lead: true, cell: ({ issuer }) => <Did did={issuer} /> },
            { key: 'type', header: t('issuers.type'), cell: ({ typeId }) => typeName(typeId) },
            { key: 'from', header: t('issuers.from'), cell: ({ fromMs }) => <Day timeMs={fromMs} /> },
            { key: 'state', header: t('issuers.state'), cell: (row) => <AuthorisationTag row={row} /> },
          ]}
        />
      )}
    </PagedPanel>
  )
}

function AuthorisationTag({
  row: { endedBy, endedAtMs, untilMs, compromisedSinceMs, successor },
}: {
  readonly row: IssuerPeriod
}): ReactElement {
  const { t } = useTranslation('certificates')
  const nowMs = useNowMs()
  if (compromisedSinceMs !== undefined) return <Tag tone="bad">{t('issuers.compromised')}</Tag>
  if (endedBy === 'frozen') return <Tag tone="bad">{t('issuers.frozen')}</Tag>
  if (successor !== undefined) {
    return (
      <Tag>
        {t('issuers.passed')} <Did did={successor} />
      </Tag>
    )
  }
  if (endedBy === 'withdrawn' || endedAtMs !== undefined) return <Tag>{t('issuers.withdrawn')}</Tag>
  if (untilMs !== undefined && untilMs <= nowMs) return <Tag>{t('issuers.ended')}</Tag>
  return <Tag tone="good">{t('issuers.may')}</Tag>
}
