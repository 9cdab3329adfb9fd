/** Everything of the resident's that is on paper. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { type PrintedForm, printsQuery, walletQuery } from '../../api/agent.ts'
import { CityLink } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { StandingTag } from './standing-tag.tsx'
import { useCardWords } from './words.ts'

export function PrintsPage(): ReactElement {
  const { t } = useTranslation('wallet')
  const query = useQuery(printsQuery)
  return (
    <Page title={t('prints.title')} lead={t('prints.lead')}>
      <p className="back">
        <CityLink to="/wallet">{t('back')}</CityLink>
      </p>
      <Loaded query={query}>
        {(prints) =>
          prints.length === 0 ? (
            <Empty icon="print" title={t('prints.none')} next={t('prints.noneNext')} />
          ) : (
            <ul className="lines">
              {prints.map((form) => (
                <Line key={form.printId} form={form} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}

function Line({ form }: { readonly form: PrintedForm }): ReactElement {
  const { t } = useTranslation('wallet')
  const format = useFormat()
  const words = useCardWords()
  const held = useQuery(walletQuery).data?.certificates.find(
    ({ certificateId }) => certificateId === form.certificateId,
  )
  const standing =
    form.cancelledAtMs === undefined ? form.standing : ({ word: 'status_revoked', verdict: 'not_valid' } as const)
  return (
    <li className="line">
      <CityLink to={`/wallet/prints/${form.printId}`} className="line-main">
        <strong>{words({ vct: form.vct, display: held?.display }).name}</strong>
        <span>{form.recipient ?? t('paper.anybody')}</span>
      </CityLink>
      <span className="line-side">
        {standing !== undefined && <StandingTag standing={standing} />}
        <small>{t('prints.until', { day: format.date(form.untilMs) })}</small>
      </span>
    </li>
  )
}
