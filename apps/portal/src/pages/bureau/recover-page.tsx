/** Keys are lost: with a ticket of the counter a new one is made here; without, what can be done. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { CityLink } from '../../city/city-link.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useAct } from '../../session/use-act.ts'
import { ticketOf } from './ticket-link.ts'
import './bureau.css'

const ways = ['other', 'guardians', 'counter'] as const

export function RecoverPage(): ReactElement {
  const { t } = useTranslation('bureau')
  const { hash } = useLocation()
  const [secret] = useState(() => ticketOf(hash))
  return (
    <Page title={t('recover.title')} lead={t('recover.lead')}>
      {secret === undefined ? <Ways /> : <NewKey secret={secret} />}
    </Page>
  )
}

function Ways(): ReactElement {
  const { t } = useTranslation('bureau')
  return (
    <ol className="recover-ways">
      {ways.map((way) => (
        <li key={way}>
          <h2>{t(`recover.${way}.title`)}</h2>
          <p>{t(`recover.${way}.text`)}</p>
          {way === 'other' && <CityLink to="/sign-in">{t('recover.other.link')}</CityLink>}
        </li>
      ))}
    </ol>
  )
}

function NewKey({ secret }: { readonly secret: string }): ReactElement {
  const { t } = useTranslation(['bureau', 'shell', 'session'])
  const act = useAct()
  const [isDone, setDone] = useState(false)
  const make = async () => {
    const { giveNewKey } = await import('../../session/passkeys.ts')
    await giveNewKey(secret, { rpName: t('shell:product'), userName: t('session:signIn.userName') })
    setDone(true)
  }
  if (isDone) {
    return (
      <section className="bureau-notice" role="status" data-testid="key-given">
        <p className="bureau-notice-title">{t('recover.given')}</p>
        <p>{t('recover.givenNote')}</p>
      </section>
    )
  }
  return (
    <Panel title={t('recover.make')} note={t('recover.makeNote')}>
      <button
        type="button"
        className="main-button"
        disabled={act.isBusy}
        onClick={() => act.run(make)}
        data-testid="make-new-key"
      >
        <Icon name="key" />
        {t('recover.makeWord')}
      </button>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
