/** Who keeps the ledger and by which rules: members, committee, roles, proposals. */
import { Tabs } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { useTab } from '../../parts/use-tab.ts'
import { MembersTab } from './members-tab.tsx'
import { ProposalsTab } from './proposals-tab.tsx'
import { RolesTab } from './roles-tab.tsx'
import { RulesTab } from './rules-tab.tsx'
import './governance.css'

const tabs = ['members', 'proposals', 'roles', 'rules'] as const

export function GovernancePage(): ReactElement {
  const { t } = useTranslation('governance')
  const [tab, show] = useTab(tabs)
  const contents = { members: <MembersTab />, proposals: <ProposalsTab />, roles: <RolesTab />, rules: <RulesTab /> }
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Tabs
        activeKey={tab}
        onChange={show}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`tabs.${key}`), children: contents[key] }))}
      />
    </Page>
  )
}
