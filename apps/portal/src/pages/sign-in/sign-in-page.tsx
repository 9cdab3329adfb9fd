/** Signing in by passkey, and one's own account once that is done. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useLocation } from 'react-router'
import { CityLink } from '../../city/city-link.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useReturnTo } from '../../session/return-here.ts'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { AccountView } from './account-view.tsx'
import './sign-in.css'
import { Fault } from '../../parts/fault.tsx'

export function SignInPage(): ReactElement {
  const { t } = useTranslation('session')
  const { hash } = useLocation()
  // Kept when the address loses it: the secret should not stay where it can be read over a shoulder.
  const [invitation] = useState(() => new URLSearchParams(hash.slice(1)).get('invitation') ?? undefined)
  const { isKnown, person } = useSession()
  const returnTo = useReturnTo()
  if (!isKnown) {
    return (
      <Page title={t('signIn.title')}>
        <Outline />
      </Page>
    )
  }
  if (person !== undefined && returnTo !== undefined) return <Navigate to={returnTo} replace />
  if (person !== undefined && invitation === undefined) return <AccountView person={person} />
  return (
    <Page
      title={t(invitation === undefined ? 'signIn.title' : 'invited.title')}
      lead={t(invitation === undefined ? 'signIn.lead' : 'invited.lead')}
    >
      {invitation === undefined ? <ResidentDoor /> : <OfficerDoor invitation={invitation} />}
    </Page>
  )
}

function ResidentDoor(): ReactElement {
  const { t } = useTranslation('session')
  const { signIn, register, sampleCity } = useSession()
  const { state } = useLocation() as { readonly state: unknown }
  const act = useAct()
  const isAble = typeof PublicKeyCredential !== 'undefined'
  return (
    <div className="doors">
      {!isAble && <p className="fault">{t('signIn.unable')}</p>}
      <Panel title={t('signIn.known')}>
        <p className="door-text">{t('signIn.knownText')}</p>
        <button
          type="button"
          className="main-button"
          disabled={!isAble || act.isBusy}
          onClick={() => act.run(signIn)}
          data-testid="sign-in"
        >
          <Icon name="key" />
          {t('signIn.show')}
        </button>
      </Panel>
      <Panel title={t('signIn.fresh')}>
        <p className="door-text">{t('signIn.freshText')}</p>
        <button
          type="button"
          className="plain-button"
          disabled={!isAble || act.isBusy}
          onClick={() => act.run(() => register({ userName: t('signIn.userName') }))}
          data-testid="register"
        >
          <Icon name="person" />
          {t('signIn.make')}
        </button>
      </Panel>
      <Fault sentence={act.fault} />
      <p className="door-text">
        <CityLink to="/recover">{t('signIn.lost')}</CityLink>
      </p>
      {sampleCity && (
        <p className="door-text">
          {t('signIn.try')}{' '}
          <CityLink to="/try" state={state}>
            {t('signIn.tryLink')}
          </CityLink>
        </p>
      )}
    </div>
  )
}

function OfficerDoor({ invitation }: { readonly invitation: string }): ReactElement {
  const { t } = useTranslation('session')
  const { register } = useSession()
  const act = useAct()
  const accept = () =>
    act.run(async () => {
      await register({ invitation, userName: t('invited.userName') })
      // A used secret serves nobody, and the page it stood on becomes the officer's account.
      location.replace('/sign-in')
    })
  return (
    <div className="doors">
      <Panel title={t('invited.panel')}>
        <p className="door-text">{t('invited.text')}</p>
        <button
          type="button"
          className="main-button"
          disabled={act.isBusy}
          onClick={accept}
          data-testid="accept-invitation"
        >
          <Icon name="key" />
          {t('invited.accept')}
        </button>
      </Panel>
      <Fault sentence={act.fault} />
    </div>
  )
}
