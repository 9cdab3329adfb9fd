import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { SearchBox } from '../../shell/search-box.tsx'
import { BlocksPanel } from './blocks-panel.tsx'
import { TransactionsPanel } from './transactions-panel.tsx'
import './explorer.css'

export function ExplorerPage(): ReactElement {
  const { t } = useTranslation('explorer')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="explorer-search">
        <SearchBox id="search-of-page" large />
      </div>
      <div className="explorer-columns">
        <TransactionsPanel />
        <BlocksPanel />
      </div>
    </Page>
  )
}
