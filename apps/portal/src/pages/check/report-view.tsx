/** The verdict, in one word and one sentence; then what the certificate says; then what was checked. */
import type { Report } from '@chengxin/audit'
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../format/use-format.ts'
import { Stamp } from '../../parts/seal.tsx'
import { CertificateContentView } from './certificate-content.tsx'
import { CheckList } from './check-list.tsx'

export interface ReportViewProps {
  readonly report: Report
  /** What was checked: the name of the file, or of the sample. */
  readonly name: string
  readonly checkedAtMs: number
  /** What can be done next. */
  readonly actions: ReactNode
}

/** Nobody was asked to prove that it is theirs: said beside the verdict, because a glance stops there. */
const copies: ReadonlySet<string | undefined> = new Set(['holder_not_asked', 'holder_printed'])

export function ReportView({ report, name, checkedAtMs, actions }: ReportViewProps): ReactElement {
  const { t } = useTranslation('check')
  const format = useFormat()
  const { verdict, nextStep, asOf, attachedTo, certificate, checks, group } = report
  const isCopy = verdict === 'valid' && checks.some(({ code }) => copies.has(code))
  const recipient = checks.find(({ code }) => code === 'holder_printed')?.facts['recipient']
  const statusAge = checks.find(({ name: check }) => check === 'status')?.facts['ageMs']
  return (
    <article className="report">
      <header className={`verdict verdict-${verdict}`} data-testid="verdict" data-verdict={verdict}>
        <Stamp kind={verdict} />
        <div className="verdict-words">
          <p className="verdict-name" title={name}>
            {name}
          </p>
          <h2 className="verdict-word">{t(`verdict.${verdict}`)}</h2>
          {isCopy && (
            <p className="verdict-copy" data-testid="copy">
              {t('copy')}
            </p>
          )}
          {typeof recipient === 'string' && (
            <p className="verdict-recipient" data-testid="made-for">
              {t('copyFor', { recipient })}
            </p>
          )}
          {attachedTo === 'pdf' && certificate !== undefined && (
            <p className="verdict-copy" data-testid="attached">
              {t('attachedTo')}
            </p>
          )}
          <p className="verdict-step" data-testid="next-step" data-step={nextStep}>
            {t(`steps.${nextStep}`)}
          </p>
        </div>
      </header>
      <p className="as-of" data-testid="as-of">
        {asOf === undefined
          ? t('asOf.none', { checked: format.moment(checkedAtMs) })
          : t('asOf.line', {
              checked: format.moment(checkedAtMs),
              size: format.integer(asOf.size),
              issued: format.moment(asOf.bundleIssuedAtMs),
              sequence: format.integer(asOf.bundleSequence),
            })}
        {typeof statusAge === 'number' && ` ${t('asOf.status', { age: format.span(Math.max(0, statusAge)) })}`}
      </p>
      {certificate !== undefined && (
        <CertificateContentView
          content={certificate}
          relied={verdict === 'valid'}
          right={checks.find(({ name: check }) => check === 'issuer')}
        />
      )}
      <CheckList checks={checks} />
      <footer className="report-foot">
        {group !== undefined && (
          <p className="report-group">
            {t('group')} <code>{group}</code>
          </p>
        )}
        <div className="report-actions no-print">{actions}</div>
      </footer>
    </article>
  )
}
