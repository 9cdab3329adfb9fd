/** What stands behind certificates: their types, who may issue them, what was anchored, what was taken back. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { BatchesTab } from './batches-tab.tsx'
import { IssuersTab } from './issuers-tab.tsx'
import { StatusListsTab } from './status-lists-tab.tsx'
import { TypesTab } from './types-tab.tsx'

const tabs = ['batches', 'issuers', 'types', 'statusLists'] as const

export function CertificatesPage(): ReactElement {
  const { t } = useTranslation('certificates')
  const contents = {
    batches: <BatchesTab />,
    issuers: <IssuersTab />,
    types: <TypesTab />,
    statusLists: <StatusListsTab />,
  }
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <CityLink to="/check" className="plain-button">
          <Icon name="check" size={18} />
          {t('checkOne')}
        </CityLink>
      }
    >
      <PageTabs tabs={tabs} label={(tab) => t(`tabs.${tab}`)} contents={contents} />
    </Page>
  )
}
