/** Whether the bureau's counter may give this resident a new key after a loss, after how long, and how to take it out. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type WalletAnswer, walletQuery } from '../../api/agent.ts'
import { useCity } from '../../city/city.ts'
import { Fault } from '../../parts/fault.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'

const waits = [3, 7, 30] as const
const dayMs = 86_400_000

export function CounterPanel({ counter }: Pick<WalletAnswer, 'counter'>): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const act = useAct()
  const name = useId()
  const [days, setDays] = useState(Math.round((counter?.delayMs ?? 7 * dayMs) / dayMs))
  const isOpen = counter?.standing === 'open'
  const set = (standing: 'open' | 'closed') =>
    act.run(async () => {
      const { setCounter } = await import('./ledger-acts.ts')
      await setCounter({ groupId: group.id, signer: await signer() }, standing, days)
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
    })
  return (
    <Panel title={t('counter.title')} note={t('counter.note')}>
      <p className="setup-words" data-testid="counter-standing" data-standing={counter?.standing}>
        {isOpen ? t('counter.open', { days: Math.round(counter.delayMs / dayMs) }) : t('counter.closed')}
      </p>
      <fieldset className="pick-row">
        <legend>{t('recovery.wait')}</legend>
        {waits.map((choice) => (
          <label key={choice} className="pick">
            <input type="radio" name={name} checked={days === choice} onChange={() => setDays(choice)} />
            <span>{t('recovery.days', { days: choice })}</span>
          </label>
        ))}
      </fieldset>
      <div className="button-row">
        <button
          type="button"
          className="plain-button"
          onClick={() => set('open')}
          disabled={act.isBusy}
          data-testid="open-counter"
        >
          {t(isOpen ? 'counter.keep' : 'counter.let')}
        </button>
        {isOpen && (
          <button
            type="button"
            className="plain-button danger"
            onClick={() => set('closed')}
            disabled={act.isBusy}
            data-testid="close-counter"
          >
            {t('counter.close')}
          </button>
        )}
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
