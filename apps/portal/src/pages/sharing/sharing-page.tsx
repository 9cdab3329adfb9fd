/** Licences shared between departments: what an office asks, and what a resident decides and sees. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useSession } from '../../session/session.ts'
import { OfficeSharing } from './office-sharing.tsx'
import { ResidentSharing } from './resident-sharing.tsx'
import '../../parts/button.css'
import './sharing.css'

const officers = ['verifier_officer', 'department_officer']

export function SharingPage(): ReactElement {
  const { t } = useTranslation('sharing')
  const { isKnown, person } = useSession()
  const isResident = person?.kind === 'resident'
  const isOfficer = person?.roles.some((role) => officers.includes(role)) === true
  return (
    <Page title={t('title')} lead={t(isResident ? 'leadResident' : 'lead')}>
      {!isKnown && <Outline />}
      {isKnown && !isResident && !isOfficer && (
        <Empty icon="sharing" title={t('door.title')} next={<CityLink to="/try">{t('door.next')}</CityLink>} />
      )}
      {isResident && <ResidentSharing />}
      {isOfficer && <OfficeSharing />}
    </Page>
  )
}
