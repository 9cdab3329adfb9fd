/** For those without a phone: an officer takes the application down, and prints a ticket that a key can use later. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bureau } from '../../api/bureau.ts'
import { Panel } from '../../parts/panel.tsx'
import { ApplicationForm } from './application-form.tsx'
import { Ticket } from './ticket.tsx'

export function CounterTab(): ReactElement {
  const { t } = useTranslation('bureau')
  const [secret, setSecret] = useState<string>()
  if (secret !== undefined) {
    return (
      <Panel title={t('counter.taken')}>
        <Ticket path="/bureau" secret={secret} words="application" />
        <div className="button-row">
          <button type="button" className="plain-button" onClick={() => setSecret(undefined)}>
            {t('counter.next')}
          </button>
        </div>
      </Panel>
    )
  }
  return (
    <Panel title={t('counter.title')} note={t('counter.note')}>
      <ApplicationForm
        word={t('counter.send')}
        send={async (applied) => setSecret((await bureau.applyAtCounter(applied)).secret)}
      />
    </Panel>
  )
}
