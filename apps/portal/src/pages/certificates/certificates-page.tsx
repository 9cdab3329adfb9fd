/** What stands behind certificates: their types, who may issue them, what was anchored, what was taken back. */
import { Tabs } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page } from '../../parts/page.tsx'
import { useTab } from '../../parts/use-tab.ts'
import { BatchesTab } from './batches-tab.tsx'
import { IssuersTab } from './issuers-tab.tsx'
import { StatusListsTab } from './status-lists-tab.tsx'
import { TypesTab } from './types-tab.tsx'

const tabs = ['batches', 'issuers', 'types', 'statusLists'] as const

export function CertificatesPage(): ReactElement {
  const { t } = useTranslation('certificates')
  const [tab, show] = useTab(tabs)
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
      <Tabs
        activeKey={tab}
        onChange={show}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`tabs.${key}`), children: contents[key] }))}
      />
    </Page>
  )
}
