/** Who keeps the ledger and by which rules: members, committee, roles, proposals. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { ConsortiumTab } from './consortium-tab.tsx'
import { MembersTab } from './members-tab.tsx'
import { ProposalsTab } from './proposals-tab.tsx'
import { RolesTab } from './roles-tab.tsx'
import { RulesTab } from './rules-tab.tsx'
import './governance.css'

const tabs = ['members', 'consortium', 'proposals', 'roles', 'rules'] as const

export function GovernancePage(): ReactElement {
  const { t } = useTranslation('governance')
  const contents = {
    members: <MembersTab />,
    consortium: <ConsortiumTab />,
    proposals: <ProposalsTab />,
    roles: <RolesTab />,
    rules: <RulesTab />,
  }
  return (
    <Page title={t('title')} lead={t('lead')}>
      <PageTabs tabs={tabs} label={(tab) => t(`tabs.${tab}`)} contents={contents} />
    </Page>
  )
}
