/** What a resident decides: who asks for which licence and why; and what was decided before, to be taken back. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ownSharesQuery, type ResidentShare, sharingDesk } from '../../api/sharing.ts'
import { useFormat } from '../../format/use-format.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { useSession } from '../../session/session.ts'
import { type Act, useAct } from '../../session/use-act.ts'
import { AccessesList } from './accesses-list.tsx'
import { ReceiptButton } from './receipt-button.tsx'
import { useSharingWords } from './words.ts'

const tones: { readonly [state in ResidentShare['state']]: TagTone } = {
  waiting: 'warn',
  agreed: 'good',
  lawful: 'quiet',
  refused: 'bad',
  withdrawn: 'bad',
  ended: 'quiet',
}

export function ResidentSharing(): ReactElement {
  const { t } = useTranslation('sharing')
  const query = useQuery(ownSharesQuery)
  return (
    <>
      <Panel title={t('asked.title')} note={t('asked.note')} bare>
        <Loaded query={query}>
          {(shares) =>
            shares.length === 0 ? (
              <Empty icon="sharing" title={t('asked.none')} next={t('asked.next')} />
            ) : (
              <ul className="shares">
                {shares.map((share) => (
                  <li key={share.shareId}>
                    <Share share={share} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      <Panel title={t('looks.title')} note={t('looks.note')} bare>
        <AccessesList who="resident" />
      </Panel>
    </>
  )
}

function Share({ share }: { readonly share: ResidentShare }): ReactElement {
  const { t } = useTranslation('sharing')
  const words = useSharingWords()
  const format = useFormat()
  const act = useAct()
  const { consumer, source, purpose, purposeId, law, state, untilMs, statementId, shareId, display, typeId } = share
  return (
    <article className="share" data-testid="share" data-state={state}>
      <header className="share-head">
        <div>
          <h3 className="share-who">{words.text(consumer.names, consumer.office)}</h3>
          <p className="share-domain">{consumer.domain}</p>
        </div>
        <Tag tone={tones[state]}>{t(`state.${state}`)}</Tag>
      </header>
      <p>{words.text(purpose, purposeId)}</p>
      <p className="share-what">
        {t('asked.what', {
          type: words.type(display, typeId),
          source: words.text(source.names, source.office),
          fields: words.fields(share),
        })}
      </p>
      <p className="share-note">
        {law === undefined ? t('asked.until', { when: format.date(untilMs) }) : t('asked.law', { law })}
      </p>
      <div className="button-row">
        {state === 'waiting' && <Decide share={share} act={act} />}
        {state === 'agreed' && <Withdraw shareId={shareId} act={act} />}
        {statementId !== undefined && <ReceiptButton statementId={statementId} />}
      </div>
      <Fault sentence={act.fault} />
    </article>
  )
}

function Decide({ share, act }: { readonly share: ResidentShare; readonly act: Act }): ReactElement {
  const { t } = useTranslation('sharing')
  const { signer } = useSession()
  const refresh = useRefresh()
  const agree = () =>
    act.run(async () => {
      const { confirm } = await import('../wallet/confirm.ts')
      await sharingDesk.agree(share.shareId, await confirm(await signer(), share.statement ?? ''))
      await refresh()
    })
  const refuse = () =>
    act.run(async () => {
      await sharingDesk.refuse(share.shareId)
      await refresh()
    })
  return (
    <>
      <button
        type="button"
        className="main-button"
        onClick={() => agree()}
        disabled={act.isBusy}
        data-testid="share-agree"
      >
        <Icon name="key" />
        {t('asked.agree')}
      </button>
      <button
        type="button"
        className="plain-button"
        onClick={() => refuse()}
        disabled={act.isBusy}
        data-testid="share-refuse"
      >
        {t('asked.refuse')}
      </button>
    </>
  )
}

function Withdraw({ shareId, act }: { readonly shareId: string; readonly act: Act }): ReactElement {
  const { t } = useTranslation('sharing')
  const refresh = useRefresh()
  const withdraw = () =>
    act.run(async () => {
      await sharingDesk.withdraw(shareId)
      await refresh()
    })
  return (
    <button
      type="button"
      className="plain-button"
      onClick={() => withdraw()}
      disabled={act.isBusy}
      data-testid="share-withdraw"
    >
      {t('asked.withdraw')}
    </button>
  )
}

function useRefresh(): () => Promise<void> {
  const queryClient = useQueryClient()
  return () => queryClient.invalidateQueries({ queryKey: ['desk', 'sharing'] })
}
