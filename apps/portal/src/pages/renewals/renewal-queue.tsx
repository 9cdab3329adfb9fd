/** At an issuer's desk: certificates whose holders have lost their keys. A clerk lets them be issued anew, or refuses. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type QueuedRenewal, type RenewingDesk, renewalDesk, renewalsQuery } from '../../api/renewals.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Moment } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import '../../parts/button.css'
import './renewals.css'
import { Fault } from '../../parts/fault.tsx'

export function RenewalQueue({ desk }: { readonly desk: RenewingDesk }): ReactElement {
  const { t } = useTranslation('own')
  const query = useQuery({ ...renewalsQuery(desk), refetchInterval: 10_000 })
  return (
    <Panel title={t('queue.title')} note={t('queue.note')}>
      <Loaded query={query}>
        {({ renewals }) =>
          renewals.length === 0 ? (
            <Empty icon="tick" title={t('queue.none')} next={t('queue.noneNext')} />
          ) : (
            <ul className="renewal-list renewal-queue">
              {renewals.map((renewal) => (
                <Queued key={renewal.reference} renewal={renewal} desk={desk} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}

/** Enough to know whose it is; the register has the rest. */
const shownValues = 4

function Queued({ renewal, desk }: { readonly renewal: QueuedRenewal; readonly desk: RenewingDesk }): ReactElement {
  const { t } = useTranslation('own')
  const queryClient = useQueryClient()
  const act = useAct()
  const { reference, claims, askedAtMs, isElsewhere = false } = renewal
  const words = Object.values(claims).filter((value) => typeof value === 'string')
  const decide = (agree: boolean) =>
    act.run(async () => {
      await renewalDesk.decide(desk, reference, agree)
      await queryClient.invalidateQueries({ queryKey: renewalsQuery(desk).queryKey })
    })
  return (
    <li data-testid="queued-renewal">
      <span className="renewal-words">
        <strong>{words.slice(0, shownValues).join(' · ')}</strong>
        <span className="renewal-time">
          <Moment timeMs={askedAtMs} />
        </span>
        {isElsewhere && <span className="renewal-time">{t('queue.elsewhere')}</span>}
      </span>
      <span className="button-row">
        <button
          type="button"
          className="main-button"
          disabled={act.isBusy}
          onClick={() => decide(true)}
          data-testid="grant-renewal"
        >
          {t('queue.grant')}
        </button>
        <button type="button" className="plain-button" disabled={act.isBusy} onClick={() => decide(false)}>
          {t('queue.refuse')}
        </button>
      </span>
      <Fault sentence={act.fault} />
    </li>
  )
}
