/** A report that some office signed: who, when, and what it said. It is not the certificate, and says so. */
import type { OpenedReport } from '@chengxin/audit'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { FactList } from '../../parts/fact-list.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Tag } from '../../parts/tag.tsx'
import { Moment } from '../../parts/when.tsx'

export interface SignedReportViewProps {
  readonly name: string
  readonly report: OpenedReport | { readonly refused: string }
  readonly again: () => void
}

const faults = ['report_malformed', 'report_other_group', 'report_signer_unknown', 'report_signature_invalid'] as const

export function SignedReportView({ name, report, again }: SignedReportViewProps): ReactElement {
  const { t } = useTranslation('check')
  const fault = 'refused' in report ? (faults.find((known) => known === report.refused) ?? 'bundle_needed') : undefined
  return (
    <article className="report" data-testid="signed-report" data-fault={fault}>
      <Panel title={t('signed.title')} note={name}>
        {'refused' in report ? (
          <p className="fault">{t(`signed.fault.${fault ?? 'bundle_needed'}`)}</p>
        ) : (
          <>
            <FactList
              facts={[
                { name: t('signed.by'), value: report.organisation },
                { name: t('signed.domain'), value: report.domain },
                { name: t('signed.at'), value: <Moment timeMs={report.madeAtMs} /> },
                ...report.items.map(({ hash, report: item }, index) => ({
                  name: t('signed.item', { number: index + 1 }),
                  value: (
                    <>
                      <Tag tone={item.verdict === 'valid' ? 'good' : item.verdict === 'not_valid' ? 'bad' : 'warn'}>
                        {t(`verdict.${item.verdict}`)}
                      </Tag>{' '}
                      <code className="check-fact">{hash}</code>
                    </>
                  ),
                })),
              ]}
            />
            <p className="check-none">{t('signed.note')}</p>
          </>
        )}
      </Panel>
      <div className="report-actions no-print">
        <button type="button" className="main-button" onClick={again}>
          {t('another')}
        </button>
      </div>
    </article>
  )
}
