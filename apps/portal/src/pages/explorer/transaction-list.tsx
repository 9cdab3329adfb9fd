import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useActivitySentence } from '../../activity/sentence.ts'
import type { TransactionSummary } from '../../api/transactions.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Did } from '../../parts/did.tsx'
import { type Column, RecordList } from '../../parts/record-list.tsx'
import { Tag } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'

export function TransactionList({
  rows,
  withBlock = true,
}: {
  readonly rows: readonly TransactionSummary[]
  readonly withBlock?: boolean
}): ReactElement {
  const { t } = useTranslation(['explorer', 'activity'])
  const format = useFormat()
  const sentence = useActivitySentence()
  const columns: Column<TransactionSummary>[] = [
    {
      key: 'what',
      header: t('transactions.what'),
      lead: true,
      cell: ({ id, types, code }) => (
        <>
          <CityLink to={`/explorer/transactions/${id}`}>{sentence(types)}</CityLink>{' '}
          {code !== 'ok' && <Tag tone="bad">{t('activity:refused')}</Tag>}
        </>
      ),
    },
    { key: 'signer', header: t('transactions.signer'), cell: ({ signer }) => <Did did={signer} copy={false} /> },
    ...(withBlock
      ? [
          {
            key: 'block',
            header: t('transactions.block'),
            numeric: true,
            cell: ({ height }: TransactionSummary) => (
              <CityLink to={`/explorer/blocks/${height}`}>{format.integer(height)}</CityLink>
            ),
          },
        ]
      : []),
    { key: 'when', header: t('transactions.when'), numeric: true, cell: ({ timeMs }) => <When timeMs={timeMs} /> },
  ]
  return <RecordList caption={t('transactions.title')} columns={columns} rows={rows} rowKey={({ id }) => id} />
}
