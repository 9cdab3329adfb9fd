import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Page } from '../../parts/page.tsx'

export function MissingPage(): ReactElement {
  const { t } = useTranslation('help')
  return (
    <Page title={t('missing.title')} lead={t('missing.text')}>
      <CityLink to="/" className="plain-button">
        {t('missing.home')}
      </CityLink>
    </Page>
  )
}
