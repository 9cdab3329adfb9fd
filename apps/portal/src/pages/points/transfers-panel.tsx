import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listTransfers, type PointsTransfer } from '../../api/points.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { RecordList } from '../../parts/record-list.tsx'
import { ShortId } from '../../parts/short-id.tsx'
import { When } from '../../parts/when.tsx'

/** What moved in all accounts, or in one: then what went out has a minus. */
export function TransfersPanel({ account }: { readonly account?: string }): ReactElement {
  const { t } = useTranslation('points')
  const format = useFormat()
  const { group } = useCity()
  const isOut = ({ from }: PointsTransfer) => from === account
  return (
    <PagedPanel
      title={t('transfers.title')}
      queryKey={['points-transfers', group.id, account]}
      load={(page, signal) =>
        listTransfers(group.id, { ...page, ...(account === undefined ? {} : { account }) }, signal)
      }
      empty={<Empty icon="points" title={t('transfers.empty')} next={t('transfers.emptyNext')} />}
    >
      {(rows) => (
        <RecordList
          caption={t('transfers.title')}
          rows={rows}
          rowKey={({ transactionId, eventIndex }) => `${transactionId} ${eventIndex}`}
          columns={[
            {
              key: 'what',
              header: t('transfers.what'),
              lead: true,
              cell: ({ transactionId, kind }) => {
                const words = t(`transfers.kinds.${kind}`)
                if (transactionId === undefined) return words
                return <CityLink to={`/explorer/transactions/${transactionId}`}>{words}</CityLink>
              },
            },
            { key: 'from', header: t('transfers.from'), cell: ({ from }) => <AccountId id={from} /> },
            { key: 'to', header: t('transfers.to'), cell: ({ to }) => <AccountId id={to} /> },
            {
              key: 'amount',
              header: t('transfers.amount'),
              numeric: true,
              cell: (row) => (
                <strong className={account === undefined ? undefined : isOut(row) ? 'amount-out' : 'amount-in'}>
                  {account === undefined ? '' : isOut(row) ? '−' : '+'}
                  {format.amount(row.amount)} <span className="unit">{row.unit}</span>
                </strong>
              ),
            },
            { key: 'when', header: t('transfers.when'), numeric: true, cell: ({ timeMs }) => <When timeMs={timeMs} /> },
          ]}
        />
      )}
    </PagedPanel>
  )
}

function AccountId({ id }: { readonly id: string }): ReactElement {
  return <ShortId id={id} to={`/points/accounts/${id}`} copy={false} />
}
