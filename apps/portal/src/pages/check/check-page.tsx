/** Is this certificate genuine? One answer first, then what it rests on. Nothing leaves this browser. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { CheckDesk } from './check-desk.tsx'

export function CheckPage(): ReactElement {
  const { t } = useTranslation('check')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <CheckDesk withSamples />
    </Page>
  )
}
