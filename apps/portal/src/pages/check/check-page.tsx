/** Is this certificate genuine? One answer first, then what it rests on. Nothing leaves this browser. */
import type { Report } from '@chengxin/audit'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type BundleInUse, cityBundleQuery, loadCore } from '../../check/use-bundle.ts'
import { useCity } from '../../city/city.ts'
import { Failure } from '../../parts/load-state.tsx'
import { Page } from '../../parts/page.tsx'
import { BundleLine } from './bundle-line.tsx'
import { CheckInput } from './check-input.tsx'
import { ReportView } from './report-view.tsx'
import { SampleCertificates } from './sample-certificates.tsx'
import './check.css'

type Work =
  | { readonly step: 'waiting' }
  | { readonly step: 'working' }
  | { readonly step: 'answered'; readonly report: Report; readonly name: string; readonly checkedAtMs: number }
  | { readonly step: 'failed'; readonly problem: unknown; readonly read: () => Promise<string>; readonly name: string }

export function CheckPage(): ReactElement {
  const { t } = useTranslation('check')
  const { group } = useCity()
  const cityBundle = useQuery(cityBundleQuery(group.id))
  const [brought, setBrought] = useState<BundleInUse>()
  const [work, setWork] = useState<Work>({ step: 'waiting' })
  const answer = useRef<HTMLDivElement>(null)
  const bundle = brought ?? cityBundle.data

  const checkText = async (read: () => Promise<string>, name: string) => {
    setWork({ step: 'working' })
    try {
      const [core, text] = await Promise.all([loadCore(), read()])
      const checkedAtMs = Date.now()
      const report = await core.check(text.trim(), bundle?.found, checkedAtMs)
      setWork({ step: 'answered', report, name, checkedAtMs })
    } catch (problem) {
      setWork({ step: 'failed', problem, read, name })
    }
  }
  const answered = work.step === 'answered'
  useEffect(() => {
    if (!answered) return
    answer.current?.focus({ preventScroll: true })
    answer.current?.scrollIntoView({ block: 'start', behavior: 'smooth' })
  }, [answered])

  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="check-columns">
        <div className="check-main">
          <div ref={answer} tabIndex={-1} className="answer" aria-live="polite" aria-busy={work.step === 'working'}>
            {work.step === 'answered' && (
              <ReportView {...work} bundle={bundle?.found?.opened} again={() => setWork({ step: 'waiting' })} />
            )}
            {work.step === 'failed' && (
              <Failure problem={work.problem} retry={() => void checkText(work.read, work.name)} />
            )}
          </div>
          {!answered && (
            <div className="no-print">
              <CheckInput busy={work.step === 'working' || cityBundle.isPending} check={checkText} />
              <SampleCertificates check={checkText} busy={work.step === 'working' || cityBundle.isPending} />
            </div>
          )}
        </div>
        <BundleLine bundle={bundle} query={cityBundle} brought={brought !== undefined} bring={setBrought} />
      </div>
    </Page>
  )
}
