/** The sample city's door: be somebody, and see the whole scheme from there. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useSession } from '../../session/session.ts'
import { TourStart } from '../../tour/tour-start.tsx'
import { PersonaCards } from './persona-cards.tsx'

export function TryPage(): ReactElement {
  const { t } = useTranslation('session')
  const { sampleCity, isKnown } = useSession()
  return (
    <Page title={t('try.title')} lead={t('try.lead')}>
      {!isKnown && <Outline />}
      {isKnown && sampleCity && <TourStart />}
      {isKnown && sampleCity && <PersonaCards />}
      {isKnown && !sampleCity && <Empty icon="person" title={t('try.none')} next={t('try.noneNext')} />}
      <p className="try-own">
        {t('try.own')} <CityLink to="/sign-in">{t('try.ownLink')}</CityLink>
      </p>
    </Page>
  )
}
