/** One request while it waits, and what came of it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useCodeSentence } from '../../activity/sentence.ts'
import {
  type AskedRequest,
  type RegistrationAnswer,
  requestQuery,
  requestsQuery,
  verifierDesk,
} from '../../api/verifier.ts'
import { useFormat } from '../../format/use-format.ts'
import { saveText } from '../../offline/save-text.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Loaded } from '../../parts/load-state.tsx'
import { useNowMs } from '../../parts/now.ts'
import { Panel } from '../../parts/panel.tsx'
import { QrCode } from '../../qr/qr-code.tsx'
import { useAct } from '../../session/use-act.ts'
import { ReportView } from '../check/report-view.tsx'
import { useRegistrationWords } from './words.ts'
import '../check/check.css'
import { Fault } from '../../parts/fault.tsx'

export interface AskedViewProps {
  readonly requestId: string
  readonly answer: RegistrationAnswer
  readonly again: () => void
}

export function AskedView({ requestId, answer, again }: AskedViewProps): ReactElement {
  const { t } = useTranslation('verifier')
  const query = useQuery(requestQuery(requestId))
  return (
    <div className="asked" data-testid="asked" data-status={query.data?.status} aria-live="polite">
      <Loaded query={query}>
        {(asked) =>
          asked.status === 'open' ? (
            <Waiting asked={asked} answer={answer} />
          ) : (
            <Answered asked={asked} answer={answer} again={again} />
          )
        }
      </Loaded>
      <div className="button-row no-print">
        <button type="button" className="plain-button" onClick={again} data-testid="asked-again">
          {t('asked.again')}
        </button>
      </div>
    </div>
  )
}

function Waiting({
  asked,
  answer,
}: {
  readonly asked: AskedRequest
  readonly answer: RegistrationAnswer
}): ReactElement {
  const { t } = useTranslation('verifier')
  const words = useRegistrationWords(answer)
  const format = useFormat()
  const nowMs = useNowMs()
  const { link, untilMs, purposeId, typeId, fields, optional = [] } = asked
  return (
    <Panel title={t('asked.waiting')} note={t('asked.scan')}>
      <div className="asked-waiting">
        {link !== undefined && <QrCode text={link} label={t('asked.qr')} />}
        <div className="asked-words">
          <p className="asked-purpose">{words.purpose(purposeId)}</p>
          <p>{words.type(typeId)}</p>
          <ul className="asked-fields">
            {fields.map((field) => (
              <li key={field}>
                {optional.includes(field)
                  ? t('ask.ifYouLike', { field: words.field(typeId, field) })
                  : words.field(typeId, field)}
              </li>
            ))}
          </ul>
          <p className="asked-time">{t('asked.left', { span: format.span(Math.max(0, untilMs - nowMs)) })}</p>
          {link !== undefined && (
            <p className="asked-link">
              <a href={link}>{t('asked.link')}</a> <CopyButton text={link} />
            </p>
          )}
        </div>
      </div>
    </Panel>
  )
}

function Answered({
  asked,
  answer,
  again,
}: { readonly asked: AskedRequest } & Omit<AskedViewProps, 'requestId'>): ReactElement {
  const { t } = useTranslation('verifier')
  const words = useRegistrationWords(answer)
  const codeSentence = useCodeSentence()
  const format = useFormat()
  const queryClient = useQueryClient()
  const act = useAct()
  const { requestId, status, shown, reports = [], code = '', answeredAtMs = 0, keepUntilMs, withdrawnAtMs } = asked
  if (status === 'expired') return <Empty icon="clock" title={t('asked.expired')} next={t('asked.expiredNext')} />
  const report = shown?.report ?? reports[0]
  if (report === undefined) {
    return (
      <Empty
        icon="cross"
        title={code === 'wallet_refused' ? t('asked.refused') : codeSentence(code)}
        next={t('asked.refusedNext')}
      />
    )
  }
  const save = () => act.run(async () => saveText('chengxin-report.jws', await verifierDesk.report(requestId)))
  const erase = () =>
    act.run(async () => {
      await verifierDesk.erase(requestId)
      await queryClient.invalidateQueries({ queryKey: requestsQuery.queryKey })
      again()
    })
  return (
    <>
      {/* Before what follows, which says of the past that it was valid. */}
      {withdrawnAtMs !== undefined && (
        <p className="withdrawn-note" role="status" data-testid="asked-withdrawn">
          {t('asked.withdrawn', { when: format.moment(withdrawnAtMs) })}
        </p>
      )}
      <ReportView
        report={report}
        name={words.purpose(asked.purposeId)}
        checkedAtMs={answeredAtMs}
        actions={
          <>
            <button
              type="button"
              className="main-button"
              onClick={() => save()}
              disabled={act.isBusy}
              data-testid="report-save"
            >
              <Icon name="download" size={18} />
              {t('asked.save')}
            </button>
            <button type="button" className="plain-button" onClick={() => print()}>
              <Icon name="print" size={18} />
              {t('asked.print')}
            </button>
            <button
              type="button"
              className="plain-button"
              onClick={() => erase()}
              disabled={act.isBusy}
              data-testid="asked-erase"
            >
              {t('asked.erase')}
            </button>
          </>
        }
      />
      <p className="ask-note">{t('asked.kept', { when: format.moment(keepUntilMs) })}</p>
      <Fault sentence={act.fault} />
    </>
  )
}
