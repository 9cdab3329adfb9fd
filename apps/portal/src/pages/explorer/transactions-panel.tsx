/** All transactions, newest first. New ones are announced, not pushed in: a list that moves cannot be read. */
import { useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { listTransactions, type TransactionSummary } from '../../api/transactions.ts'
import { useCity, useLive } from '../../city/city.ts'
import { useFormat } from '../../format/use-format.ts'
import { Empty } from '../../parts/load-state.tsx'
import { PagedPanel } from '../../parts/paged.tsx'
import { TransactionList } from './transaction-list.tsx'

export function TransactionsPanel(): ReactElement {
  const { t } = useTranslation('explorer')
  const { group } = useCity()
  return (
    <PagedPanel
      title={t('transactions.title')}
      queryKey={['transactions', group.id]}
      load={(page, signal) => listTransactions(group.id, page, signal)}
      empty={<Empty icon="explorer" title={t('transactions.empty')} next={t('transactions.emptyNext')} />}
    >
      {(rows, atStart) => (
        <>
          {atStart && <News newest={rows[0]} />}
          <TransactionList rows={rows} />
        </>
      )}
    </PagedPanel>
  )
}

function News({ newest }: { readonly newest: TransactionSummary | undefined }): ReactElement | null {
  const { t } = useTranslation('explorer')
  const format = useFormat()
  const { group } = useCity()
  const { size } = useLive()
  const queryClient = useQueryClient()
  const fresh = newest === undefined ? 0 : size - newest.leafIndex - 1
  if (fresh <= 0) return null
  return (
    <button
      type="button"
      className="news"
      onClick={() => void queryClient.invalidateQueries({ queryKey: ['transactions', group.id] })}
    >
      {t('transactions.fresh', { count: format.integer(fresh) })}
    </button>
  )
}
