/** Certificates of one's own keeping: what that means, beginning it, opening it, and what if it cannot be opened any more. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { walletQuery } from '../../../api/agent.ts'
import { type KeptVault, type OwnVaultAnswer, own, ownVaultQuery } from '../../../api/own.ts'
import { CityLink } from '../../../city/city-link.tsx'
import { Fault } from '../../../parts/fault.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { Empty, Loaded } from '../../../parts/load-state.tsx'
import { Page } from '../../../parts/page.tsx'
import { Panel } from '../../../parts/panel.tsx'
import { useSession } from '../../../session/session.ts'
import { useAct } from '../../../session/use-act.ts'
import { Renewals } from '../renewals.tsx'
import { OpenOwnVault } from './open-own-vault.tsx'
import { useOwner } from './use-owner.ts'

const points = ['only', 'nobody', 'anew', 'device'] as const

export function OwnPage(): ReactElement {
  const { t } = useTranslation(['own', 'wallet'])
  const query = useQuery(ownVaultQuery)
  const wallet = useQuery(walletQuery)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <p className="back">
        <CityLink to="/wallet">{t('wallet:back')}</CityLink>
      </p>
      <Renewals renewals={wallet.data?.renewals ?? []} />
      <Loaded query={query}>{(answer) => <OwnVault answer={answer} />}</Loaded>
    </Page>
  )
}

function OwnVault({ answer }: { readonly answer: OwnVaultAnswer }): ReactElement {
  const { person } = useSession()
  const { t } = useTranslation('own')
  const { vault } = answer
  const ids = new Set(person?.passkeys.map(({ credentialId }) => credentialId))
  const isOutOfReach = vault !== undefined && !vault.keys.some(({ credentialId }) => ids.has(credentialId))
  if (person?.passkeys.length === 0) {
    return <Empty icon="key" title={t('noPasskey')} next={<CityLink to="/sign-in">{t('toPasskey')}</CityLink>} />
  }
  if (vault === undefined) return <Begin />
  if (vault.lostAtMs !== undefined || isOutOfReach) return <BeginAnew vault={vault} />
  return <OpenOwnVault vault={vault} otherKeys={(person?.passkeys.length ?? 0) > vault.keys.length} />
}

function useBegin(before?: KeptVault) {
  const owner = useOwner()
  const act = useAct()
  const queryClient = useQueryClient()
  const begin = () =>
    act.run(async () => {
      const { beginOwnVault } = await import('../../../own/own-vault.ts')
      await beginOwnVault(owner(), before)
      await queryClient.invalidateQueries({ queryKey: ['desk'] })
    })
  return { act, begin }
}

function Meaning(): ReactElement {
  const { t } = useTranslation('own')
  return (
    <ul className="setup-points">
      {points.map((point) => (
        <li key={point}>
          <Icon name="tick" size={18} /> {t(`points.${point}`)}
        </li>
      ))}
    </ul>
  )
}

function Begin(): ReactElement {
  const { t } = useTranslation('own')
  const { act, begin } = useBegin()
  const [isUnderstood, setUnderstood] = useState(false)
  return (
    <Panel title={t('begin.title')}>
      <p className="setup-words">{t('begin.text')}</p>
      <Meaning />
      <label className="pick-line">
        <input
          type="checkbox"
          checked={isUnderstood}
          onChange={({ target }) => setUnderstood(target.checked)}
          data-testid="own-understood"
        />
        <span>{t('begin.understood')}</span>
      </label>
      <button
        type="button"
        className="main-button"
        onClick={begin}
        disabled={act.isBusy || !isUnderstood}
        data-testid="begin-own-vault"
      >
        {t('begin.now')}
      </button>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function BeginAnew({ vault }: { readonly vault: KeptVault }): ReactElement {
  const { t } = useTranslation('own')
  const { act, begin } = useBegin(vault)
  const queryClient = useQueryClient()
  const end = () =>
    act.run(async () => {
      await own.erase()
      await queryClient.invalidateQueries({ queryKey: ['desk'] })
    })
  return (
    <Panel title={t('anew.title')}>
      <p className="setup-words">{t(vault.lostAtMs === undefined ? 'anew.unreachable' : 'anew.recovered')}</p>
      <div className="button-row">
        <button type="button" className="main-button" onClick={begin} disabled={act.isBusy} data-testid="begin-anew">
          {t('anew.now')}
        </button>
        {vault.lostAtMs !== undefined && (
          <button type="button" className="plain-button" onClick={end} disabled={act.isBusy}>
            {t('anew.end')}
          </button>
        )}
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
