/** A resident who was at the counter before: the ticket connects what was taken down there with this account. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { bureau } from '../../api/bureau.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { ticketOf } from './ticket-link.ts'

export function UseTicket({ done }: { readonly done: () => Promise<unknown> }): ReactElement | null {
  const { t } = useTranslation('bureau')
  const { hash } = useLocation()
  const { bringIn } = useSession()
  const [secret, setSecret] = useState(() => ticketOf(hash))
  const act = useAct()
  if (secret === undefined) return null
  const connect = async () => {
    await bringIn()
    await bureau.takeTicket(secret)
    setSecret(undefined)
    await done()
  }
  return (
    <Panel title={t('ticket.use')} note={t('ticket.useNote')}>
      <button
        type="button"
        className="main-button"
        disabled={act.isBusy}
        onClick={() => act.run(connect)}
        data-testid="use-ticket"
      >
        <Icon name="key" />
        {t('ticket.connect')}
      </button>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
