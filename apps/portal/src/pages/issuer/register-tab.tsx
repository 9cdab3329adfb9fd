/** A register on its way in: the file, which column is which field, what is wrong, and entitlements made of the rest. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  issuerDesk,
  jobQuery,
  type Mapping,
  type Office,
  type OfficeType,
  officeQuery,
  type TakenRegister,
  type Trial,
} from '../../api/issuer.ts'
import { useFormat } from '../../format/use-format.ts'
import { Fault } from '../../parts/fault.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/load-state.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useAct } from '../../session/use-act.ts'
import { Choice } from '../verifier/choice.tsx'
import { MappingForm, startMapping } from './mapping-form.tsx'
import { TrialView } from './trial-view.tsx'
import { useTexts } from './words.ts'

export function RegisterTab({ office }: { readonly office: Office }): ReactElement {
  const [taken, setTaken] = useState<TakenRegister>()
  const [jobId, setJobId] = useState<string>()
  const again = () => {
    setTaken(undefined)
    setJobId(undefined)
  }
  const types = office.types.filter(({ state }) => state === 'published')
  const type = types.find(({ typeId }) => typeId === taken?.typeId)
  if (jobId !== undefined) return <Making jobId={jobId} again={again} />
  if (taken === undefined || type === undefined) return <TakeFile types={types} taken={setTaken} />
  return <Mapped key={taken.importId} taken={taken} type={type} again={again} started={setJobId} />
}

const encodings = ['utf-8', 'big5', 'gb18030', 'utf-16le', 'windows-1252'] as const

function TakeFile({
  types,
  taken,
}: {
  readonly types: readonly OfficeType[]
  readonly taken: (register: TakenRegister) => void
}): ReactElement {
  const { t } = useTranslation('issuer')
  const text = useTexts()
  const act = useAct()
  const encodingId = useId()
  const [typeId, setTypeId] = useState(types[0]?.typeId ?? '')
  const [encoding, setEncoding] = useState<string>('utf-8')
  const take = (file: File | undefined) => {
    if (file !== undefined) act.run(async () => taken(await issuerDesk.take(typeId, file, encoding)))
  }
  return (
    <div className="issuer-stack">
      <Choice
        legend={t('register.type')}
        options={types.map((type) => ({ key: type.typeId, label: text(type.names) }))}
        chosen={typeId}
        choose={setTypeId}
      />
      <Panel title={t('register.file')} note={t('register.fileNote')}>
        <div className="issuer-line">
          <label htmlFor={encodingId}>{t('register.encoding')}</label>
          <select id={encodingId} value={encoding} onChange={(event) => setEncoding(event.target.value)}>
            {encodings.map((name) => (
              <option key={name} value={name}>
                {name === 'utf-8' ? t('register.utf8') : name}
              </option>
            ))}
          </select>
        </div>
        <label className="main-button issuer-file">
          <Icon name="upload" />
          {t('register.choose')}
          <input
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => take(event.target.files?.[0])}
            data-testid="register-file"
          />
        </label>
        <Fault sentence={act.fault} />
      </Panel>
    </div>
  )
}

interface MappedProps {
  readonly taken: TakenRegister
  readonly type: OfficeType
  readonly again: () => void
  readonly started: (jobId: string) => void
}

function Mapped({ taken, type, again, started }: MappedProps): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const act = useAct()
  const [mapping, setMapping] = useState<Mapping>(() => startMapping(taken, type))
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set())
  const [trial, setTrial] = useState<Trial>()
  const wish = (lines: ReadonlySet<number>) => ({ mapping, leftOut: [...lines].sort((a, b) => a - b) })
  const tryOut = (lines: ReadonlySet<number>) =>
    act.run(async () => {
      setLeftOut(lines)
      setTrial(await issuerDesk.tryOut(taken.importId, wish(lines)))
    })
  const make = () => act.run(async () => started((await issuerDesk.make(taken.importId, wish(leftOut))).jobId))
  return (
    <div className="issuer-stack">
      <Panel
        title={t('register.columns')}
        note={t('register.columnsNote', { count: format.integer(taken.rowCount) })}
        action={
          <button type="button" className="link-button" onClick={again}>
            {t('register.another')}
          </button>
        }
      >
        <MappingForm
          taken={taken}
          type={type}
          mapping={mapping}
          change={(changed) => {
            setMapping(changed)
            setTrial(undefined)
          }}
        />
        <div className="button-row">
          <button
            type="button"
            className={trial === undefined ? 'main-button' : 'plain-button'}
            disabled={act.isBusy}
            onClick={() => tryOut(leftOut)}
            data-testid="register-try"
          >
            {t('register.try')}
          </button>
        </div>
      </Panel>
      {trial !== undefined && (
        <TrialView trial={trial} leaveOut={(lines) => tryOut(new Set([...leftOut, ...lines]))} isBusy={act.isBusy} />
      )}
      {trial?.faultCount === 0 && trial.good > 0 && (
        <div className="button-row">
          <button
            type="button"
            className="main-button"
            disabled={act.isBusy}
            onClick={make}
            data-testid="register-make"
          >
            {t('register.make', { count: format.integer(trial.good) })}
          </button>
        </div>
      )}
      <Fault sentence={act.fault} />
    </div>
  )
}

function Making({ jobId, again }: { readonly jobId: string; readonly again: () => void }): ReactElement {
  const { t } = useTranslation('issuer')
  const format = useFormat()
  const queryClient = useQueryClient()
  const query = useQuery(jobQuery(jobId))
  return (
    <Loaded query={query}>
      {({ done, of, state }) => (
        <Panel title={state === 'done' ? t('register.done') : t('register.making')}>
          <progress className="issuer-progress" value={done} max={of} aria-label={t('register.making')} />
          <p aria-live="polite" data-testid="register-progress" data-state={state}>
            {t('register.progress', { done: format.integer(done), of: format.integer(of) })}
          </p>
          {state === 'done' && (
            <>
              <p>{t('register.claimNext')}</p>
              <div className="button-row">
                <button
                  type="button"
                  className="plain-button"
                  onClick={() => {
                    void queryClient.invalidateQueries({ queryKey: officeQuery.queryKey })
                    again()
                  }}
                >
                  {t('register.another')}
                </button>
              </div>
            </>
          )}
        </Panel>
      )}
    </Loaded>
  )
}
