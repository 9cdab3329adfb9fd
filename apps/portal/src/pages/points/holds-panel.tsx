import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listHolds, type PointsHold } from '../../api/points.ts'
import { useCity } from '../../city/city.ts'
import { useFormat } from '../../format/use-format.ts'
import { Empty } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { Moment } from '../../parts/when.tsx'

const tones = {
  pending: 'warn',
  posted: 'good',
  voided: 'quiet',
  expired: 'quiet',
} as const satisfies Record<PointsHold['status'], TagTone>

/** What is set aside, in all accounts or in one. */
export function HoldsPanel({ account }: { readonly account?: string }): ReactElement {
  const { t } = useTranslation('points')
  const format = useFormat()
  const nowMs = useNowMs()
  const { group } = useCity()
  /** Nothing happens at a time: a hold past its time still reads as pending until somebody voids it. */
  const statusOf = ({ status, expiresAtMs }: PointsHold) =>
    status === 'pending' && expiresAtMs <= nowMs ? 'expired' : status
  return (
    <PagedPanel
      title={t('holds.title')}
      note={t('holds.note')}
      queryKey={['points-holds', group.id, account]}
      cursorName="holdsBefore"
      load={(page, signal) => listHolds(group.id, { ...page, ...(account === undefined ? {} : { account }) }, signal)}
      empty={<Empty icon="clock" title={t('holds.empty')} next={t('holds.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('holds.title')}
          rows={rows}
          rowKey={({ holdId }) => holdId}
          columns={[
            { key: 'hold', header: t('holds.hold'), lead: true, cell: ({ holdId }) => <ShortId id={holdId} /> },
            {
              key: 'from',
              header: t('transfers.from'),
              cell: ({ from }) => <ShortId id={from} to={`/points/accounts/${from}`} copy={false} />,
            },
            {
              key: 'to',
              header: t('transfers.to'),
              cell: ({ to }) => <ShortId id={to} to={`/points/accounts/${to}`} copy={false} />,
            },
            {
              key: 'status',
              header: t('holds.status'),
              cell: (hold) => <Tag tone={tones[statusOf(hold)]}>{t(`holds.statuses.${statusOf(hold)}`)}</Tag>,
            },
            { key: 'until', header: t('holds.until'), cell: ({ expiresAtMs }) => <Moment timeMs={expiresAtMs} /> },
            {
              key: 'amount',
              header: t('transfers.amount'),
              numeric: true,
              cell: ({ amount, unit }) => (
                <strong>
                  {format.amount(amount)} <span className="unit">{unit}</span>
                </strong>
              ),
            },
          ]}
        />
      )}
    </PagedPanel>
  )
}
