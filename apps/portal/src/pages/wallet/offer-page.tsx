/** An issuer's offer: who gives what, and the resident's yes by key. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import { agent, type OpenedOffer, walletQuery } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { Seal } from '../../parts/seal.tsx'
import { useSession } from '../../session/session.ts'
import { useAct, useFaultWords } from '../../session/use-act.ts'
import { colourOf } from './certificate-card.tsx'
import { confirm } from './confirm.ts'
import { linkIn } from './links.ts'
import { Stopped } from './stopped.tsx'
import { useCardWords, useTexts } from './words.ts'

export function OfferPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const link = linkIn(useLocation().hash)
  const faultOf = useFaultWords()
  // An offer may be fetched once only, so what was opened is kept while the page stands.
  const query = useQuery({
    queryKey: ['desk', 'offer', link],
    queryFn: () => agent.openOffer(link ?? ''),
    enabled: link !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (link === undefined) return <Stopped title={t('offer.title')} words={t('offer.none')} />
  if (query.isError) return <Stopped title={t('offer.title')} words={faultOf(query.error)} problem={query.error} />
  if (query.data === undefined) {
    return (
      <Page title={t('offer.title')}>
        <Outline />
      </Page>
    )
  }
  return <Offer key={query.data.actId} offer={query.data} />
}

function Offer({ offer }: { readonly offer: OpenedOffer }): ReactElement {
  const { t } = useTranslation('wallet')
  const { signer } = useSession()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const words = useCardWords()
  const texts = useTexts()
  const act = useAct()
  const codeId = useId()
  const [txCode, setTxCode] = useState('')
  const { issuer, types, needsTxCode, actId, statement } = offer
  const issuerName = texts(issuer.names) || issuer.host

  const take = () =>
    act.run(async () => {
      const assertion = await confirm(await signer(), statement)
      await agent.acceptOffer({ actId, assertion, ...(needsTxCode && { txCode: txCode.trim() }) })
      await queryClient.invalidateQueries({ queryKey: walletQuery.queryKey })
      await navigate(cityPath('/wallet'))
    })

  return (
    <Page title={t('offer.title')} lead={t('offer.lead', { issuer: issuerName })}>
      <div className="wallet-sheet">
        <ul className="cards cards-offered">
          {types.map((type) => (
            <li key={type.configurationId}>
              <div className={`card card-${colourOf(issuer.url)}`} data-testid="offered-card">
                <span className="card-seal">
                  <Seal size={128} />
                </span>
                <span className="card-head">
                  <strong className="card-name">{words(type).name}</strong>
                </span>
                <span className="card-foot">
                  <span className="card-issuer">{t('card.issuer', { issuer: issuerName })}</span>
                </span>
              </div>
            </li>
          ))}
        </ul>
        <p className="wallet-note">{t('offer.note', { host: issuer.host })}</p>
        {needsTxCode && (
          <label className="field" htmlFor={codeId}>
            <span>{t('offer.code')}</span>
            <input
              id={codeId}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={txCode}
              onChange={({ target }) => setTxCode(target.value)}
            />
          </label>
        )}
        <div className="wallet-answers">
          <button
            type="button"
            className="answer-button answer-no"
            onClick={() => void navigate(cityPath('/wallet'))}
            disabled={act.isBusy}
          >
            {t('offer.leave')}
          </button>
          <button
            type="button"
            className="answer-button answer-yes"
            onClick={take}
            disabled={act.isBusy || (needsTxCode && txCode.trim() === '')}
            data-testid="take-offer"
          >
            {act.isBusy ? t('offer.working') : t('offer.take')}
          </button>
        </div>
        {act.fault !== undefined && (
          <p className="fault" role="alert">
            {act.fault}
          </p>
        )}
      </div>
    </Page>
  )
}
