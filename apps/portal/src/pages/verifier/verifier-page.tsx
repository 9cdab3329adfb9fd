/** An office that asks holders for certificates: asking, answers, files, and what it is registered for. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type RegistrationAnswer, registrationQuery } from '../../api/verifier.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { PageTabs } from '../../parts/page-tabs.tsx'
import { useSession } from '../../session/session.ts'
import { AskTab } from './ask-tab.tsx'
import { FilesTab } from './files-tab.tsx'
import { RegistrationTab } from './registration-tab.tsx'
import { RequestsTab } from './requests-tab.tsx'
import '../../parts/button.css'
import './verifier.css'

const officers = ['verifier_officer', 'department_officer']

export function VerifierPage(): ReactElement {
  const { t } = useTranslation('verifier')
  const { isKnown, person } = useSession()
  const isOfficer = person?.roles.some((role) => officers.includes(role)) === true
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={isOfficer && <CityLink to="/sharing">{t('toSharing')}</CityLink>}
    >
      {!isKnown && <Outline />}
      {isKnown && !isOfficer && (
        <Empty icon="verifier" title={t('door.title')} next={<CityLink to="/try">{t('door.next')}</CityLink>} />
      )}
      {isOfficer && <Console />}
    </Page>
  )
}

const tabs = ['ask', 'requests', 'files', 'registration'] as const

function Console(): ReactElement {
  const query = useQuery(registrationQuery)
  return <Loaded query={query}>{(answer) => <Tabs answer={answer} />}</Loaded>
}

function Tabs({ answer }: { readonly answer: RegistrationAnswer }): ReactElement {
  const { t } = useTranslation('verifier')
  const contents = {
    ask: <AskTab answer={answer} />,
    requests: <RequestsTab answer={answer} />,
    files: <FilesTab />,
    registration: <RegistrationTab answer={answer} />,
  }
  return <PageTabs tabs={tabs} label={(tab) => t(`tabs.${tab}`)} contents={contents} />
}
