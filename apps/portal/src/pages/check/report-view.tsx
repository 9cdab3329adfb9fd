/** The verdict, in one word and one sentence; then what the certificate says; then what was checked. */
import type { Report, TrustBundle } from '@chengxin/audit'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../format/use-format.ts'
import { Icon } from '../../parts/icon.tsx'
import { Stamp } from '../../parts/seal.tsx'
import { CertificateContentView } from './certificate-content.tsx'
import { CheckList } from './check-list.tsx'

export interface ReportViewProps {
  readonly report: Report
  /** What was checked: the name of the file, or of the sample. */
  readonly name: string
  readonly checkedAtMs: number
  readonly bundle: TrustBundle | undefined
  readonly again: () => void
}

export function ReportView({ report, name, checkedAtMs, again }: ReportViewProps): ReactElement {
  const { t } = useTranslation('check')
  const format = useFormat()
  const { verdict, nextStep, asOf, certificate, checks, group } = report
  return (
    <article className="report">
      <header className={`verdict verdict-${verdict}`} data-testid="verdict" data-verdict={verdict}>
        <Stamp kind={verdict} />
        <div className="verdict-words">
          <p className="verdict-name" title={name}>
            {name}
          </p>
          <h2 className="verdict-word">{t(`verdict.${verdict}`)}</h2>
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
      </p>
      {certificate !== undefined && <CertificateContentView content={certificate} relied={verdict === 'valid'} />}
      <CheckList checks={checks} />
      <footer className="report-foot">
        {group !== undefined && (
          <p className="report-group">
            {t('group')} <code>{group}</code>
          </p>
        )}
        <div className="report-actions no-print">
          <Button type="primary" size="large" onClick={again} data-testid="check-another">
            {t('another')}
          </Button>
          <Button size="large" icon={<Icon name="print" size={18} />} onClick={() => print()}>
            {t('print')}
          </Button>
        </div>
      </footer>
    </article>
  )
}
