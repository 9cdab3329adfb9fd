/** Another wallet has sent the resident here to sign in for a certificate (OpenID4VCI, authorisation code): yes or no. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'react-router'
import { type Authorization, authorizationQuery, issuerDesk } from '../../api/issuer.ts'
import { useTypeName } from '../../city/type-name.ts'
import { FactList } from '../../parts/fact-list.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Outline } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { useAct, useFaultWords } from '../../session/use-act.ts'
import { linkIn } from './links.ts'
import { Stopped } from './stopped.tsx'
import { useTexts } from './words.ts'

export function AuthorizePage(): ReactElement {
  const { t } = useTranslation('wallet')
  const id = linkIn(useLocation().hash) ?? ''
  const faultOf = useFaultWords()
  const query = useQuery(authorizationQuery(id))
  if (query.isError) return <Stopped title={t('authorize.title')} words={faultOf(query.error)} problem={query.error} />
  if (query.data === undefined) {
    return (
      <Page title={t('authorize.title')}>
        <Outline lines={6} />
      </Page>
    )
  }
  return <Asked id={id} asked={query.data} />
}

function Asked({ id, asked }: { readonly id: string; readonly asked: Authorization }): ReactElement {
  const { t } = useTranslation('wallet')
  const texts = useTexts()
  const typeName = useTypeName()
  const act = useAct()
  const { clientId, configurationIds, names } = asked
  const answer = (agree: boolean) =>
    act.run(async () => {
      const { location: back } = await issuerDesk.answerAuthorization(id, agree)
      // The node has compared it with what the wallet is registered for; it may be an app's own address.
      location.assign(back)
    })
  return (
    <Page title={t('authorize.title')} lead={t('authorize.lead')}>
      <div className="wallet-sheet">
        <FactList
          facts={[
            { name: t('authorize.wallet'), value: <span data-testid="authorize-wallet">{clientId}</span> },
            { name: t('authorize.issuer'), value: texts(names) },
            { name: t('authorize.what'), value: configurationIds.map(typeName).join(t('consents.comma')) },
          ]}
        />
        <p className="wallet-note">{t('authorize.note')}</p>
        <div className="wallet-answers">
          <button
            type="button"
            className="answer-button answer-no"
            onClick={() => answer(false)}
            disabled={act.isBusy}
            data-testid="refuse"
          >
            {t('request.refuse')}
          </button>
          <button
            type="button"
            className="answer-button answer-yes"
            onClick={() => answer(true)}
            disabled={act.isBusy}
            data-testid="agree"
          >
            {t('request.agree')}
          </button>
        </div>
        <Fault sentence={act.fault} />
      </div>
    </Page>
  )
}
