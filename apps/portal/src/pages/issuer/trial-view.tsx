/** What a register would become: rows that are good, and every fault by row and column. Nothing has been made. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Fault, Trial } from '../../api/issuer.ts'
import { useFormat } from '../../format/use-format.ts'
import { Panel } from '../../parts/panel.tsx'
import { RecordList } from '../../parts/record-list.tsx'

export interface TrialViewProps {
  readonly trial: Trial
  readonly isBusy: boolean
  readonly leaveOut: (lines: readonly number[]) => void
}

export function TrialView({ trial, isBusy, leaveOut }: TrialViewProps): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const { rows, good, leftOut, faultCount, faults } = trial
  const counts = {
    rows: format.integer(rows),
    good: format.integer(good),
    leftOut: format.integer(leftOut),
    faults: format.integer(faultCount),
  }
  // The header's faults are no row's: they go by mapping otherwise.
  const lines = [...new Set(faults.filter(({ code }) => !code.endsWith('_not_mapped')).map(({ line }) => line))]
  return (
    <Panel title={faultCount === 0 ? t('trial.good') : t('trial.faulty')} note={t('trial.counts', counts)}>
      <div data-testid="trial" data-faults={faultCount} data-good={good} role="status">
        {faultCount === 0 && <p>{t('trial.ready')}</p>}
      </div>
      {faultCount > 0 && (
        <>
          <RecordList
            caption={t('trial.faulty')}
            rows={faults}
            rowKey={({ line, column = '', code }) => `${String(line)} ${column} ${code}`}
            columns={[
              {
                key: 'line',
                header: t('trial.line'),
                lead: true,
                numeric: true,
                cell: ({ line }) => format.integer(line),
              },
              { key: 'column', header: t('trial.column'), cell: ({ column }) => column ?? t('trial.wholeRow') },
              { key: 'fault', header: t('trial.fault'), cell: (fault) => <FaultWords fault={fault} /> },
            ]}
          />
          <div className="button-row">
            <button
              type="button"
              className="plain-button"
              disabled={isBusy || lines.length === 0}
              onClick={() => leaveOut(lines)}
              data-testid="trial-leave-out"
            >
              {t('trial.leaveOut', { count: format.integer(lines.length) })}
            </button>
          </div>
        </>
      )}
    </Panel>
  )
}

function FaultWords({ fault: { code, firstLine } }: { readonly fault: Fault }): ReactElement {
  const { t, i18n } = useTranslation('issuer')
  // A key that ends in `many` would be taken for a plural form.
  const key = `issuer:faults.${code === 'cells_too_many' ? 'too_many_cells' : code}`
  const words = i18n.exists(key) ? t(key as never) : code
  return (
    <>
      {words}
      {firstLine !== undefined && ` ${t('trial.firstLine', { line: firstLine })}`}
    </>
  )
}
