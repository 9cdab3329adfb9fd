import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCity } from '../city/city.ts'
import { CityLink } from '../city/city-link.tsx'
import { useSession } from '../session/session.ts'

/**
 * Cannot be closed: nobody may mistake a city whose keys are public for a real one, or a role that is tried for their
 * own account.
 */
export function SampleBanner(): ReactElement | null {
  const { t } = useTranslation('shell')
  const { group } = useCity()
  const { person, signOut } = useSession()
  if (!group.sample) return null
  const persona = person?.persona
  return (
    <aside className="sample-banner" aria-label={t('sample.label')} data-testid="sample-banner">
      <p>
        <strong>{t('sample.title')}</strong>{' '}
        {persona === undefined ? (
          <>
            <span className="sample-words">{t('sample.sentence')}</span>{' '}
            <CityLink to="/help#sample">{t('sample.more')}</CityLink>
          </>
        ) : (
          <span data-testid="persona-banner" data-persona={persona}>
            {t('sample.trying', { persona: t(`persona.${persona}` as never) })}{' '}
            <CityLink to="/try">{t('sample.switch')}</CityLink>{' '}
            <button type="button" className="banner-button" onClick={() => void signOut()} data-testid="leave-persona">
              {t('sample.leave')}
            </button>
          </span>
        )}
      </p>
    </aside>
  )
}
