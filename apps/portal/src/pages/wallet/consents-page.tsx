/** What the resident agreed to and what was done on it; each consent can be withdrawn, all of it can be taken along. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { agent, type Consent, consentsQuery, type Use, usesQuery } from '../../api/agent.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useAreTypesLoading, useTypeDisplay } from '../../city/type-name.ts'
import { useFormat } from '../../format/use-format.ts'
import { saveText } from '../../offline/save-text.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded, Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag } from '../../parts/tag.tsx'
import { When } from '../../parts/when.tsx'
import { useAct } from '../../session/use-act.ts'
import { useCardWords, useTexts } from './words.ts'

export function ConsentsPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const consents = useQuery(consentsQuery)
  const uses = useQuery(usesQuery)
  const areTypesLoading = useAreTypesLoading()
  const save = async () => {
    const all = await agent.exportConsents()
    saveText('consents.json', `${JSON.stringify(all, undefined, 2)}\n`)
  }
  return (
    <Page
      title={t('consents.title')}
      lead={t('consents.lead')}
      actions={
        <button type="button" className="plain-button" onClick={() => void save()} data-testid="export-consents">
          <Icon name="download" size={18} /> {t('consents.export')}
        </button>
      }
    >
      <p className="back">
        <CityLink to="/wallet">{t('back')}</CityLink>
      </p>
      <p className="back">
        <CityLink to="/sharing">{t('consents.sharing')}</CityLink>
      </p>
      <Loaded query={consents}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon="tick" title={t('consents.none')} next={t('consents.noneNext')} />
          ) : areTypesLoading ? (
            <Outline />
          ) : (
            <ul className="consents">
              {rows.map((consent) => (
                <ConsentView key={consent.consentId} consent={consent} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Panel title={t('uses.title')}>
        <Loaded query={uses}>
          {(rows) => (rows.length === 0 ? <p className="setup-words">{t('uses.none')}</p> : <Uses uses={rows} />)}
        </Loaded>
      </Panel>
    </Page>
  )
}

/** Words for a type as the ledger has them: what was shown may be in no wallet any more. */
function useDisplayOf(): (vct: string) => unknown {
  const displayOf = useTypeDisplay()
  return (vct) => displayOf(vct.split(':').at(-1) ?? vct)
}

const tones = { given: 'good', withdrawn: 'quiet', not_accepted: 'warn' } as const

function ConsentView({ consent }: { readonly consent: Consent }): ReactElement {
  const { t } = useTranslation('wallet')
  const texts = useTexts()
  const words = useCardWords()
  const displayOf = useDisplayOf()
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const { consentId, verifier, purpose, items, givenAtMs, untilMs, state } = consent
  const withdraw = () =>
    act.run(async () => {
      await agent.withdraw(consentId)
      await queryClient.invalidateQueries({ queryKey: ['desk'] })
    })
  return (
    <li className="consent" data-testid="consent" data-state={state}>
      <div className="consent-head">
        <strong>{texts(verifier.names)}</strong>
        <Tag tone={tones[state]}>{t(`consents.state.${state}`)}</Tag>
      </div>
      <p>{texts(purpose)}</p>
      {items.map(({ certificateId, vct, fields }) => {
        const shown = words(
          { vct, display: displayOf(vct) },
          fields.map((name) => ({ name, value: '' })),
        )
        return (
          <p key={certificateId} className="consent-fields">
            {t('consents.shown', {
              certificate: shown.name,
              fields: shown.fields.map(({ label }) => label).join(t('consents.comma')),
            })}
          </p>
        )
      })}
      <p className="consent-foot">
        <span>{t('consents.times', { given: format.moment(givenAtMs), until: format.date(untilMs) })}</span>
        {state === 'given' && (
          <button type="button" className="link-button" onClick={withdraw} disabled={act.isBusy} data-testid="withdraw">
            {t('consents.withdraw')}
          </button>
        )}
      </p>
      <Fault sentence={act.fault} />
    </li>
  )
}

function Uses({ uses }: { readonly uses: readonly Use[] }): ReactElement {
  const { t, i18n } = useTranslation('wallet')
  const words = useCardWords()
  const displayOf = useDisplayOf()
  return (
    <ul className="lines">
      {uses.map(({ useId, kind, vct, party, atMs }) => (
        <li key={useId} className="line">
          <span className="line-main">
            <strong>{i18n.exists(`wallet:uses.kind.${kind}`) ? t(`uses.kind.${kind}` as never) : kind}</strong>
            <span>
              {[vct === undefined ? undefined : words({ vct, display: displayOf(vct) }).name, party]
                .filter((part) => part !== undefined)
                .join(' · ')}
            </span>
          </span>
          <small className="line-side">
            <When timeMs={atMs} />
          </small>
        </li>
      ))}
    </ul>
  )
}
