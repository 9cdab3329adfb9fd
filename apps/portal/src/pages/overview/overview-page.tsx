/** How the city's ledger is doing, at a glance: its height, who keeps it, what happens on it now. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { usePageTitle } from '../../parts/page.tsx'
import { GroupsPanel } from './groups-panel.tsx'
import { HealthPanel } from './health-panel.tsx'
import { LiveActivity } from './live-activity.tsx'
import { MembersPanel } from './members-panel.tsx'
import { Pulse } from './pulse.tsx'
import { TryStrip } from './try-strip.tsx'
import './overview.css'

export function OverviewPage(): ReactElement {
  const { t } = useTranslation('overview')
  const { group, groups } = useCity()
  usePageTitle(group.name)
  return (
    <div className="page">
      <header className="hero">
        <div className="hero-words">
          <h1 className="page-title">{group.name}</h1>
          <p className="page-lead">{t('lead')}</p>
        </div>
        <CityLink to="/check" className="hero-action" testId="go-check">
          <span className="hero-action-icon">
            <Icon name="check" size={26} />
          </span>
          <span className="hero-action-words">
            <strong>{t('check.title')}</strong>
            <span>{t('check.note')}</span>
          </span>
          <Icon name="chevron" />
        </CityLink>
      </header>
      <TryStrip />
      <Pulse />
      <div className="overview-columns">
        <LiveActivity />
        <div className="overview-side">
          {groups.length > 1 && <GroupsPanel />}
          <MembersPanel />
          <HealthPanel />
        </div>
      </div>
    </div>
  )
}
