/** Why a sheet cannot be shown, and where to go from there. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../../api/http.ts'
import { CityLink } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page } from '../../parts/page.tsx'
import { useReturnHere } from '../../session/return-here.ts'

/** What the wallet itself can put right. */
const atHome: readonly string[] = [
  'second_key_needed',
  'agent_not_authorised',
  'agent_authorisation_ended',
  'agent_authorisation_too_narrow',
  'resident_without_did',
]

export interface StoppedProps {
  readonly title: string
  readonly words: string
  readonly problem?: unknown
}

export function Stopped({ title, words, problem }: StoppedProps): ReactElement {
  const { t } = useTranslation('wallet')
  const code = problem instanceof ApiProblem ? problem.code : undefined
  const here = useReturnHere()
  const isSignedOut = code === 'sign_in_needed' || code === 'role_needed'
  return (
    <Page title={title}>
      <div className="state" role="alert" data-testid="stopped" data-code={code}>
        <span className="state-icon state-icon-bad">
          <Icon name="unknown" size={26} />
        </span>
        <p className="state-title">{words}</p>
        <p className="state-next">
          {isSignedOut ? (
            <CityLink to="/sign-in" state={here}>
              {t('stopped.signIn')}
            </CityLink>
          ) : (
            <CityLink to="/wallet">
              {t(code !== undefined && atHome.includes(code) ? 'stopped.setUp' : 'stopped.back')}
            </CityLink>
          )}
        </p>
      </div>
    </Page>
  )
}
