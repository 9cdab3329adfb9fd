/** A ticket to hand over: its secret stands behind the sign that no server is sent, and is shown this once. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { QrCode } from '../../qr/qr-code.tsx'

export interface TicketProps {
  readonly path: '/bureau' | '/recover'
  readonly secret: string
  readonly words: 'application' | 'recovery'
}

export function Ticket({ path, secret, words }: TicketProps): ReactElement {
  const { t } = useTranslation('bureau')
  const link = `${location.origin}${path}#ticket=${secret}`
  return (
    <div className="ticket" data-testid="ticket" data-link={link}>
      <QrCode text={link} label={t(`ticket.${words}`)} />
      <div className="ticket-words">
        <p className="bureau-notice-title">{t(`ticket.${words}`)}</p>
        <p>{t(`ticket.${words}Note`)}</p>
        <div className="button-row">
          <button type="button" className="plain-button" onClick={() => print()}>
            <Icon name="print" size={18} />
            {t('ticket.print')}
          </button>
          <CopyButton text={link} />
        </div>
      </div>
    </div>
  )
}
