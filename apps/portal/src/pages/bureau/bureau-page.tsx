/** The identity bureau: residents apply here, officers decide. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { useSession } from '../../session/session.ts'
import { RegistrarsTab } from '../registrars/registrars-tab.tsx'
import { ActsTab } from './acts-tab.tsx'
import { CounterTab } from './counter-tab.tsx'
import { PeopleTab } from './people-tab.tsx'
import { QueueTab } from './queue-tab.tsx'
import { ResidentDesk } from './resident-desk.tsx'
import './bureau.css'

const tabs = ['queue', 'acts', 'people', 'counter', 'registrars'] as const

export function BureauPage(): ReactElement {
  const { t } = useTranslation(['bureau', 'registrars'])
  const { isKnown, person, sampleCity } = useSession()
  const isOfficer = person?.roles.some((role) => role.startsWith('bureau_')) === true
  if (isOfficer) {
    return (
      <Page title={t('console.title')} lead={t('console.lead')}>
        <PageTabs
          tabs={tabs}
          label={(tab) => (tab === 'registrars' ? t('registrars:tab') : t(`console.tabs.${tab}`))}
          contents={{
            queue: <QueueTab />,
            acts: <ActsTab />,
            people: <PeopleTab />,
            counter: <CounterTab />,
            registrars: <RegistrarsTab />,
          }}
        />
      </Page>
    )
  }
  return (
    <Page title={t('apply.title')} lead={t('apply.lead')}>
      {!isKnown && <Outline />}
      {isKnown && person?.kind === 'resident' && <ResidentDesk />}
      {isKnown && person?.kind !== 'resident' && (
        <Empty
          icon="bureau"
          title={t('apply.signInFirst')}
          next={<CityLink to={sampleCity ? '/try' : '/sign-in'}>{t('apply.signIn')}</CityLink>}
        />
      )}
    </Page>
  )
}
