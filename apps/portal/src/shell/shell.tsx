/** The frame of every page: navigation at the side at desk width, at the foot of a phone. */
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { useCity } from '../city/city.ts'
import { CityLink, CityNavLink } from '../city/city-link.tsx'
import { Icon } from '../parts/icon.tsx'
import { Seal } from '../parts/seal.tsx'
import { useSession } from '../session/session.ts'
import { AccountLink } from './account-link.tsx'
import { AppearanceSwitch } from './appearance-switch.tsx'
import { GroupSwitch } from './group-switch.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { LivePulse } from './live-pulse.tsx'
import { MoreMenu } from './more-menu.tsx'
import {
  destinations,
  phoneDestinations,
  phoneDestinationsAtWork,
  residentPlacesOf,
  workplaceOf,
} from './navigation.ts'
import { SampleBanner } from './sample-banner.tsx'
import { SearchBox } from './search-box.tsx'
import './shell.css'

export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useTranslation('shell')
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <Rail />
      <div className="stage">
        <SampleBanner />
        <TopBar />
        <Main>{children}</Main>
      </div>
      <FootBar />
    </div>
  )
}

function Rail(): ReactElement {
  const { t } = useTranslation('shell')
  const { person } = useSession()
  const workplace = workplaceOf(person)
  return (
    <div className="rail">
      <CityLink to="/" className="brand">
        <Seal size={42} />
        <span className="brand-words">
          <span className="brand-name">{t('brand')}</span>
          <span className="brand-latin">{t('brandLatin')}</span>
        </span>
      </CityLink>
      <nav className="rail-nav" aria-label={t('nav.label')}>
        {workplace !== undefined && (
          <CityNavLink to={workplace.to} className="rail-link rail-work">
            <Icon name={workplace.key} />
            {t(`nav.${workplace.key}`)}
          </CityNavLink>
        )}
        {residentPlacesOf(person).map(({ to, key }) => (
          <CityNavLink key={key} to={to} className="rail-link">
            <Icon name={key} />
            {t(`nav.${key}`)}
          </CityNavLink>
        ))}
        {destinations.map(({ to, key }) => (
          <CityNavLink key={key} to={to} className="rail-link">
            <Icon name={key} />
            {t(`nav.${key}`)}
          </CityNavLink>
        ))}
      </nav>
      <div className="rail-foot">
        <LanguageSwitch id="language-of-rail" testId="language-switch" />
        <AppearanceSwitch name="appearance-of-rail" />
      </div>
    </div>
  )
}

function TopBar(): ReactElement {
  const { t } = useTranslation('shell')
  const { group, groups } = useCity()
  // The overview bears the city's name as its title.
  const isNamedBelow = useLocation().pathname === '/' && groups.length < 2
  return (
    <header className="top-bar">
      <CityLink to="/" className="top-brand" title={t('product')}>
        <Seal size={34} />
        <span className="top-brand-name">{t('brand')}</span>
      </CityLink>
      <div className="top-city">{!isNamedBelow && <GroupSwitch />}</div>
      <div className="top-search">
        <SearchBox id="search-of-top" />
      </div>
      <LivePulse key={group.id} />
      <AccountLink />
    </header>
  )
}

function Main({ children }: { readonly children: ReactNode }): ReactElement {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  // A new page begins at its top, and keyboard and screen reader begin there too.
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    scrollTo({ top: 0 })
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return (
    <main id="main" className="main" tabIndex={-1} ref={main}>
      {children}
    </main>
  )
}

function FootBar(): ReactElement {
  const { t } = useTranslation('shell')
  const workplace = workplaceOf(useSession().person)
  const shown = workplace === undefined ? phoneDestinations : phoneDestinationsAtWork
  return (
    <nav className="foot-bar" aria-label={t('nav.label')}>
      {workplace !== undefined && (
        <CityNavLink to={workplace.to} className="foot-link">
          <span className="foot-icon">
            <Icon name={workplace.key} size={22} />
          </span>
          {t(`nav.short.${workplace.key}`)}
        </CityNavLink>
      )}
      {shown.map(({ to, key }) => (
        <CityNavLink key={key} to={to} className={key === 'check' ? 'foot-link foot-check' : 'foot-link'}>
          <span className="foot-icon">{key === 'check' ? <Seal size={30} /> : <Icon name={key} size={22} />}</span>
          {t(`nav.short.${key}`)}
        </CityNavLink>
      ))}
      <MoreMenu />
    </nav>
  )
}
