/** What goes onto paper: chosen fields, for whom, until when. */

import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { agent, type HeldCertificate, printsQuery } from '../../api/agent.ts'
import { useCityPath } from '../../city/city-link.tsx'
import { useFormat } from '../../format/use-format.ts'
import { Fault } from '../../parts/fault.tsx'
import { useNowMs } from '../../parts/now.ts'
import { Panel } from '../../parts/panel.tsx'
import { useSession } from '../../session/session.ts'
import { useAct } from '../../session/use-act.ts'
import { confirm } from './confirm.ts'
import { useCardWords } from './words.ts'

const dayMs = 86_400_000
const choices = [7, 30, 90] as const

export function PrintForm({
  certificate,
  close,
}: {
  readonly certificate: HeldCertificate
  readonly close: () => void
}): ReactElement {
  const { t } = useTranslation('wallet')
  const { signer } = useSession()
  const words = useCardWords()
  const format = useFormat()
  const nowMs = useNowMs()
  const act = useAct()
  const navigate = useNavigate()
  const cityPath = useCityPath()
  const queryClient = useQueryClient()
  const [recipientId, daysName] = [useId(), useId()]
  const [fields, setFields] = useState<readonly string[]>([])
  const [recipient, setRecipient] = useState('')
  const [days, setDays] = useState<number>(30)
  const { certificateId } = certificate
  const toggle = (field: string) =>
    setFields((before) => (before.includes(field) ? before.filter((name) => name !== field) : [...before, field]))

  const print = () =>
    act.run(async () => {
      const named = recipient.trim()
      const wish = {
        certificateId,
        fields,
        untilMs: Date.now() + days * dayMs,
        ...(named !== '' && { recipient: named }),
      }
      const { actId, statement } = await agent.preparePrint(wish)
      const { printId } = await agent.completePrint({ actId, assertion: await confirm(await signer(), statement) })
      await queryClient.invalidateQueries({ queryKey: printsQuery.queryKey })
      await navigate(cityPath(`/wallet/prints/${printId}`))
    })

  return (
    <Panel title={t('print.title')} note={t('print.note')}>
      <fieldset className="pick-list">
        <legend>{t('print.fields')}</legend>
        {words(certificate, certificate.fields).fields.map(({ field, label, value }) => (
          <label key={field} className="wanted-field">
            <input type="checkbox" checked={fields.includes(field)} onChange={() => toggle(field)} />
            <span className="wanted-words">
              <span className="wanted-label">{label}</span>
              <span className="wanted-value">{value}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="field" htmlFor={recipientId}>
        <span>{t('print.recipient')}</span>
        <input
          id={recipientId}
          value={recipient}
          maxLength={120}
          onChange={({ target }) => setRecipient(target.value)}
        />
      </label>
      <fieldset className="pick-row">
        <legend>{t('print.until')}</legend>
        {choices.map((choice) => (
          <label key={choice} className="pick">
            <input type="radio" name={daysName} checked={days === choice} onChange={() => setDays(choice)} />
            <span>{format.date(nowMs + choice * dayMs)}</span>
          </label>
        ))}
      </fieldset>
      <div className="wallet-answers">
        <button type="button" className="answer-button answer-no" onClick={close} disabled={act.isBusy}>
          {t('print.leave')}
        </button>
        <button
          type="button"
          className="answer-button answer-yes"
          onClick={print}
          disabled={act.isBusy || fields.length === 0}
          data-testid="make-print"
        >
          {t('print.make')}
        </button>
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}
