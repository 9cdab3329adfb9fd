/** Where certificates are brought and answered, one or many; used by the open page and by offices. */
import type { OpenedReport } from '@chengxin/audit'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Answered, type Judged, judgedByNewest } from '../../check/judged-by-newest.ts'
import type { Taken } from '../../check/take-file.ts'
import { type BundleInUse, cityBundleQuery, loadCore } from '../../check/use-bundle.ts'
import { useCity } from '../../city/city.ts'
import { saveText } from '../../offline/save-text.ts'
import { Icon } from '../../parts/icon.tsx'
import { Failure } from '../../parts/load-state.tsx'
import { BundleLine } from './bundle-line.tsx'
import { CheckInput } from './check-input.tsx'
import { ManyResults } from './many-results.tsx'
import { ReportView } from './report-view.tsx'
import { SampleCertificates } from './sample-certificates.tsx'
import { SignedReportView } from './signed-report-view.tsx'
import '../../parts/button.css'
import './check.css'

/** Something to check, read when its turn comes. */
export interface Brought {
  readonly name: string
  readonly read: () => Promise<Taken>
}

export interface NamedText {
  readonly name: string
  readonly text: string
}

type Work =
  | { readonly step: 'waiting' }
  | { readonly step: 'working'; readonly done: number; readonly of: number }
  | { readonly step: 'asking' }
  | { readonly step: 'answered'; readonly answers: readonly Answered[]; readonly checkedAtMs: number }
  | { readonly step: 'signed'; readonly name: string; readonly report: OpenedReport | { readonly refused: string } }
  | { readonly step: 'failed'; readonly problem: unknown; readonly brought: readonly Brought[] }

export interface CheckDeskProps {
  /** What else can be done with what was checked. */
  readonly further?: (files: readonly Answered[]) => ReactNode
  readonly withSamples?: boolean
  /** What another page has handed over: checked as soon as there is something to check it against. */
  readonly handed?: NamedText | undefined
}

export function CheckDesk({ further, withSamples = false, handed }: CheckDeskProps): ReactElement {
  // With all words that an answer needs: once it is there, nothing has to be fetched before it is shown.
  const { t } = useTranslation(['check', 'values'])
  const { group } = useCity()
  const cityBundle = useQuery(cityBundleQuery(group.id))
  const [own, setOwn] = useState<BundleInUse>()
  const [work, setWork] = useState<Work>({ step: 'waiting' })
  const answer = useRef<HTMLDivElement>(null)
  const bundle = own ?? cityBundle.data

  const check = async (brought: readonly Brought[]) => {
    try {
      setWork({ step: 'working', done: 0, of: brought.length })
      // Who is faster than the city's bundle waits for it; without one nothing is lost but certainty.
      const bundle = own ?? cityBundle.data ?? (await cityBundle.refetch({ cancelRefetch: false })).data
      const core = await loadCore()
      const checkedAtMs = Date.now()
      const answers: Judged[] = []
      for (const { name, read } of brought) {
        setWork({ step: 'working', done: answers.length, of: brought.length })
        const taken = await read()
        const { text } = taken
        if (brought.length === 1 && core.looksLikeReport(text)) {
          setWork({ step: 'signed', name, report: await core.openReport(text, bundle?.found) })
          return
        }
        answers.push({ name, text, taken, report: await core.check(taken, bundle?.found, checkedAtMs) })
      }
      // Who brought a bundle of their own wants to be answered by that one.
      const ask = async () => {
        setWork({ step: 'asking' })
        return (await cityBundle.refetch()).data
      }
      setWork({
        step: 'answered',
        ...(own === undefined ? await judgedByNewest({ answers, checkedAtMs }, ask) : { answers, checkedAtMs }),
      })
    } catch (problem) {
      setWork({ step: 'failed', problem, brought })
    }
  }
  const isReady = !cityBundle.isFetching
  const taken = useRef<NamedText>(undefined)
  useEffect(() => {
    if (handed === undefined || !isReady || taken.current === handed) return
    taken.current = handed
    void check([{ name: handed.name, read: async () => ({ text: handed.text.trim() }) }])
  })
  const again = () => setWork({ step: 'waiting' })
  const isOver = work.step === 'answered' || work.step === 'signed'
  const isBusy = work.step === 'working' || work.step === 'asking'
  useEffect(() => {
    if (!isOver) return
    answer.current?.focus({ preventScroll: true })
    answer.current?.scrollIntoView({ block: 'start', behavior: 'smooth' })
  }, [isOver])

  return (
    <div className="check-columns">
      <div className="check-main">
        <div ref={answer} tabIndex={-1} className="answer" aria-live="polite" aria-busy={isBusy}>
          {work.step === 'working' && work.of > 1 && (
            <p className="check-progress">{t('many.working', { done: work.done, of: work.of })}</p>
          )}
          {work.step === 'asking' && (
            <p className="check-progress" data-testid="asking-newest">
              {t('askingNewest')}
            </p>
          )}
          {work.step === 'answered' && (
            <Answers {...work} actions={<Actions {...work} again={again} further={further?.(work.answers)} />} />
          )}
          {work.step === 'signed' && <SignedReportView name={work.name} report={work.report} again={again} />}
          {work.step === 'failed' && <Failure problem={work.problem} retry={() => void check(work.brought)} />}
        </div>
        {!isOver && (
          <div className="no-print">
            <CheckInput busy={isBusy} check={check} />
            {withSamples && <SampleCertificates check={check} busy={isBusy} />}
          </div>
        )}
      </div>
      <BundleLine bundle={bundle} query={cityBundle} brought={own !== undefined} bring={setOwn} />
    </div>
  )
}

interface AnswersProps {
  readonly answers: readonly Answered[]
  readonly checkedAtMs: number
  readonly actions: ReactNode
}

function Answers({ answers, checkedAtMs, actions }: AnswersProps): ReactElement {
  const [only] = answers
  if (only !== undefined && answers.length === 1) {
    return <ReportView report={only.report} name={only.name} checkedAtMs={checkedAtMs} actions={actions} />
  }
  return <ManyResults answers={answers} checkedAtMs={checkedAtMs} actions={actions} />
}

function Actions({
  answers,
  checkedAtMs,
  again,
  further,
}: Omit<AnswersProps, 'actions'> & { readonly again: () => void; readonly further: ReactNode }): ReactElement {
  const { t } = useTranslation('check')
  const save = () => {
    const reports = answers.map(({ name, report }) => ({ name, report }))
    saveText('chengxin-check.json', `${JSON.stringify({ checkedAtMs, reports }, null, 2)}\n`)
  }
  return (
    <>
      <button type="button" className="main-button" onClick={again} data-testid="check-another">
        {t('another')}
      </button>
      <button type="button" className="plain-button" onClick={() => print()}>
        <Icon name="print" size={18} />
        {t('print')}
      </button>
      <button type="button" className="plain-button" onClick={save} data-testid="check-save">
        <Icon name="download" size={18} />
        {t('save')}
      </button>
      {further}
    </>
  )
}
