/** A type described in a form: names and labels in four languages, what may stand in each field; no code is written. */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Field, fieldKinds, issuerDesk, type OfficeType, officeQuery, type Texts } from '../../api/issuer.ts'
import { languages } from '../../i18n/languages.ts'
import { Fault } from '../../parts/fault.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useAct } from '../../session/use-act.ts'
import { Choice } from '../verifier/choice.tsx'

const noTexts: Texts = { en: '', 'zh-Hans': '', 'zh-Hant': '', pt: '' }
const newField: Field = { name: '', labels: noTexts, kind: 'text', isRequired: true }

export interface TypeEditorProps {
  readonly type?: OfficeType
  readonly done: () => void
}

export function TypeEditor({ type, done }: TypeEditorProps): ReactElement {
  const { t } = useTranslation('issuer')
  const queryClient = useQueryClient()
  const act = useAct()
  const [name, setName] = useState(type?.typeId.replace('type_', '') ?? '')
  const [names, setNames] = useState<Texts>(type?.names ?? noTexts)
  const [linkage, setLinkage] = useState<string>(type?.linkage ?? 'identified')
  const [fields, setFields] = useState<readonly Field[]>(type?.fields ?? [newField])
  const [days, setDays] = useState(type?.validForDays?.toString() ?? '')
  const [template, setTemplate] = useState(type?.template?.en.join('\n') ?? '')
  const change = (index: number, changed: Partial<Field>) =>
    setFields(fields.map((field, at) => (at === index ? { ...field, ...changed } : field)))
  const isWhole =
    /^([1-9][0-9]{0,4})?$/.test(days) &&
    Number(days) <= 36_500 &&
    /^[a-z0-9][a-z0-9-]*$/.test(name) &&
    languages.every(({ code }) => names[code] !== '') &&
    fields.every(
      (field) => /^[a-z][a-z0-9_]*$/.test(field.name) && languages.every(({ code }) => field.labels[code] !== ''),
    )
  const save = () =>
    act.run(async () => {
      const lines = template.split('\n')
      const inAll = { en: lines, 'zh-Hans': lines, 'zh-Hant': lines, pt: lines }
      await issuerDesk.draft({
        typeId: `type_${name}`,
        names,
        fields,
        linkage: linkage === 'unlinkable' ? 'unlinkable' : 'identified',
        ...(template.trim() === '' ? {} : { template: inAll }),
        ...(days === '' ? {} : { validForDays: Number(days) }),
      })
      await queryClient.invalidateQueries({ queryKey: officeQuery.queryKey })
      done()
    })
  return (
    <form
      className="issuer-stack"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Panel title={t('editor.what')}>
        <Line label={t('editor.id')} value={name} change={setName} testId="type-id" />
        <InAllLanguages label={t('editor.name')} texts={names} change={setNames} testId="type-name" />
        <Line label={t('editor.days')} note={t('editor.daysNote')} value={days} change={setDays} testId="type-days" />
      </Panel>
      <Choice
        legend={t('editor.linkage')}
        options={(['identified', 'unlinkable'] as const).map((key) => ({
          key,
          label: t(`editor.${key}`),
          note: t(`editor.${key}Note`),
        }))}
        chosen={linkage}
        choose={setLinkage}
      />
      {fields.map((field, index) => (
        <FieldForm
          // A field has no name until it is given one; its place is what it is known by.
          key={`field ${String(index)}`}
          number={index + 1}
          field={field}
          change={(changed) => change(index, changed)}
          remove={fields.length > 1 ? () => setFields(fields.filter((_, at) => at !== index)) : undefined}
        />
      ))}
      <div className="button-row">
        <button type="button" className="plain-button" onClick={() => setFields([...fields, newField])}>
          {t('editor.addField')}
        </button>
      </div>
      <Panel title={t('editor.template')} note={t('editor.templateNote')}>
        <textarea
          className="issuer-text"
          rows={5}
          value={template}
          aria-label={t('editor.template')}
          onChange={(event) => setTemplate(event.target.value)}
        />
      </Panel>
      <div className="button-row">
        <button type="submit" className="main-button" disabled={!isWhole || act.isBusy} data-testid="type-save">
          {t('editor.save')}
        </button>
        <button type="button" className="plain-button" onClick={done}>
          {t('editor.back')}
        </button>
      </div>
      <Fault sentence={act.fault} />
    </form>
  )
}

interface FieldFormProps {
  readonly number: number
  readonly field: Field
  readonly change: (changed: Partial<Field>) => void
  readonly remove: (() => void) | undefined
}

function FieldForm({ number, field, change, remove }: FieldFormProps): ReactElement {
  const { t } = useTranslation('issuer')
  const kindId = useId()
  return (
    <Panel
      title={t('editor.field', { number })}
      {...(remove === undefined
        ? {}
        : {
            action: (
              <button type="button" className="link-button" onClick={remove}>
                {t('editor.remove')}
              </button>
            ),
          })}
    >
      <Line
        label={t('editor.fieldId')}
        value={field.name}
        change={(name) => change({ name })}
        testId={`field-id-${String(number)}`}
      />
      <InAllLanguages
        label={t('editor.label')}
        texts={field.labels}
        change={(labels) => change({ labels })}
        testId={`field-label-${String(number)}`}
      />
      <div className="issuer-line">
        <label htmlFor={kindId}>{t('editor.kind')}</label>
        <select
          id={kindId}
          value={field.kind}
          onChange={(event) => change({ kind: fieldKinds.find((kind) => kind === event.target.value) ?? 'text' })}
        >
          {fieldKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`editor.kinds.${kind}`)}
            </option>
          ))}
        </select>
      </div>
      {field.kind === 'choice' && (
        <Line
          label={t('editor.choices')}
          value={(field.choices ?? []).join(', ')}
          change={(text) => change({ choices: text.split(',').map((choice) => choice.trim()) })}
        />
      )}
      <Tick label={t('editor.required')} isOn={field.isRequired} turn={(isRequired) => change({ isRequired })} />
      <Tick label={t('editor.unique')} isOn={field.isUnique === true} turn={(isUnique) => change({ isUnique })} />
    </Panel>
  )
}

function Line({
  label,
  value,
  change,
  testId,
  note,
}: {
  readonly label: string
  readonly value: string
  readonly change: (value: string) => void
  readonly testId?: string
  readonly note?: string
}): ReactElement {
  const [id, noteId] = [useId(), useId()]
  return (
    <div className="issuer-line">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        onChange={(event) => change(event.target.value)}
        aria-describedby={note === undefined ? undefined : noteId}
        data-testid={testId}
      />
      {note !== undefined && (
        <p className="issuer-note" id={noteId}>
          {note}
        </p>
      )}
    </div>
  )
}

function InAllLanguages({
  label,
  texts,
  change,
  testId,
}: {
  readonly label: string
  readonly texts: Texts
  readonly change: (texts: Texts) => void
  readonly testId: string
}): ReactElement {
  return (
    <fieldset className="issuer-languages">
      <legend>{label}</legend>
      {languages.map(({ code, label: name }) => (
        <Line
          key={code}
          label={name}
          value={texts[code]}
          change={(value) => change({ ...texts, [code]: value })}
          testId={`${testId}-${code}`}
        />
      ))}
    </fieldset>
  )
}

function Tick({
  label,
  isOn,
  turn,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly turn: (isOn: boolean) => void
}): ReactElement {
  return (
    <label className="issuer-tick">
      <input type="checkbox" checked={isOn} onChange={(event) => turn(event.target.checked)} />
      {label}
    </label>
  )
}
