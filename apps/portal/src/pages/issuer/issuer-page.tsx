/** An office that issues certificates: its types, registers that become entitlements, certificates, and decisions. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type Office, officeQuery } from '../../api/issuer.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { useSession } from '../../session/session.ts'
import { CertificatesTab } from './certificates-tab.tsx'
import { DecisionsTab } from './decisions-tab.tsx'
import { RegisterTab } from './register-tab.tsx'
import { SuccessionTab } from './succession-tab.tsx'
import { TypesTab } from './types-tab.tsx'
import { useTexts } from './words.ts'
import '../../parts/button.css'
import './issuer.css'

const officers = ['issuer_clerk', 'issuer_officer', 'department_officer']

export function IssuerPage(): ReactElement {
  const { t } = useTranslation('issuer')
  const { isKnown, person } = useSession()
  const isOfficer = person?.roles.some((role) => officers.includes(role)) === true
  if (isOfficer) return <Console />
  return (
    <Page title={t('title')} lead={t('lead')}>
      {isKnown ? (
        <Empty icon="issuer" title={t('door.title')} next={<CityLink to="/try">{t('door.next')}</CityLink>} />
      ) : (
        <Outline />
      )}
    </Page>
  )
}

const tabs = ['types', 'register', 'certificates', 'decisions', 'succession'] as const

function Console(): ReactElement {
  const { t } = useTranslation(['issuer', 'registrars'])
  const text = useTexts()
  const query = useQuery({ ...officeQuery, refetchInterval: 10_000 })
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={<CityLink to="/newcomers">{t('registrars:newcomers.title')}</CityLink>}
      {...(query.data ? { kind: text(query.data.names) } : {})}
    >
      <Loaded query={query}>{(office) => <Tabs office={office} />}</Loaded>
    </Page>
  )
}

function Tabs({ office }: { readonly office: Office }): ReactElement {
  const { t } = useTranslation('issuer')
  const contents = {
    types: <TypesTab office={office} />,
    register: <RegisterTab office={office} />,
    certificates: <CertificatesTab office={office} />,
    decisions: <DecisionsTab office={office} />,
    succession: <SuccessionTab office={office} />,
  }
  return <PageTabs tabs={tabs} label={(tab) => t(`tabs.${tab}`)} contents={contents} />
}
