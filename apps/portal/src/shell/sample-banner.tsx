import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../city/city.ts'
import { CityLink } from '../city/city-link.tsx'

/** Cannot be closed: nobody may mistake a city whose keys are public for a real one. */
export function SampleBanner(): ReactElement | null {
  const { t } = useTranslation('shell')
  const { group } = useCity()
  if (!group.sample) return null
  return (
    <aside className="sample-banner" aria-label={t('sample.label')} data-testid="sample-banner">
      <p>
        <strong>{t('sample.title')}</strong> <span className="sample-words">{t('sample.sentence')}</span>{' '}
        <CityLink to="/help#sample">{t('sample.more')}</CityLink>
      </p>
    </aside>
  )
}
