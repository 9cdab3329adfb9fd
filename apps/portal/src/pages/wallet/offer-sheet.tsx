/** An offer as it is shown before it is taken: the cards, who gives them, and a code where one was told. */
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { OpenedOffer } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Page } from '../../parts/page.tsx'
import { Seal } from '../../parts/seal.tsx'
import type { Act } from '../../session/use-act.ts'
import { colourOf } from './certificate-card.tsx'
import { useCardWords, useTexts } from './words.ts'

export interface OfferSheetProps {
  readonly offer: Pick<OpenedOffer, 'issuer' | 'types' | 'needsTxCode'>
  readonly note: string
  readonly act: Act
  readonly code: string
  readonly changeCode: (code: string) => void
  readonly take: () => void
}

export function OfferSheet({ offer, note, act, code, changeCode, take }: OfferSheetProps): ReactElement {
  const { t } = useTranslation('wallet')
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const words = useCardWords()
  const texts = useTexts()
  const codeId = useId()
  const { issuer, types, needsTxCode } = offer
  const issuerName = texts(issuer.names) || issuer.host
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
        <p className="wallet-note">{note}</p>
        {needsTxCode && (
          <label className="field" htmlFor={codeId}>
            <span>{t('offer.code')}</span>
            <input
              id={codeId}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={({ target }) => changeCode(target.value)}
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
            disabled={act.isBusy || (needsTxCode && code.trim() === '')}
            data-testid="take-offer"
          >
            {act.isBusy ? t('offer.working') : t('offer.take')}
          </button>
        </div>
        <Fault sentence={act.fault} />
      </div>
    </Page>
  )
}
