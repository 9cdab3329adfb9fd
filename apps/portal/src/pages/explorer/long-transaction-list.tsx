/** The transactions of one block arrive at once and may be thousands: they are shown page by page. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TransactionSummary } from '../../api/transactions.ts'
import { useFormat } from '../../format/use-format.ts'
import { Icon } from '../../parts/icon.tsx'
import { pageRows } from '../../parts/paged.tsx'
import { TransactionList } from './transaction-list.tsx'

export function LongTransactionList({ rows }: { readonly rows: readonly TransactionSummary[] }): ReactElement {
  const { t } = useTranslation('shell')
  const format = useFormat()
  const [page, setPage] = useState(0)
  const pages = Math.ceil(rows.length / pageRows)
  return (
    <>
      <TransactionList rows={rows.slice(page * pageRows, (page + 1) * pageRows)} withBlock={false} />
      {pages > 1 && (
        <nav className="pager" aria-label={t('paging.label')}>
          <button
            type="button"
            className="plain-button pager-back"
            disabled={page === 0}
            onClick={() => setPage(page - 1)}
          >
            <Icon name="chevron" size={18} />
            {t('paging.previous')}
          </button>
          <span className="numeric">
            {t('paging.of', { page: format.integer(page + 1), pages: format.integer(pages) })}
          </span>
          <button
            type="button"
            className="plain-button"
            disabled={page + 1 === pages}
            onClick={() => setPage(page + 1)}
          >
            {t('paging.next')}
            <Icon name="chevron" size={18} />
          </button>
        </nav>
      )}
    </>
  )
}
