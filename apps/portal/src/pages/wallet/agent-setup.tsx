/** The first steps of a wallet: a place on the ledger, the agent's authorisation with its end, and who helps after a loss. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type WalletAnswer, walletQuery } from '../../api/agent.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNowMs } from '../../parts/now.ts'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'

const choices = [30, 180, 365] as const
const dayMs = 86_400_000
/** Long enough that somebody who was not asked notices and stops it. */
const counterWaitDays = 7

export function AgentSetup({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { shut } = wallet
  if (shut === 'resident_without_did') {
    return (
      <Panel title={t('setup.notYet.title')}>
        <p className="setup-words">{t('setup.notYet.text')}</p>
        <CityLink to="/bureau" className="main-button">
          {t('setup.notYet.go')}
        </CityLink>
      </Panel>
    )
  }
  if (shut === 'agent_suspended') {
    return (
      <Panel title={t('setup.suspended.title')}>
        <p className="setup-words">{t('setup.suspended.text')}</p>
        <CityLink to="/wallet/keys" className="main-button">
          {t('setup.suspended.go')}
        </CityLink>
      </Panel>
    )
  }
  return <Authorise wallet={wallet} />
}

function Authorise({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const format = useFormat()
  const nowMs = useNowMs()
  const act = useAct()
  const name = useId()
  const [days, setDays] = useState<number>(180)
  const [hasCounter, setCounter] = useState(true)
  const needsHelp = wallet.isProtected !== true
  // Where nobody can be named here, a second passkey is what is missing, and there is nothing to sign.
  const opensCounter = needsHelp && hasCounter && wallet.counter !== undefined
  const canAct = wallet.shut !== undefined || opensCounter

  const allow = () =>
    act.run(async () => {
      const acts = await import('./ledger-acts.ts')
      const actor = { groupId: group.id, signer: await signer() }
      const help = opensCounter ? { counterWaitDays } : {}
      if (wallet.shut !== undefined) await acts.authoriseAgent(actor, { agent: wallet.agent, days, ...help })
      else if (opensCounter) await acts.setCounter(actor, 'open', counterWaitDays)
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
    })

  return (
    <Panel title={t('setup.title')}>
      <p className="setup-words">{t('setup.text')}</p>
      <ul className="setup-points">
        {(['hold', 'ask', 'end'] as const).map((point) => (
          <li key={point}>
            <Icon name="tick" size={18} /> {t(`setup.points.${point}`)}
          </li>
        ))}
      </ul>
      {wallet.shut !== undefined && (
        <fieldset className="pick-row">
          <legend>{t('setup.until')}</legend>
          {choices.map((choice) => (
            <label key={choice} className="pick">
              <input type="radio" name={name} checked={days === choice} onChange={() => setDays(choice)} />
              <span>{format.date(nowMs + choice * dayMs)}</span>
            </label>
          ))}
        </fieldset>
      )}
      {wallet.counter?.standing === 'open' && (
        <p className="setup-hint" data-testid="counter-told">
          {t('setup.counterOpen', { days: Math.round(wallet.counter.delayMs / dayMs) })}{' '}
          <CityLink to="/wallet/keys">{t('setup.counterChange')}</CityLink>
        </p>
      )}
      {needsHelp && wallet.counter !== undefined && (
        <label className="pick-line">
          <input type="checkbox" checked={hasCounter} onChange={({ target }) => setCounter(target.checked)} />
          <span>{t('setup.counter', { days: counterWaitDays })}</span>
        </label>
      )}
      {needsHelp && (
        <p className="setup-hint">
          {t('setup.second')} <CityLink to="/sign-in">{t('setup.secondGo')}</CityLink>
        </p>
      )}
      <button
        type="button"
        className="main-button"
        onClick={allow}
        disabled={act.isBusy || !canAct}
        data-testid="allow-agent"
      >
        {t('setup.allow')}
      </button>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
