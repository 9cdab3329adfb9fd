/** Keys, who may act, who helps after a loss, and a recovery that is under way. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type WalletAnswer, walletQuery } from '../../api/agent.ts'
import { useCity } from '../../city/city.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { CounterPanel } from './counter-panel.tsx'
import { RecoveryForm } from './recovery-form.tsx'

export function KeysPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const query = useQuery(walletQuery)
  return (
    <Page title={t('keys.title')} lead={t('keys.lead')}>
      <p className="back">
        <CityLink to="/wallet">{t('back')}</CityLink>
      </p>
      <Loaded query={query}>{(wallet) => <Keys wallet={wallet} />}</Loaded>
    </Page>
  )
}

function Keys({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { keys = [], guardians = [], threshold = 0 } = wallet
  return (
    <>
      {wallet.recovery !== undefined && <Recovery wallet={wallet} />}
      <Panel title={t('keys.own')} action={<CityLink to="/sign-in">{t('keys.add')}</CityLink>}>
        <FactList
          facts={keys.map(({ keyId, passkey }) => ({ name: keyId, value: t(passkey ? 'keys.passkey' : 'keys.plain') }))}
        />
        {keys.length < 2 && <p className="setup-hint">{t('keys.onlyOne')}</p>}
      </Panel>
      <Agent wallet={wallet} />
      {wallet.counter !== undefined && <CounterPanel counter={wallet.counter} />}
      <Panel title={t('keys.help')} note={t('keys.helpNote')}>
        {guardians.length > 0 && (
          <p className="setup-words">{t('keys.helpers', { threshold, count: guardians.length })}</p>
        )}
        <RecoveryForm guardians={guardians} threshold={threshold} />
      </Panel>
    </>
  )
}

function Agent({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const { signer } = useSession()
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const { delegation, shut } = wallet
  const isLive = delegation !== undefined && shut === undefined
  const end = () =>
    act.run(async () => {
      if (delegation === undefined) return
      const { endAuthorisation } = await import('./ledger-acts.ts')
      await endAuthorisation({ groupId: group.id, signer: await signer() }, delegation.delegationId)
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
    })
  return (
    <Panel title={t('keys.agent')} note={t('keys.agentNote')}>
      <p className="setup-words" data-testid="agent-standing">
        {isLive ? t('keys.agentUntil', { day: format.date(delegation.untilMs) }) : t('keys.agentNone')}
      </p>
      {isLive ? (
        <button
          type="button"
          className="plain-button danger"
          onClick={end}
          disabled={act.isBusy}
          data-testid="end-agent"
        >
          {t('keys.end')}
        </button>
      ) : (
        <CityLink to="/wallet">{t('keys.begin')}</CityLink>
      )}
      <Fault sentence={act.fault} />
    </Panel>
  )
}

/** Somebody asks for a new key in this resident's name: whoever still has a key can stop it. */
function Recovery({ wallet }: { readonly wallet: WalletAnswer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { group } = useCity()
  const { signer } = useSession()
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const stop = () =>
    act.run(async () => {
      const { cancelRecovery } = await import('./ledger-acts.ts')
      await cancelRecovery({ groupId: group.id, signer: await signer() })
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
    })
  const { recovery } = wallet
  return (
    <section className="notice" role="alert" data-testid="recovery">
      <p className="notice-title">{t('recovery.title')}</p>
      {recovery?.atCounter === true && <p>{t('recovery.atCounter')}</p>}
      <p>
        {recovery?.completableAtMs === undefined
          ? t('recovery.asked', { at: format.moment(recovery?.requestedAtMs ?? 0) })
          : t('recovery.waiting', { at: format.moment(recovery.completableAtMs) })}
      </p>
      <p className="notice-foot">
        <button type="button" className="main-button" onClick={stop} disabled={act.isBusy} data-testid="stop-recovery">
          {t('recovery.stop')}
        </button>
      </p>
      <Fault sentence={act.fault} />
    </section>
  )
}
