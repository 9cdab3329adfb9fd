/** Many answers: how many of each, what is wrong first, each to be opened. */
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Answered } from '../../check/judged-by-newest.ts'
import { Tag, type TagTone } from '../../parts/tag.tsx'
import { ReportView } from './report-view.tsx'

const tones: { readonly [verdict in Answered['report']['verdict']]: TagTone } = {
  not_valid: 'bad',
  undecided: 'warn',
  valid: 'good',
}
const order = ['not_valid', 'undecided', 'valid'] as const

export interface ManyResultsProps {
  readonly answers: readonly Answered[]
  readonly checkedAtMs: number
  readonly actions: ReactNode
}

export function ManyResults({ answers, checkedAtMs, actions }: ManyResultsProps): ReactElement {
  const { t } = useTranslation('check')
  const [open, setOpen] = useState<number>()
  const opened = open === undefined ? undefined : answers[open]
  if (opened !== undefined) {
    return (
      <ReportView
        report={opened.report}
        name={opened.name}
        checkedAtMs={checkedAtMs}
        actions={
          <button type="button" className="plain-button" onClick={() => setOpen(undefined)}>
            {t('many.back')}
          </button>
        }
      />
    )
  }
  const ranked = answers
    .map((answer, index) => ({ ...answer, index }))
    .toSorted((one, other) => order.indexOf(one.report.verdict) - order.indexOf(other.report.verdict))
  return (
    <article className="report" data-testid="many" data-count={answers.length}>
      <h2 className="many-title">{t('many.title', { count: answers.length })}</h2>
      <p className="many-counts">
        {order.map((verdict) => (
          <Tag key={verdict} tone={tones[verdict]}>
            {t(`verdict.${verdict}`)} · {answers.filter(({ report }) => report.verdict === verdict).length}
          </Tag>
        ))}
      </p>
      <ul className="many-list">
        {ranked.map(({ name, report: { verdict, nextStep }, index }) => (
          <li key={index}>
            <button type="button" className="many-row" onClick={() => setOpen(index)} data-verdict={verdict}>
              <Tag tone={tones[verdict]}>{t(`verdict.${verdict}`)}</Tag>
              <span className="many-words">
                <strong>{name}</strong>
                <span>{t(`steps.${nextStep}`)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="report-actions no-print">{actions}</div>
    </article>
  )
}
