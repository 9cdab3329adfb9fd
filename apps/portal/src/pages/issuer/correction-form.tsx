/** Certifying otherwise: the fields as they are, what is changed, and the offer of the new certificate. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Certificate, type Field, issuerDesk, type OfficeType, officeQuery } from '../../api/issuer.ts'
import { Fault } from '../../parts/fault.tsx'
import { Panel } from '../../parts/panel.tsx'
import { QrCode } from '../../qr/qr-code.tsx'
import { useAct } from '../../session/use-act.ts'
import { useTexts } from './words.ts'

export interface CorrectionFormProps {
  readonly certificate: Certificate
  readonly type: OfficeType
  readonly done: () => void
}

export function CorrectionForm({ certificate, type, done }: CorrectionFormProps): ReactElement {
  const { t } = useTranslation('issuer')
  const queryClient = useQueryClient()
  const act = useAct()
  const before = certificate.claims ?? {}
  const [values, setValues] = useState<{ readonly [field: string]: string }>(before)
  const [offer, setOffer] = useState<string>()
  const changed = Object.fromEntries(
    type.fields.flatMap(({ name }) => {
      const value = values[name] ?? ''
      return value === (before[name] ?? '') ? [] : [[name, value] as const]
    }),
  )
  const save = () =>
    act.run(async () => {
      setOffer((await issuerDesk.correct(certificate.reference, changed)).uri)
      await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey.slice(0, 2) })
    })
  if (offer !== undefined) {
    return (
      <Panel title={t('correction.made')} note={t('correction.fetch')}>
        <QrCode text={offer} label={t('correction.qr')} />
        <div className="button-row">
          <button type="button" className="plain-button" onClick={done}>
            {t('correction.back')}
          </button>
        </div>
      </Panel>
    )
  }
  return (
    <Panel title={t('correction.title')} note={t('correction.note')}>
      {type.fields.map((field) => (
        <FieldLine
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          change={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <div className="button-row">
        <button
          type="button"
          className="main-button"
          disabled={Object.keys(changed).length === 0 || act.isBusy}
          onClick={save}
        >
          {t('correction.save')}
        </button>
        <button type="button" className="plain-button" onClick={done}>
          {t('correction.back')}
        </button>
      </div>
      <Fault sentence={act.fault} />
    </Panel>
  )
}

function FieldLine({
  field,
  value,
  change,
}: {
  readonly field: Field
  readonly value: string
  readonly change: (value: string) => void
}): ReactElement {
  const text = useTexts()
  const id = useId()
  return (
    <div className="issuer-line">
      <label htmlFor={id}>{text(field.labels)}</label>
      <input id={id} value={value} onChange={(event) => change(event.target.value)} />
    </div>
  )
}
